"""The templates made ready for publication: what no city ever published is invented here."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from quartieri.calls.design import (
    CallDesign,
    CampaignDesign,
    CriterionDesign,
    DaysCounted,
    Evaluation,
    SessionRules,
    Text,
)
from quartieri.calls.shipped import template

INVENTED = {
    "it": "**Questo bando è inventato.** Serve a mostrare il sito: regole e importi noti vengono"
    " dal bando vero, criteri e date no.\n\n",
    "en": "**This call is invented.** It shows how the site works: known rules and amounts come"
    " from the real call, criteria and dates do not.\n\n",
}
PRIVACY = {
    "it": "I dati della domanda servono solo a valutarla e a gestire il contributo. Li vedono gli"
    " uffici del bando e la commissione. Per vederli, correggerli o cancellarli scrivi al contatto"
    " del bando.",
    "en": "The data of an application are used only to assess it and to run the grant. The call's"
    " office and the commission see them. To see, correct or delete them write to the call's"
    " contact.",
}
TERMS = {
    "it": "Chi presenta la domanda accetta le regole di questo bando, dice il vero e avvisa il"
    " Comune di ogni cambiamento. Il progetto finanziato si realizza come è stato presentato.",
    "en": "Who applies accepts the rules of this call, tells the truth and informs the city of"
    " every change. A funded project is carried out as it was presented.",
}
CONSENT = {
    "it": "Ho letto l'informativa e acconsento all'uso dei miei dati per questo bando.",
    "en": "I have read the privacy notice and consent to the use of my data for this call.",
}
LEGAL_BASIS = {
    "it": "Art. 12 della legge 241/1990; determina dirigenziale inventata per questa dimostrazione",
    "en": "Art. 12 of law 241/1990; executive decision invented for this demo",
}
CRITERIA = (
    CriterionDesign(
        "useful",
        {"it": "Utile al quartiere", "en": "Useful to the neighbourhood"},
        Decimal(40),
        minimum=Decimal(16),
        guidance={
            "it": "A quale bisogno risponde? Chi ne ha beneficio, e quanto?",
            "en": "Which need does it answer? Who benefits, and how much?",
        },
    ),
    CriterionDesign(
        "new",
        {"it": "Nuova", "en": "New"},
        Decimal(30),
        guidance={
            "it": "Che cosa c'è di diverso da quello che il quartiere ha già?",
            "en": "What is different from what the neighbourhood has?",
        },
    ),
    CriterionDesign(
        "lasting",
        {"it": "Duratura", "en": "Lasting"},
        Decimal(30),
        guidance={
            "it": "Come va avanti da sola quando il contributo finisce?",
            "en": "How does it go on alone after the grant?",
        },
    ),
)
EVALUATION = Evaluation(
    criteria=CRITERIA,
    minimum_total=Decimal(60),
    sheets=2,
    tie_break=("criterion:useful", "received", "protocol"),
    when_money_runs_out="skip",
)


def ready(code: str, title: Text, *, provisional: bool = False) -> CallDesign:
    """Give a template's design, complete, under an invented title.

    ``provisional``: its rankings are open to objections before they are final.
    """
    design = template(code).design
    campaign = design.campaign
    if campaign is not None:
        campaign = CampaignDesign(
            days=campaign.days,
            grace_days=7,
            pledge_min_cents=500,
            pledge_max_cents=500_000,
            confirm_minutes=60,
        )
    return replace(
        design,
        title=title,
        text={
            language: INVENTED[language] + design.text.get(language, "") for language in INVENTED
        },
        office=design.office or "Direzione Lavoro, Giovani e Sport",
        contact="bandi@demo.example",
        legal_basis={**LEGAL_BASIS, **{k: v for k, v in design.legal_basis.items() if v}},
        privacy_notice=PRIVACY,
        terms=TERMS,
        consent=CONSENT,
        sessions=SessionRules(term_days=90, term_counts=DaysCounted.CALENDAR.value),
        evaluation=replace(EVALUATION, provisional=provisional),
        money=replace(design.money, advance_share=Decimal("0.5"), integration_days=10),
        campaign=campaign,
    )
