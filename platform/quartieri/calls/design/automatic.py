"""What follows from the rules on who may apply: declarations, points of the checklist, a page.

A rule that the data of an application cannot settle is declared by the applicant and looked at by
the officer who checks. The words are part of the frozen document, so they stand in both languages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from quartieri.calls.design.form import (
    USUAL_FILES,
    FileKind,
    FormSection,
    Question,
    QuestionKind,
    Requirement,
)
from quartieri.calls.design.pages import FormPage
from quartieri.calls.design.reading import Text
from quartieri.calls.design.who import (
    AUTOMATIC,
    Declaration,
    DoubleFunding,
    Eligibility,
    Seat,
    Signature,
    StampDuty,
)

_SEATS: dict[str, tuple[Text, Text]] = {
    Seat.SEAT: (
        {
            "it": "Chi presenta la domanda ha la sede legale in città.",
            "en": "Who applies has its legal seat in the city.",
        },
        {"it": "La sede legale è in città.", "en": "The legal seat is in the city."},
    ),
    Seat.BASE: (
        {
            "it": "Chi presenta la domanda ha una sede operativa in città.",
            "en": "Who applies has an operational base in the city.",
        },
        {"it": "Una sede operativa è in città.", "en": "An operational base is in the city."},
    ),
    Seat.BASE_LATER: (
        {
            "it": "Chi presenta la domanda ha una sede operativa in città, o si impegna ad aprirla"
            " prima della firma della convenzione.",
            "en": "Who applies has an operational base in the city, or undertakes to open one"
            " before the agreement is signed.",
        },
        {
            "it": "Una sede operativa è in città, o c'è l'impegno ad aprirla prima della"
            " convenzione.",
            "en": "An operational base is in the city, or there is the commitment to open one"
            " before the agreement.",
        },
    ),
}
_UNCONSTITUTED: Text = {
    "it": "Se l'alleanza non è ancora costituita, i partner si impegnano per iscritto a"
    " costituirla.",
    "en": "If the alliance is not constituted yet, its partners undertake in writing to"
    " constitute it.",
}
_DOUBLE: dict[str, Text] = {
    DoubleFunding.OTHER_COSTS: {
        "it": "Nessun altro contributo pubblico paga gli stessi costi; quelli per altri costi sono"
        " indicati nella domanda.",
        "en": "No other public grant pays the same costs; those for other costs are named in the"
        " application.",
    },
    DoubleFunding.FORBIDDEN: {
        "it": "Il progetto non riceve altri contributi pubblici.",
        "en": "The project receives no other public grant.",
    },
}
_STAMP: dict[str, Text] = {
    StampDuty.DUE: {
        "it": "L'imposta di bollo sulla domanda è assolta.",
        "en": "The stamp duty on the application is paid.",
    },
    StampDuty.EXEMPTIBLE: {
        "it": "L'imposta di bollo sulla domanda è assolta, o chi presenta la domanda ne è esente"
        " per legge.",
        "en": "The stamp duty on the application is paid, or who applies is exempt from it by law.",
    },
}
_SIGNED: dict[str, Text] = {
    Signature.DIGITAL: {
        "it": "La domanda allegata è firmata digitalmente da chi può impegnare chi la presenta; il"
        " certificato è valido.",
        "en": "The application attached is digitally signed by who may bind the applicant; the"
        " certificate is valid.",
    },
    Signature.HAND: {
        "it": "La domanda allegata è firmata a mano da chi può impegnare chi la presenta, con copia"
        " di un documento d'identità valido.",
        "en": "The application attached is signed by hand by who may bind the applicant, with a"
        " copy of a valid identity document.",
    },
}


SIGNATURE_PAGE = f"{AUTOMATIC}signature"
_TITLE: Text = {"it": "La firma", "en": "The signature"}
_HELP: dict[str, Text] = {
    Signature.DIGITAL: {
        "it": "Quando il resto è completo, scarica la domanda in PDF, firmala con il tuo programma"
        " di firma digitale e caricala qui. Se poi cambi una risposta, scaricala e firmala di"
        " nuovo. Qui si controlla che il file porti una firma digitale; che il certificato sia"
        " valido lo verifica l'ufficio.",
        "en": "When the rest is complete, download the application as a PDF, sign it with your"
        " digital signature software and upload it here. If you change an answer later, download"
        " and sign it again. Here it is checked that the file carries a digital signature; whether"
        " the certificate is valid is verified by the office.",
    },
    Signature.HAND: {
        "it": "Quando il resto è completo, scarica la domanda in PDF, stampala, firmala e caricala"
        " qui, con un documento d'identità di chi firma. Se poi cambi una risposta, scaricala e"
        " firmala di nuovo.",
        "en": "When the rest is complete, download the application as a PDF, print it, sign it and"
        " upload it here, with an identity document of who signs. If you change an answer later,"
        " download and sign it again.",
    },
}
_SIGNED_FILES: dict[str, tuple[FileKind, ...]] = {
    Signature.DIGITAL: (FileKind.SIGNED,),
    Signature.HAND: USUAL_FILES,
}


def signature_page(who: Eligibility) -> FormPage | None:
    """Give the page on which a signed application is uploaded; None where signing in is enough."""
    if who.signature not in _SIGNED_FILES:
        return None
    upload = Question(
        f"{AUTOMATIC}signed",
        {"it": "La domanda firmata", "en": "The signed application"},
        kind=QuestionKind.FILE,
        section=SIGNATURE_PAGE,
        most=Decimal(5),
        file_kinds=_SIGNED_FILES[who.signature],
        personal=True,
        blind=True,
        unlockable=True,
    )
    identity = replace(
        upload,
        key=f"{AUTOMATIC}identity",
        label={
            "it": "Documento d'identità di chi firma",
            "en": "Identity document of who signs",
        },
    )
    asked = (upload, identity) if who.signature == Signature.HAND else (upload,)
    return FormPage(FormSection(SIGNATURE_PAGE, _TITLE, _HELP[who.signature]), asked)


def automatic_declarations(who: Eligibility) -> tuple[Declaration, ...]:
    """Give what must be declared because of rules that no data of the application settles."""
    return tuple(Declaration(f"{AUTOMATIC}{code}", text) for code, text in _declared(who))


def automatic_requirements(who: Eligibility) -> tuple[Requirement, ...]:
    """Give the points of the checklist that other rules bring with them."""
    return tuple(Requirement(f"{AUTOMATIC}{code}", text) for code, text in _checked(who))


def _declared(who: Eligibility) -> Iterator[tuple[str, Text]]:
    if who.seat is not None:
        yield "seat", _SEATS[who.seat][0]
    if who.alliance and who.unconstituted:
        yield "alliance", _UNCONSTITUTED
    if who.double_funding is not None:
        yield "double-funding", _DOUBLE[who.double_funding]
    if who.stamp_duty in _STAMP:
        yield "stamp-duty", _STAMP[who.stamp_duty]


def _checked(who: Eligibility) -> Iterator[tuple[str, Text]]:
    if who.seat is not None:
        yield "seat", _SEATS[who.seat][1]
    if who.alliance and who.unconstituted:
        yield "alliance", _UNCONSTITUTED
    if who.stamp_duty in _STAMP:
        yield "stamp-duty", _STAMP[who.stamp_duty]
    if who.signature in _SIGNED:
        yield "signature", _SIGNED[who.signature]
