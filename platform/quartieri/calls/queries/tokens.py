"""Reading the access that programs have to calls."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.calls.models import ApiToken
from quartieri.calls.rules import secret_sha256


def tokens_of(session: Session, call_id: int) -> list[ApiToken]:
    """List a call's tokens, the newest first."""
    return list(
        session.scalars(
            sa.select(ApiToken)
            .where(ApiToken.call_id == call_id)
            .options(joinedload(ApiToken.maker))
            .order_by(ApiToken.id.desc())
        )
    )


def token_by_secret(session: Session, secret: str) -> ApiToken | None:
    """Find a token by its secret, whether it works or not."""
    return session.scalars(
        sa.select(ApiToken).where(ApiToken.secret_sha256 == secret_sha256(secret))
    ).first()
