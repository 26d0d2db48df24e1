"""The demo's invented projects: who, what, where, for how much (cents)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from quartieri.kit.formats import format_money
from quartieri.kit.money import Money
from quartieri.people.rules import OrganisationKind as Kind
from quartieri.proposals.models import Proposal
from quartieri.rehearsal.stage import Application

STORY = """\
## Che cosa facciamo

{summary}

Lavoriamo con chi il quartiere lo vive: negozianti, scuole, vicini di casa. Ogni sabato siamo in \
strada con un banchetto, e le porte sono aperte a chi vuole dare una mano. Ci trovi qui: {place}.

## Come usiamo i soldi

{budget}

Se raccogliamo più della soglia, quello che avanza va in ore di laboratorio per i ragazzi.

## Chi siamo

{team}, con {who}. Passa a trovarci il martedì e il sabato mattina.
"""


def story(proposal: Proposal) -> str:
    """Write the page of a campaign from what its application says."""
    lines = [
        f"- {line.description}: {format_money(Money(line.amount_cents), 'it')}"
        for line in proposal.budget
    ]
    return STORY.format(
        summary=proposal.summary,
        place=proposal.place,
        budget="\n".join(lines),
        team=", ".join(member.name for member in proposal.members),
        who=proposal.organisation.name,
    )


def _answers(problem: str, activities: str, beneficiaries: str) -> Mapping[str, object]:
    """Answer what the templates ask; a call leaves aside what it does not."""
    return {
        "aims": ["street", "commons"],
        "problem": problem,
        "activities": activities,
        "beneficiaries": beneficiaries,
        "indicators": [
            {"what": "Persone che partecipano", "unit": "persone", "baseline": "0", "target": "400"}
        ],
        "together": "alone",
        "alliance": "Ne fanno parte negozianti, associazioni e la scuola della zona: ciascuno"
        " mette ore, spazi o competenze.",
        "campaign": "Feste di via, un banchetto al mercato, i nostri canali e quelli dei partner.",
        "training": "Due di noi seguono la formazione; uno tiene i conti e uno la campagna.",
        "experience": "Lavoriamo insieme da tre anni; vogliamo imparare a tenere i conti.",
        "aid": False,
        "novelty": "Nel quartiere non c'è niente di simile: il più vicino è a tre chilometri.",
        "future": "Dopo il contributo andiamo avanti con le quote dei soci e piccoli lavori.",
    }


def _project(  # noqa: PLR0917 -- a row of the tables below
    title: str,
    applicant: str,
    kind: Kind,
    summary: str,
    where: tuple[str, str],
    cost: int,
    **more: object,
) -> Application:
    third = cost // 3 // 100_00 * 100_00  # in whole hundreds of euros
    members = more.get("members", ("Amina Diop", "Luca Ferri", "Teresa Neri"))
    return Application(
        title=title,
        applicant=applicant,
        kind=kind,
        summary=summary,
        answers=_answers(
            "Nel quartiere mancano posti dove incontrarsi e imparare facendo.",
            summary,
            "Circa 400 persone in un anno, le più fragili per prime.",
        ),
        place=where[0],
        area=where[1],
        months=10,
        budget=(
            ("Persone", cost - 2 * third, "people"),
            ("Materiali e attrezzature", third, "goods"),
            ("Spazi e allestimenti", third, "spaces"),
        ),
        own_cents=int(str(more.get("own", 0))),
        requested_cents=int(str(more.get("requested", 0))),
        crowd_cents=int(str(more.get("crowd", 0))),
        members=tuple(str(m) for m in members) if isinstance(members, tuple) else (),
        founded_on=date(2024, 3, 1),
        owner=str(more.get("owner", "citizen")),
    )


def _school(title: str, who: str, kind: Kind, summary: str, where: tuple[str, str]) -> Application:
    cost = 28_000_00
    return _project(title, who, kind, summary, where, cost, own=3_000_00, requested=25_000_00)


def _civic(
    title: str, who: str, summary: str, where: tuple[str, str], money: tuple[int, int]
) -> Application:
    cost, crowd = money
    return _project(
        title, who, Kind.ASSOCIATION, summary, where, cost, crowd=crowd, owner="citizen2"
    )


SCHOOL_FIRST = (
    _school(
        "La ciclofficina del Corvetto",
        "Ruote in Comune",
        Kind.ASSOCIATION,
        "Un'officina dove si impara a riparare la bici e si presta a chi non ce l'ha.",
        ("Piazza Ferrara", "4"),
    ),
    _school(
        "Sartoria Giambellino",
        "Gruppo Filo e Ago",
        Kind.INFORMAL_GROUP,
        "Corsi di cucito e un piccolo laboratorio di riparazioni per chi cerca lavoro.",
        ("Via Giambellino", "6"),
    ),
    _school(
        "Il cortile che suona",
        "Banda di Cortile",
        Kind.INFORMAL_GROUP,
        "Prove aperte, strumenti in prestito e concerti nei cortili delle case popolari.",
        ("San Siro", "7"),
    ),
)
SCHOOL_SECOND = (
    _school(
        "Orto in terrazza",
        "Verde Comune Niguarda",
        Kind.ASSOCIATION,
        "Orti condivisi sui tetti di tre condomini, con la scuola media della via.",
        ("Niguarda", "9"),
    ),
    _school(
        "La biblioteca degli oggetti",
        "Prestami",
        Kind.ASSOCIATION,
        "Trapani, tende, macchine da cucire: si prendono in prestito invece di comprarli.",
        ("Dergano", "9"),
    ),
    _school(
        "Doposcuola in sei lingue",
        "Gruppo Mamme di via Padova",
        Kind.INFORMAL_GROUP,
        "Compiti e merenda ogni pomeriggio, con mamme e nonne che parlano sei lingue.",
        ("Via Padova", "2"),
    ),
)
SCHOOL_THIRD = (
    _school(
        "Radio Barona",
        "Radio Barona",
        Kind.ASSOCIATION,
        "Una web radio di quartiere fatta da ragazzi e anziani, con uno studio in biblioteca.",
        ("Barona", "6"),
    ),
)
ALLIANCES_FIRST = (
    _civic(
        "Via Vitruvio si accende",
        "Alleanza Vitruvio",
        "Vetrine accese la sera, panchine e un calendario di eventi dei negozi della via.",
        ("Via Vitruvio", "3"),
        (50_000_00, 25_000_00),
    ),
    _civic(
        "Il mercato che cucina",
        "Mercato Lagosta insieme",
        "Una cucina aperta nel mercato coperto: corsi, cene sociali e recupero dell'invenduto.",
        ("Piazzale Lagosta", "9"),
        (80_000_00, 40_000_00),
    ),
    _civic(
        "Botteghe in rete a Lambrate",
        "Consorzio Botteghe Lambrate",
        "Consegne in bici fra botteghe e case, con un punto di ritiro per chi non esce.",
        ("Lambrate", "3"),
        (36_000_00, 18_000_00),
    ),
    _civic(
        "Piazza Dergano, tutti i giorni",
        "Dergano Vive",
        "Tavoli, ombra, giochi e una programmazione quotidiana per la piazza pedonale.",
        ("Piazza Dergano", "9"),
        (60_000_00, 30_000_00),
    ),
    _civic(
        "I portici di Gratosoglio",
        "Portici Aperti",
        "Luci, murales e un mercatino del riuso sotto i portici delle torri.",
        ("Gratosoglio", "5"),
        (24_000_00, 12_000_00),
    ),
)
ALLIANCES_SECOND = (
    _civic(
        "La via dei mestieri",
        "Artigiani di Porta Genova",
        "Botteghe aperte una sera al mese: si guarda lavorare e si prova.",
        ("Porta Genova", "6"),
        (44_000_00, 22_000_00),
    ),
    _civic(
        "Greco a piedi",
        "Alleanza Greco",
        "Un percorso a piedi fra negozi, scuola e stazione, con panchine e piante.",
        ("Greco", "2"),
        (30_000_00, 15_000_00),
    ),
)
CIVIC_FIRST = (
    _civic(
        "Il forno sociale di Chiaravalle",
        "Pane e Borgo",
        "Un forno a legna condiviso, con corsi e pane per le famiglie della zona.",
        ("Chiaravalle", "5"),
        (30_000_00, 12_000_00),
    ),
    _civic(
        "Cinema sotto casa",
        "Lanterna Magica",
        "Dodici serate di cinema all'aperto nei cortili, scelte da chi ci abita.",
        ("Giambellino", "6"),
        (20_000_00, 8_000_00),
    ),
)
CIVIC_SECOND = (
    _civic(
        "La palestra di tutti",
        "Corpo e Quartiere",
        "Ginnastica dolce al mattino, sport per ragazzi al pomeriggio, tutto a offerta libera.",
        ("Quarto Oggiaro", "8"),
        (40_000_00, 16_000_00),
    ),
    _civic(
        "Ripara e impara",
        "Officina Bovisa",
        "Un repair café ogni sabato, con laboratori di elettronica per le scuole.",
        ("Bovisa", "9"),
        (25_000_00, 10_000_00),
    ),
)
CIVIC_THIRD = (
    _civic(
        "Il giardino dei nonni",
        "Verde Corvetto",
        "Un giardino con orti rialzati, dove chi è anziano insegna ai bambini.",
        ("Corvetto", "4"),
        (18_000_00, 7_200_00),
    ),
    _civic(
        "Musica in cascina",
        "Cascina Sonora",
        "Prove, corsi e concerti in una stalla restaurata, per ragazzi dai 14 ai 20 anni.",
        ("Quinto Romano", "7"),
        (35_000_00, 14_000_00),
    ),
)
DOUBLED = (
    _civic(
        "I lampioni di via Rembrandt",
        "Comitato Rembrandt",
        "Lampioni a energia solare nel giardino, montati con gli abitanti delle case intorno.",
        ("Via Rembrandt", "7"),
        (15_000_00, 6_000_00),
    ),
    _civic(
        "Il teatro nel sottoscala",
        "Quinte Basse",
        "Un palco di trenta posti nel seminterrato della scuola, con corsi gratuiti per ragazzi.",
        ("Crescenzago", "2"),
        (18_000_00, 7_200_00),
    ),
)
ELSEWHERE = (
    _civic(
        "Teatro in cortile",
        "Compagnia del Ballatoio",
        "Otto spettacoli nelle case di ringhiera, con chi ci abita dietro e davanti alle quinte.",
        ("Ripamonti", "5"),
        (22_000_00, 8_800_00),
    ),
)
