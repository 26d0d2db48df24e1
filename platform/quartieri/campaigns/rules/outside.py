"""What another platform reports of a campaign, and the certificate that closes it."""

from __future__ import annotations

from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import N_, LabelEnum, lazy


class CertificateState(LabelEnum):
    """Where the final certificate stands."""

    RECORDED = "recorded", N_("Recorded, to be confirmed")
    CONFIRMED = "confirmed", N_("Confirmed by a second person")
    REJECTED = "rejected", N_("Rejected")


def refuse_silent_fall(
    before: tuple[int, int] | None, after: tuple[int, int], *, reason: str
) -> None:
    """Refuse totals (cents, backers) below the last ones unless somebody says why."""
    if before is None or reason.strip():
        return
    if after[0] < before[0] or after[1] < before[1]:
        raise InvalidError(
            lazy("these totals are lower than the last ones: say why as the reason"),
            field="reason",
        )
