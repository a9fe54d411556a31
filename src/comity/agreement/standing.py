"""Where an agreement stands at a moment: proposed, in force, suspended, superseded, over. Pure.

In force from the moment that the text names, or from the last principal's signature if that came
later. A later version takes its place when that one is in force itself. One principal suspends it,
and only who suspended it resumes it. Called by intake and the doors.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from comity.model.clause import Agreement

__all__ = ["Consent", "Known", "State", "Suspended", "missing", "since_us", "state_of", "surplus"]


class State(StrEnum):
    """How an agreement stands."""

    PROPOSED = "proposed"  # a principal has not signed
    WAITING = "waiting"  # all have signed, its moment has not come
    IN_FORCE = "in-force"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended:
    """A suspension that stands: by whom, why, since when."""

    by: str
    reason: str
    since_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Whether ordinary notices pass between us and a party; if not, the code and why.

    `suspended_us` is since when, if a suspension is the cause.
    """

    code: str | None = None
    reason: str = ""
    suspended_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a node knows of one version: who signed, and when the last of all principals' did."""

    hash: bytes
    agreement: Agreement
    signed_by: frozenset[str]
    complete_us: int | None
    suspended: tuple[Suspended, ...] = ()


def missing(known: Known) -> tuple[str, ...]:
    """The principals that have not signed, in order."""
    return tuple(each for each in known.agreement.principals if each not in known.signed_by)


def since_us(known: Known) -> int | None:
    """From when its clauses count, whatever came afterwards; None without all signatures."""
    if known.complete_us is None:
        return None
    return max(known.agreement.from_us, known.complete_us)


def state_of(known: Known, versions: Iterable[Known], now_us: int) -> State:
    """How it stands at `now_us`; `versions` are all that are known of the same agreement."""
    since, until = since_us(known), known.agreement.until_us
    if since is None:
        return State.PROPOSED
    if _superseded(known, versions, now_us):
        return State.SUPERSEDED
    if until is not None and now_us >= until:
        return State.OVER
    if now_us < since:
        return State.WAITING
    return State.SUSPENDED if known.suspended else State.IN_FORCE


def _superseded(known: Known, versions: Iterable[Known], now_us: int) -> bool:
    later = (each for each in versions if each.agreement.version > known.agreement.version)
    return any((since := since_us(each)) is not None and since <= now_us for each in later)


def surplus(agreement: Agreement, signers: Collection[str]) -> tuple[str, ...]:
    """Who signed without being a principal, in order."""
    return tuple(sorted(set(signers) - set(agreement.principals)))
