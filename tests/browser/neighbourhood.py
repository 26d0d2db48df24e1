"""The projects of the journeys."""

from __future__ import annotations

from tests.browser.pages.applications import Project

COURTYARD = Project(
    "Il cortile che riapre",
    "Associazione Cortile Aperto",
    "association",
    [("Panchine e piante", "12.400,50"), ("Laboratori con le scuole", "7.599,50")],
    {"q_sources-crowd": "10.000"},
    tax_code="97103880585",
    members=["Lucia Lombardi", "Omar Said"],
    partners=["Panificio Rossi"],
)
MARKET = Project(
    "Mercato lento di via Gola",
    "Banco Lento",
    "business",
    [("Banchi", "30.000"), ("Serate", "10.000")],
    {"q_sources-crowd": "20.000"},
    tax_code="01199250158",
)
RADIO = Project(
    "Radio di ringhiera",
    "Radio Ringhiera",
    "third_sector",
    [("Studio", "24.000")],
    {"q_sources-crowd": "12.000"},
    tax_code="80078750587",
)
