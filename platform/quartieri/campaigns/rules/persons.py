"""Who gives: one person however the address is written, fiscal codes, the team itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from stdnum.eu import vat
from stdnum.it import codicefiscale, iva

from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import lazy

PERSONS_SIGNS = 16


def masked(email: str) -> str:
    """Give an address as others may read it: its first sign and its host."""
    name, _, host = email.partition("@")
    return f"{name[:1]}…@{host}" if host else ""


def mailbox(email: str) -> str:
    """Give the mailbox behind an address: small letters, without what stands after a plus."""
    name, at, domain = email.strip().lower().rpartition("@")
    return f"{name.partition('+')[0]}{at}{domain}"


def checked_tax_code(text: str, *, company: bool) -> str:
    """Give a fiscal code or VAT number as it is written down; raise InvalidError for a wrong one.

    A person has a fiscal code of sixteen signs; a company an Italian fiscal code or VAT number of
    eleven digits, or the VAT number of another country of the Union, with its two letters.
    """
    code = "".join(text.split()).upper()
    if not code:
        return ""
    if company:
        if iva.is_valid(code) or codicefiscale.is_valid(code):
            return code.removeprefix("IT")
        if vat.is_valid(code):
            return str(vat.compact(code))
        raise InvalidError(
            lazy("This is no valid VAT number or fiscal code. Check its digits."), field="tax_code"
        )
    if len(code) != PERSONS_SIGNS or not codicefiscale.is_valid(code):
        raise InvalidError(
            lazy("This is no valid fiscal code. It has 16 signs, such as RSSBEA80A41F205R."),
            field="tax_code",
        )
    return code


@dataclass(frozen=True, slots=True)
class Giver:
    """Who gives, as far as it is known: an account or an address, a name, a code."""

    user_id: int | None
    email: str
    name: str
    tax_code: str = ""


@dataclass(frozen=True, slots=True)
class Team:
    """Who proposes a project: its owner's account and mailbox, codes of the alliance, names."""

    owner_id: int
    mailbox: str
    tax_codes: Collection[str]
    names: Collection[str]

    def surely_holds(self, giver: Giver) -> bool:
        """Tell whether somebody is of the team, by account, address or code."""
        return (
            giver.user_id == self.owner_id
            or mailbox(giver.email) == self.mailbox
            or bool(giver.tax_code and giver.tax_code in self.tax_codes)
        )

    def may_hold(self, giver: Giver) -> bool:
        """Tell whether somebody is of the team, or has the name of one who is."""
        return self.surely_holds(giver) or plain(giver.name) in self.names


def plain(name: str) -> str:
    """Give a name as names are compared: small letters, single blanks."""
    return " ".join(name.casefold().split())
