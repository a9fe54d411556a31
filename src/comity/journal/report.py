"""What a verifier found: claims with their standing, misbehaviour, times, and what was opened.

Nouns only. Each claim's text is a sentence for people; `level` and
`standing` are for programs. Called by `journal.verify`, which fills it, and by `cli.verify`.
"""

from dataclasses import dataclass
from enum import StrEnum

from comity.model.notice import Notice
from comity.model.quantity import SECOND_US
from comity.wire.entry_v1 import Entry, ReceiptBody
from comity.wire.fields import Field
from comity.wire.limits import CLOCK_SKEW_US_MAX

__all__ = [
    "Basis",
    "Claim",
    "End",
    "Finding",
    "Interval",
    "Level",
    "Opened",
    "Outcome",
    "Report",
    "Standing",
    "Subject",
    "Times",
    "Witnessing",
]


class Outcome(StrEnum):
    """The verdict on a whole bundle."""

    PROVEN = "proven"
    NOT_PROVEN = "not-proven"
    MISBEHAVIOUR = "misbehaviour"
    BAD_INPUT = "bad-input"


class Level(StrEnum):
    """What may be claimed of an entry that one party gave to another."""

    WHOLE = "whole"
    SIGNED = "signed"
    LOGGED = "logged"
    PEER_COSIGNED = "peer-cosigned"
    ACKNOWLEDGED = "acknowledged"
    BOUND = "bound"
    WITNESSED = "witnessed"
    TIMED = "timed"
    OPENED = "opened"
    POST_QUANTUM = "post-quantum"


class Standing(StrEnum):
    """Held: shown. Absent: not shown, nothing speaks against it. Failed: what is there is false."""

    HELD = "held"
    ABSENT = "absent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One level with its standing and a sentence."""

    level: Level
    standing: Standing
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Misbehaviour that signatures prove: a stable code, the log or party, a sentence."""

    code: str
    by: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The entry that the bundle is about; `leaf` is its leaf hash, `id` its content-root."""

    entry: Entry
    index: int
    leaf: bytes
    id: bytes


class Basis(StrEnum):
    """What an end of an interval rests on, from the strongest to none at all."""

    BEACON = "beacon"
    WITNESS = "witness"
    TIMESTAMP = "timestamp"
    PEER = "peer"
    CLAIMS = "claims-only"


_NEUTRAL = frozenset({Basis.BEACON, Basis.WITNESS, Basis.TIMESTAMP})


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One end of an interval in POSIX seconds, and whose signatures give it; None: nothing does.

    `withstands` is how many of those who could have signed it may lie with the end still true.
    """

    time_s: int | None
    basis: Basis
    by: tuple[str, ...] = ()
    withstands: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """When something was there: after `low`, before `high`. `claimed_us` is the author's clock.

    `clock_unsure`: the author itself marked its clock. `lows` and `highs` are what each source
    says by itself; `low` and `high` are among them.
    """

    low: End
    high: End
    claimed_us: int
    clock_unsure: bool = False
    lows: tuple[End, ...] = ()
    highs: tuple[End, ...] = ()

    @property
    def neutral(self) -> bool:
        """Whether neither end rests on the parties themselves."""
        return self.low.basis in _NEUTRAL and self.high.basis in _NEUTRAL

    @property
    def bounded(self) -> bool:
        """Whether one end at least is neutral."""
        return self.low.basis in _NEUTRAL or self.high.basis in _NEUTRAL

    @property
    def there_by_s(self) -> int | None:
        """The second by which neutral evidence shows it to have been there; None: none shows it."""
        neutral = self.high.basis not in {Basis.PEER, Basis.CLAIMS}
        return self.high.time_s if neutral else None

    @property
    def contradictory(self) -> bool:
        """Whether the ends exclude each other: somebody's clock or word is wrong."""
        low, high = self.low.time_s, self.high.time_s
        return low is not None and high is not None and low > high

    @property
    def holds_claim(self) -> bool:
        """Whether the author's clock lies inside, give or take what honest clocks differ."""
        low, high = self.low.time_s, self.high.time_s
        least = 0 if low is None else low * SECOND_US - CLOCK_SKEW_US_MAX
        most = self.claimed_us if high is None else (high + 1) * SECOND_US + CLOCK_SKEW_US_MAX
        return least <= self.claimed_us <= most


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When the entry was there, and when the receipt was; None without a receipt."""

    given: Interval
    taken: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessing:
    """Trusted witnesses that cosigned one head with the entry, out of `known`.

    `quorum` is the size of the smallest quorum, `met` says whether these are one. `tolerates` is
    how many lying witnesses it withstands: for k of n the largest f with k + k > n + f; below 0,
    two quorums need not share a witness. `policy` is the SHA-256 of the policy file, if there is
    one. `post_quantum` are those of them that cosigned with ML-DSA-44 too, or alone.
    """

    names: tuple[str, ...]
    post_quantum: tuple[str, ...]
    known: int
    quorum: int
    tolerates: int
    met: bool
    policy: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Fields proven to be in the content, the paths left out, and the notice if all are shown.

    `fault` says why a full content is no notice.
    """

    fields: tuple[Field, ...]
    withheld: tuple[str, ...]
    notice: Notice | None
    fault: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything about one bundle. What follows `claims` is None where it was not proven."""

    outcome: Outcome
    reason: str
    claims: tuple[Claim, ...] = ()
    findings: tuple[Finding, ...] = ()
    subject: Subject | None = None
    receipt: ReceiptBody | None = None
    witnessing: Witnessing | None = None
    times: Times | None = None
    opened: Opened | None = None

    @property
    def exercise(self) -> str | None:
        """The exercise that the entry belongs to; its mark is in every name that was signed."""
        return None if self.subject is None else self.subject.entry.exercise
