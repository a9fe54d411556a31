"""Who cosigned the heads that hold an entry, how many that is, and when the entry was there.

Cosignatures count under keys of the trust file or policy only, over heads that the log signed and
in which the entry is proven to be; time stamps under authorities that the user names, over the text
of such a head. Times are POSIX seconds. Pure. Called by `journal.verify`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from comity.journal.cosignature import cosigned_at
from comity.journal.evidence import Beacon, Logged
from comity.journal.quorum import Quorum
from comity.journal.report import Basis, End, Interval, Witnessing
from comity.journal.tlog_proof import check_proof
from comity.model.fault import Malformed, Untrusted
from comity.model.quantity import SECOND_US, checked_instant_us
from comity.trust.keys import VerifierKey
from comity.trust.note import Note
from comity.wire.entry_v1 import ContentBody, PeerCheckpointBody, ReceiptBody

__all__ = ["Onlookers", "cosigned", "given_interval", "taken_interval", "witnessing"]

_NOWHERE = End(time_s=None, basis=Basis.CLAIMS)
_Times = Mapping[VerifierKey, int]
_Own = Logged[ContentBody] | Logged[PeerCheckpointBody]


@dataclass(frozen=True, slots=True, kw_only=True)
class Onlookers:
    """The log whose heads are looked at, and those who may have cosigned them."""

    log: VerifierKey
    peer: VerifierKey
    witnesses: tuple[VerifierKey, ...]
    quorum: Quorum


def cosigned(logged: _Own, log: VerifierKey, keys: Iterable[VerifierKey]) -> tuple[_Times, ...]:
    """For each head of `log` that holds the entry: who of `keys` cosigned it, and when.

    Raises:
        Untrusted: the log did not sign the head, the entry is not in it, or a cosignature by one
            of `keys` is false.
    """
    wanted = tuple(keys)
    found: list[_Times] = []
    for proof in logged.proofs:
        check_proof(proof, logged.leaf, log)
        found.append(_times(proof.checkpoint, wanted))
    return tuple(found)


def _times(note: Note, keys: Iterable[VerifierKey]) -> _Times:
    times = ((key, _cosigned_at(note, key)) for key in keys)
    return {key: time_s for key, time_s in times if time_s is not None}


def _cosigned_at(note: Note, key: VerifierKey) -> int | None:
    time_s = cosigned_at(note, key)
    if time_s is not None:
        try:
            checked_instant_us(time_s * SECOND_US)
        except Malformed as error:
            raise Untrusted(f"{key.name} cosigned at no time", code="bad_time") from error
    return time_s


def witnessing(
    notice: Logged[ContentBody], who: Onlookers, quorum: Quorum, policy: bytes | None = None
) -> Witnessing:
    """The head with a quorum, else with most cosignatures; those on other heads do not add up."""
    heads = [tuple(times) for times in cosigned(notice, who.log, who.witnesses)]
    best = max(heads, key=lambda keys: (quorum.met(keys), len(keys)), default=())
    return Witnessing(
        names=tuple(sorted(key.name for key in best)),
        known=len(who.witnesses),
        quorum=quorum.smallest,
        tolerates=quorum.tolerates,
        met=quorum.met(best),
        policy=policy,
    )


def given_interval(notice: Logged[ContentBody], beacon: Beacon | None, who: Onlookers) -> Interval:
    """After the beacon that the entry holds, before the first evidence over a head with it."""
    low = _low(notice, beacon, who)
    highs = _highs(notice, who)
    return Interval(
        low=low,
        high=_firmest(highs),
        claimed_us=notice.entry.issued_us,
        lows=() if low is _NOWHERE else (low,),
        highs=highs,
    )


def taken_interval(
    given: Interval, receipt: ReceiptBody, bind: Logged[PeerCheckpointBody] | None, who: Onlookers
) -> Interval:
    """A receipt names its entry, so it is no older; `bind` is proven to name the receipt."""
    highs = () if bind is None else _highs(bind, who)
    return Interval(
        low=given.low,
        high=_firmest(highs),
        claimed_us=receipt.taken_us,
        lows=given.lows,
        highs=highs,
    )


def _firmest(ends: Sequence[End]) -> End:
    """The neutral end that withstands most liars, of those the earliest; else the peer's."""
    neutral = [end for end in ends if end.basis is not Basis.PEER]
    by_peer = [end for end in ends if end.basis is Basis.PEER]
    ranked = sorted(neutral or by_peer, key=lambda end: (-end.withstands, end.time_s or 0))
    return ranked[0] if ranked else _NOWHERE


def _low(notice: Logged[ContentBody], beacon: Beacon | None, who: Onlookers) -> End:
    if beacon is None:
        return _NOWHERE
    if beacon.sha256 != notice.entry.beacon:
        raise Untrusted("the beacon is not the one that the entry holds", code="bad_beacon")
    found = [(time_s, key.name) for key, time_s in _times(beacon.note, who.witnesses).items()]
    if not found:
        return _NOWHERE
    time_s, name = max(found)
    return End(time_s=time_s, basis=Basis.BEACON, by=(name,))


def _highs(logged: _Own, who: Onlookers) -> tuple[End, ...]:
    return tuple(end for end in (_by_witnesses(logged, who), _by_peer(logged, who)) if end)


def _by_witnesses(logged: _Own, who: Onlookers) -> End | None:
    """The firmest of the heads that witnesses cosigned."""
    witnessed = [times for times in cosigned(logged, who.log, who.witnesses) if times]
    ends = [_surest(who.quorum, times) for times in witnessed]
    return _firmest(ends) if ends else None


def _surest(quorum: Quorum, times: _Times) -> End:
    time_s, keys = quorum.surest(times)
    names = tuple(key.name for key in keys)
    return End(time_s=time_s, basis=Basis.WITNESS, by=names, withstands=len(names) - 1)


def _by_peer(logged: _Own, who: Onlookers) -> End | None:
    by_peer = [times[who.peer] for times in cosigned(logged, who.log, (who.peer,)) if times]
    if not by_peer:
        return None
    return End(time_s=min(by_peer), basis=Basis.PEER, by=(who.peer.name,))
