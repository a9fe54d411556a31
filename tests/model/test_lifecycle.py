"""The life of a subject: the table is total, ends are ends, and what is live is said once."""

from comity.model.lifecycle import MOVES, LifeState, is_live, moved
from comity.model.notice import Code

ENDS = (LifeState.ENDED, LifeState.CANCELLED)


def test_the_table_speaks_of_every_state() -> None:
    assert set(MOVES) == set(LifeState)
    for state, moves in MOVES.items():
        for code, after in moves.items():
            assert moved(state, code) is after


def test_ends_are_ends() -> None:
    for state in ENDS:
        assert not is_live(state)
        assert [code for code in Code if moved(state, code) is not None] == []


def test_whatever_is_live_can_be_ended() -> None:
    live = [state for state in LifeState if state not in ENDS]
    assert all(is_live(state) for state in live)
    assert all(moved(state, Code.END) is LifeState.ENDED for state in live)


def test_what_has_started_is_not_cancelled() -> None:
    assert moved(LifeState.ACTIVE, Code.CANCEL) is None
    assert moved(LifeState.DECLARED, Code.CANCEL) is LifeState.CANCELLED


def test_nothing_is_declared_twice() -> None:
    openers = (Code.NOTIFY, Code.HAZARD, Code.PROTECT)
    assert all(moved(state, code) is None for state in LifeState for code in openers)
