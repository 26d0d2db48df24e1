"""What a campaign needs before it is scheduled, its dates, and the ways to be paid."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click
import pytest

from quartieri.calls.design import CampaignDesign, Round
from quartieri.campaigns.actions.scheduling import dates_of
from quartieri.campaigns.rules import Need, needs
from quartieri.config import HERE, SettingsError, read_settings
from quartieri.kit.errors import InvalidError
from quartieri.wiring import served_here
from tests.doubles import NOW

DAY = timedelta(days=1)
ROUNDS = CampaignDesign(
    days=40,
    rounds=(
        Round("Primavera", NOW + DAY, NOW + 31 * DAY),
        Round("Autunno", NOW + 200 * DAY, NOW + 245 * DAY),
    ),
)


def test_a_round_has_its_own_dates() -> None:
    second = dates_of(ROUNDS, starts_at=None, round_number=2, at=NOW)
    assert second == (NOW + 200 * DAY, NOW + 245 * DAY)


def test_who_joins_a_round_that_has_begun_starts_now_and_ends_with_it() -> None:
    late = NOW + 20 * DAY
    assert dates_of(ROUNDS, starts_at=None, round_number=1, at=late) == (late, NOW + 31 * DAY)


@pytest.mark.parametrize(("number", "days"), [(None, 0), (0, 0), (3, 0), (1, 32)])
def test_a_round_must_exist_and_not_be_over(number: int | None, days: int) -> None:
    with pytest.raises(InvalidError) as refused:
        dates_of(ROUNDS, starts_at=NOW, round_number=number, at=NOW + days * DAY)
    assert refused.value.field == "round"


def test_without_rounds_the_start_is_chosen_and_the_call_s_days_follow() -> None:
    design = replace(ROUNDS, rounds=())
    assert dates_of(design, starts_at=NOW, round_number=None, at=NOW) == (NOW, NOW + 40 * DAY)
    for start in (None, NOW - DAY):
        with pytest.raises(InvalidError):
            dates_of(design, starts_at=start, round_number=None, at=NOW)


def test_what_is_needed_follows_from_where_it_runs_and_who_collects() -> None:
    assert needs(elsewhere=False, by_proposer=False, cards=True) == (Need.SERVICE,)
    assert Need.HOW_TO_GIVE in needs(elsewhere=False, by_proposer=False, cards=False)
    merchant = needs(elsewhere=False, by_proposer=True, cards=True)
    assert {Need.HOLDER, Need.TAX_CODE, Need.IBAN, Need.MERCHANT} < set(merchant)
    assert Need.MERCHANT not in needs(elsewhere=False, by_proposer=True, cards=False)
    assert needs(elsewhere=True, by_proposer=False, cards=True) == (
        Need.OUTSIDE_URL,
        Need.CONFIRMED,
    )


def test_a_city_may_run_without_payments(tmp_path: Path) -> None:
    city = {
        "QUARTIERI_PROFILE": "production",
        "SECRET_KEY": "x" * 32,
        "DATABASE_URL": "postgresql://a@b/c",
        "QUARTIERI_VAR": str(tmp_path),
        "PAYMENTS": "none",
    }
    assert read_settings(city).payments == "none"
    with pytest.raises(SettingsError, match="none"):
        read_settings(city | {"PAYMENTS": "sandbox"})


def test_the_sandbox_never_stands_beside_a_live_key(tmp_path: Path) -> None:
    here = {"PAYMENTS": "sandbox", "QUARTIERI_VAR": str(tmp_path)}
    for live in ("sk_live_abc", "rk_live_abc"):
        with pytest.raises(SettingsError, match="live"):
            read_settings(here | {"STRIPE_SECRET_KEY": live})
    assert read_settings(here | {"STRIPE_SECRET_KEY": "sk_test_abc"}).payments == "sandbox"


def test_the_demo_city_never_stands_beside_a_live_key(tmp_path: Path) -> None:
    here = {"PAYMENTS": "stripe", "QUARTIERI_VAR": str(tmp_path), "STRIPE_WEBHOOK_SECRET": "w"}
    with pytest.raises(SettingsError, match="DEMO=0"):
        read_settings(here | {"STRIPE_SECRET_KEY": "rk_live_abc"})
    assert not read_settings(here | {"STRIPE_SECRET_KEY": "rk_live_abc", "DEMO": "0"}).demo
    assert read_settings(here | {"STRIPE_SECRET_KEY": "sk_test_abc"}).demo


def test_forms_may_lead_to_the_sandboxs_pages_at_the_sites_own_address(tmp_path: Path) -> None:
    local = {"QUARTIERI_VAR": str(tmp_path)}
    assert read_settings(local).checkout_origins == (HERE,)
    elsewhere = read_settings(local, here="http://127.0.0.1:5000")
    assert elsewhere.checkout_origins == (elsewhere.base_url,) == ("http://127.0.0.1:5000",)
    behind = read_settings(local | {"BASE_URL": "https://demo.example/quartieri/"}, here="http://x")
    assert behind.checkout_origins == ("https://demo.example",)
    keys = {"STRIPE_SECRET_KEY": "rk_live_abc", "STRIPE_WEBHOOK_SECRET": "w", "DEMO": "0"}
    real = local | {"PAYMENTS": "stripe"} | keys
    assert read_settings(real).checkout_origins == ("https://checkout.stripe.com",)
    own = read_settings(real | {"STRIPE_CHECKOUT": "https://paga.citta.example/x"})
    assert own.checkout_origins == ("https://paga.citta.example",)


def test_a_test_key_is_told_as_such_and_a_live_one_is_not(tmp_path: Path) -> None:
    here = {"PAYMENTS": "stripe", "QUARTIERI_VAR": str(tmp_path), "STRIPE_WEBHOOK_SECRET": "w"}
    for key, rehearses in (("sk_test_a", True), ("rk_test_a", True), ("sk_live_a", False)):
        found = read_settings(here | {"STRIPE_SECRET_KEY": key, "DEMO": "0"})
        assert found.rehearses_payments is rehearses
    assert not read_settings({"QUARTIERI_VAR": str(tmp_path)}).rehearses_payments


@pytest.mark.parametrize(
    ("host", "port", "address"),
    [
        ("127.0.0.1", 8000, HERE),
        ("127.0.0.1", 5001, "http://127.0.0.1:5001"),
        ("0.0.0.0", 5001, "http://127.0.0.1:5001"),  # noqa: S104 -- looked up, not bound
        ("::1", 5001, "http://[::1]:5001"),
    ],
)
def test_flask_run_on_another_port_is_the_sites_address(
    monkeypatch: pytest.MonkeyPatch, host: str, port: int, address: str
) -> None:
    monkeypatch.delenv("BASE_URL", raising=False)
    assert served_here() == HERE
    with click.Context(click.Command("run"), info_name="run") as context:
        context.params = {"host": host, "port": port}
        assert served_here() == address
        monkeypatch.setenv("BASE_URL", "https://demo.example")
        assert served_here() == HERE
