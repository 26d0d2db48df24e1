"""The rules on who may apply, in plain words."""

from __future__ import annotations

from quartieri.calls.design import Eligibility, PartnerRule
from quartieri.calls.who_words import who_sentences
from quartieri.people.rules import OrganisationKind


def test_what_is_not_asked_is_not_said() -> None:
    assert who_sentences(Eligibility()) == ()
    assert who_sentences(Eligibility(partners=(PartnerRule(2),))) == ()


def test_every_rule_is_a_sentence() -> None:
    kinds = (OrganisationKind.BUSINESS, OrganisationKind.ASSOCIATION)
    who = Eligibility(
        max_group_members=12,
        min_organisation_age_years=1,
        alliance=True,
        partners=(PartnerRule(3), PartnerRule(2, kinds)),
        unconstituted=True,
        applications_most=1,
        seat="base",
        double_funding="forbidden",
        signature="hand",
        stamp_duty="due",
    )
    assert [str(s) for s in who_sentences(who)] == [
        "Informal group: at most 12 people.",
        "Age of an organisation, in years: at least 1.",
        "An alliance has at least 3 partners.",
        (
            "An alliance has at least 2 partners of these kinds:"
            " Micro, small or medium enterprise or Association."
        ),
        "An alliance that is not constituted yet may apply, with a written commitment.",
        "Applications of one applicant in a session: at most 1.",
        "Seat: An operational base is in the city.",
        "Other public money: Not allowed.",
        "Signature: By hand on the PDF, with a copy of an identity document.",
        "Stamp duty: Due.",
    ]
