"""What each session may promise of the call's endowment."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quartieri.calls.endowments import SessionMoney, session_limits


def test_without_amounts_of_their_own_sessions_share_the_endowment() -> None:
    assert session_limits([SessionMoney(1, None), SessionMoney(2, None)], "move") == {
        1: None,
        2: None,
    }


def test_what_a_settled_session_leaves_moves_to_the_next_and_no_earlier() -> None:
    first, second = SessionMoney(1, 400_000_00, 150_000_00), SessionMoney(2, 200_000_00)
    assert session_limits([first, second], "move") == {1: 400_000_00, 2: 200_000_00}
    settled = SessionMoney(1, 400_000_00, 150_000_00, settled=True)
    assert session_limits([settled, second], "move") == {1: 150_000_00, 2: 450_000_00}
    assert session_limits([settled, second], "stay") == {1: 400_000_00, 2: 200_000_00}


def test_the_last_session_keeps_what_it_leaves() -> None:
    only = SessionMoney(1, 100, 40, settled=True)
    assert session_limits([only], "move") == {1: 100}


SESSIONS = st.lists(
    st.tuples(st.integers(1, 10**9), st.integers(0, 10**9), st.booleans()), min_size=1, max_size=6
)


@given(SESSIONS, st.sampled_from(["stay", "move"]))
def test_the_limits_never_exceed_the_sum_of_the_endowments(
    given_sessions: list[tuple[int, int, bool]], leftovers: str
) -> None:
    sessions = [
        SessionMoney(n, own, min(held, own), settled)
        for n, (own, held, settled) in enumerate(given_sessions, 1)
    ]
    limits = session_limits(sessions, leftovers)
    stated = [x for x in limits.values() if x is not None]
    assert sum(stated) == sum(s.endowment_cents or 0 for s in sessions)
    assert all((limits[s.number] or 0) >= s.held_cents for s in sessions)
