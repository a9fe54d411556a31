"""Who cosigned the heads that hold an entry, how many that is, and when the entry was there.

Cosignatures count under keys of the trust file only, over heads that the log signed and in which
the entry is proven to be. Times are POSIX seconds. Pure. Called by `journal.verify`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from comity.journal.cosignature import cosigned_at
from comity.journal.evidence import Beacon, Logged
from comity.journal.report import Basis, End, Interval, Witnessing
from comity.journal.tlog_proof import check_proof
from comity.journal.validity import LogKeys
from comity.model.fault import Malformed, Untrusted
from comity.model.quantity import SECOND_US, checked_instant_us
from comity.trust.keys import VerifierKey
from comity.trust.lives import Span
from comity.trust.note import Note
from comity.wire.entry_v1 import ContentBody, PeerCheckpointBody, ReceiptBody

__all__ = ["Onlookers", "cosigned", "given_interval", "taken_interval", "witnessing"]

_ALWAYS = Span()
_NO_WINDOWS: Mapping[VerifierKey, Span] = MappingProxyType({})
_NOWHERE = End(time_s=None, basis=Basis.CLAIMS)
_Times = Mapping[VerifierKey, int]
_Own = Logged[ContentBody] | Logged[PeerCheckpointBody]


@dataclass(frozen=True, slots=True, kw_only=True)
class Onlookers:
    """The log whose heads are looked at, and those who may have cosigned them."""

    log: LogKeys
    peer: tuple[VerifierKey, ...]
    witnesses: tuple[VerifierKey, ...]
    quorum: int
    windows: Mapping[VerifierKey, Span]


def cosigned(
    logged: _Own,
    log: LogKeys,
    keys: Iterable[VerifierKey],
    windows: Mapping[VerifierKey, Span] = _NO_WINDOWS,
) -> tuple[_Times, ...]:
    """For each head of `log` that holds the entry: who of `keys` cosigned it, and when.

    A cosignature outside its key's window is none.

    Raises:
        Untrusted: the log did not sign the head, the entry is not in it, or a cosignature by one
            of `keys` is false.
    """
    wanted = tuple(keys)
    found: list[_Times] = []
    for proof in logged.proofs:
        check_proof(proof, logged.leaf, log)
        found.append(_times(proof.checkpoint, wanted, windows))
    return tuple(found)


def _times(note: Note, keys: Iterable[VerifierKey], windows: Mapping[VerifierKey, Span]) -> _Times:
    times = ((key, _cosigned_at(note, key)) for key in keys)
    found = {key: time_s for key, time_s in times if time_s is not None}
    return {key: time_s for key, time_s in found.items() if windows.get(key, _ALWAYS).holds(time_s)}


def _cosigned_at(note: Note, key: VerifierKey) -> int | None:
    time_s = cosigned_at(note, key)
    if time_s is not None:
        try:
            checked_instant_us(time_s * SECOND_US)
        except Malformed as error:
            raise Untrusted(f"{key.name} cosigned at no time", code="bad_time") from error
    return time_s


def witnessing(notice: Logged[ContentBody], who: Onlookers, need: int) -> Witnessing:
    """The head with most neutral cosignatures; those on different heads do not add up."""
    heads = [
        {key.name for key in times}
        for times in cosigned(notice, who.log, who.witnesses, who.windows)
    ]
    names = sorted(max(heads, key=len, default=()))
    return Witnessing(names=tuple(names), known=len(_by_name(who)), quorum=need)


def _by_name(who: Onlookers) -> frozenset[str]:
    """The witnesses: one whose key was changed is still one."""
    return frozenset(key.name for key in who.witnesses)


def given_interval(notice: Logged[ContentBody], beacon: Beacon | None, who: Onlookers) -> Interval:
    """After the beacon that the entry holds, before the first cosignature over a head with it."""
    return Interval(
        low=_low(notice, beacon, who),
        high=_high(notice, who),
        claimed_us=notice.entry.issued_us,
    )


def taken_interval(
    given: Interval, receipt: ReceiptBody, bind: Logged[PeerCheckpointBody] | None, who: Onlookers
) -> Interval:
    """A receipt names its entry, so it is no older; `bind` is proven to name the receipt."""
    high = _NOWHERE if bind is None else _high(bind, who)
    return Interval(low=given.low, high=high, claimed_us=receipt.taken_us)


def _low(notice: Logged[ContentBody], beacon: Beacon | None, who: Onlookers) -> End:
    if beacon is None:
        return _NOWHERE
    if beacon.sha256 != notice.entry.beacon:
        raise Untrusted("the beacon is not the one that the entry holds", code="bad_beacon")
    times = _times(beacon.note, who.witnesses, who.windows)
    found = [(time_s, key.name) for key, time_s in times.items()]
    if not found:
        return _NOWHERE
    time_s, name = max(found)
    return End(time_s=time_s, basis=Basis.BEACON, by=(name,))


def _high(logged: _Own, who: Onlookers) -> End:
    heads = cosigned(logged, who.log, who.witnesses, who.windows)
    witnessed = [times for times in heads if times]
    if witnessed:
        time_s, by = min(_surest(times, who) for times in witnessed)
        return End(time_s=time_s, basis=Basis.WITNESS, by=by)
    by_peer = [
        time_s
        for times in cosigned(logged, who.log, who.peer, who.windows)
        for time_s in times.values()
    ]
    if by_peer:
        return End(time_s=min(by_peer), basis=Basis.PEER, by=(who.peer[0].name,))
    return _NOWHERE


def _surest(times: _Times, who: Onlookers) -> tuple[int, tuple[str, ...]]:
    """The earliest time that holds even if as many witnesses lie as the quorum withstands.

    Of f + 1 cosignatures one at least is honest, and the latest of them is not before it.
    """
    lying = max(0, Witnessing(names=(), known=len(_by_name(who)), quorum=who.quorum).tolerates)
    first = sorted((time_s, key.name) for key, time_s in times.items())[: lying + 1]
    return first[-1][0], tuple(name for _, name in first)
