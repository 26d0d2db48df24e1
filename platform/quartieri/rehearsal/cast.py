"""Who plays in a rehearsal: the demo's accounts, one for each role, and their actors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM, Actor, Role
from quartieri.people import actions as people
from quartieri.people.models import Authority, User
from quartieri.people.passwords import hashed
from quartieri.people.queries import user_by_email
from quartieri.people.rules import Scope

PASSWORD = "quartieri-demo"  # noqa: S105 -- printed on purpose: the demo's accounts exist nowhere else


@dataclass(frozen=True, slots=True)
class Part:
    """One demo account: what it plays, and in which role (None: a citizen)."""

    key: str
    email: str
    name: str
    role: Role | None


PARTS: tuple[Part, ...] = (
    Part("admin", "admin@demo.example", "Ada Amministratrice", Role.ADMINISTRATOR),
    Part("manager", "responsabile@demo.example", "Renata Responsabile", Role.CALL_MANAGER),
    Part("signer", "dirigente@demo.example", "Dario Dirigente", Role.SIGNING_MANAGER),
    Part("officer", "istruttoria@demo.example", "Irene Istruttrice", Role.OFFICER),
    Part("officer2", "ufficio@demo.example", "Ugo Ufficio", Role.OFFICER),
    Part("chair", "presidente@demo.example", "Paola Presidente", Role.COMMISSION_CHAIR),
    Part("secretary", "segreteria@demo.example", "Sara Segretaria", Role.COMMISSION_SECRETARY),
    Part("member", "commissario@demo.example", "Carlo Commissario", Role.COMMISSION_MEMBER),
    Part("member2", "commissaria@demo.example", "Chiara Commissaria", Role.COMMISSION_MEMBER),
    Part("treasurer", "ragioneria@demo.example", "Rita Ragioniera", Role.TREASURER),
    Part("tutor", "tutor@demo.example", "Tea Tutor", Role.TUTOR),
    Part("auditor", "revisore@demo.example", "Remo Revisore", Role.AUDITOR),
    Part("citizen", "cittadina@demo.example", "Cinzia Cittadina", None),
    Part("citizen2", "cittadino@demo.example", "Ciro Cittadino", None),
    Part("backer", "sostenitrice@demo.example", "Sonia Sostenitrice", None),
)


class Cast:
    """The accounts of a rehearsal by key, and the actors that they are."""

    def __init__(self, users: dict[str, User]) -> None:
        """Keep the accounts."""
        self._users = users
        self._roles = {p.key: p.role for p in PARTS if p.role is not None}

    def user(self, key: str) -> User:
        """Give an account."""
        return self._users[key]

    def users(self) -> list[User]:
        """List the accounts."""
        return list(self._users.values())

    def key_of(self, user_id: int) -> str:
        """Give the key of an account; StopIteration for somebody who does not play."""
        return next(key for key, user in self._users.items() if user.id == user_id)

    def join(self, key: str, user: User, role: Role | None = None) -> None:
        """Take one more account in, with the role that it plays."""
        self._users[key] = user
        if role is not None:
            self._roles[key] = role

    def actor(self, key: str, *more: Role) -> Actor:
        """Give an account as an actor in its role (and ``more``: applicant, backer)."""
        user = self._users[key]
        own = [self._roles[key]] if key in self._roles else []
        return Actor(user.id, user.name, frozenset({Role.ACCOUNT, *own, *more}))


def engage(
    session: Session, authority: Authority, *, at: datetime, password_profile: str, demo: bool
) -> Cast:
    """Register every part, confirmed, with its role for the authority."""
    secret = hashed(PASSWORD, password_profile)
    users: dict[str, User] = {}
    for part in PARTS:
        user = people.register(
            session,
            email=part.email,
            name=part.name,
            password_hash=secret,
            language="it",
            at=at,
            confirmed=True,
            demo=demo,
        )
        if user is None:
            msg = f"{part.email} is registered already"
            raise ValueError(msg)
        users[part.key] = user
        if part.role is not None:
            everywhere = part.role in {Role.ADMINISTRATOR, Role.AUDITOR, Role.TREASURER}
            scope = Scope() if everywhere else Scope(authority_id=authority.id)
            people.give_role(session, user, part.role, scope, actor=SYSTEM, at=at)
    return Cast(users)


NO_PASSWORD = "!"  # noqa: S105 -- no hash: nobody can sign in with it


def engage_for_replay(session: Session, authority: Authority, *, at: datetime) -> Cast:
    """Give the cast of a replay: accounts that nobody can sign in with, used again by the next."""
    users: dict[str, User] = {}
    for part in PARTS:
        address = part.email.replace("@demo.example", "@replay.invalid")
        user = user_by_email(session, address) or people.register(
            session,
            email=address,
            name=part.name,
            password_hash=NO_PASSWORD,
            language="it",
            at=at,
            confirmed=True,
        )
        if user is None:
            raise ValueError(address)
        users[part.key] = user
        if part.role is not None:
            scope = Scope(authority_id=authority.id)
            people.give_role(session, user, part.role, scope, actor=SYSTEM, at=at)
    return Cast(users)
