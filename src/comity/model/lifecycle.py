"""The life of an operation, hazard or presence, as a table: (state, code) -> state.

The table is the rule; the diagram in docs/reference/notice-v1.md is made from it. Times are not
looked at here: a subject that nobody ended is *overdue* by comparison with its window, not by a
state.
"""

from enum import StrEnum

from comity.model.notice import Code

__all__ = ["MOVES", "LifeState", "is_live", "moved"]


class LifeState(StrEnum):
    """Where a subject stands."""

    DECLARED = "declared"
    ACTIVE = "active"
    ENDED = "ended"
    CANCELLED = "cancelled"


MOVES: dict[LifeState, dict[Code, LifeState]] = {
    LifeState.DECLARED: {
        Code.AMEND: LifeState.DECLARED,
        Code.START: LifeState.ACTIVE,
        Code.END: LifeState.ENDED,
        Code.RELEASE: LifeState.ENDED,
        Code.CANCEL: LifeState.CANCELLED,
    },
    LifeState.ACTIVE: {
        Code.AMEND: LifeState.ACTIVE,
        Code.END: LifeState.ENDED,
        Code.RELEASE: LifeState.ENDED,
    },
    LifeState.ENDED: {},
    LifeState.CANCELLED: {},
}


def moved(state: LifeState, code: Code) -> LifeState | None:
    """The state after `code`, or None if the table has no such move."""
    return MOVES[state].get(code)


def is_live(state: LifeState) -> bool:
    """Whether others still have to reckon with it."""
    return state in (LifeState.DECLARED, LifeState.ACTIVE)
