"""Who cosigned the heads that hold an entry, how many that is, and when the entry was there.

Cosignatures count under keys of the trust file or policy only, over heads that the log signed and
in which the entry is proven to be; time stamps under authorities that the user names, over the text
of such a head. Times are POSIX seconds. Pure. Called by `journal.verify`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from comity.journal.checkpoint import parse_checkpoint
from comity.journal.cosignature import cosigned_at
from comity.journal.evidence import Beacon, Logged
from comity.journal.quorum import Quorum
from comity.journal.report import Basis, End, Interval, Witnessing
from comity.journal.timestamp import Authority, Stamp, check_stamp, read_stamp
from comity.journal.tlog_proof import check_proof
from comity.journal.validity import LogKeys
from comity.model.fault import Malformed, Untrusted
from comity.model.quantity import SECOND_US, checked_instant_us
from comity.trust.keys import KeyType, VerifierKey
from comity.trust.lives import Span
from comity.trust.note import Note
from comity.wire.canonical import sha256
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
    quorum: Quorum
    windows: Mapping[VerifierKey, Span]
    authorities: tuple[Authority, ...] = ()


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


def witnessing(
    notice: Logged[ContentBody],
    who: Onlookers,
    quorum: Quorum,
    policy: bytes | None = None,
    counts: Callable[[int], bool] = lambda _: True,
) -> Witnessing:
    """The head with a quorum, else with most cosignatures; those on other heads do not add up.

    `counts` says of which sizes a head counts.
    """
    found = cosigned(notice, who.log, who.witnesses, who.windows)
    sizes = [parse_checkpoint(proof.checkpoint.text).size for proof in notice.proofs]
    heads = [tuple(each) for each, size in zip(found, sizes, strict=True) if counts(size)]
    best = max(heads, key=lambda keys: (quorum.met(keys), len(_names(keys))), default=())
    quantum = [key for key in best if key.key_type is KeyType.ML_DSA_44]
    return Witnessing(
        names=tuple(sorted(_names(best))),
        post_quantum=tuple(sorted(_names(quantum))),
        known=len(_names(who.witnesses)),
        quorum=quorum.smallest,
        tolerates=quorum.tolerates,
        met=quorum.met(best),
        policy=policy,
    )


def _names(keys: Iterable[VerifierKey]) -> frozenset[str]:
    """The witnesses: one whose key was changed is still one."""
    return frozenset(key.name for key in keys)


def given_interval(
    notice: Logged[ContentBody], beacon: Beacon | bytes | None, who: Onlookers
) -> Interval:
    """After the beacon that the entry holds, before the first evidence over a head with it.

    A beacon is a cosigned head, or the bytes of a time stamp.
    """
    low = _low(notice, beacon, who)
    highs = _highs(notice, who)
    return Interval(
        low=low,
        high=_firmest(highs),
        claimed_us=notice.entry.issued_us,
        clock_unsure=notice.entry.clock_unsure,
        lows=() if low is _NOWHERE else (low,),
        highs=highs,
    )


def taken_interval(
    given: Interval,
    receipt: Logged[ReceiptBody],
    bind: Logged[PeerCheckpointBody] | None,
    who: Onlookers,
) -> Interval:
    """A receipt names its entry, so it is no older; `bind` is proven to name the receipt."""
    highs = () if bind is None else _highs(bind, who)
    return Interval(
        low=given.low,
        high=_firmest(highs),
        claimed_us=receipt.body.taken_us,
        clock_unsure=receipt.entry.clock_unsure,
        lows=given.lows,
        highs=highs,
    )


def _firmest(ends: Sequence[End]) -> End:
    """The neutral end that withstands most liars, of those the earliest; else the peer's."""
    neutral = [end for end in ends if end.basis is not Basis.PEER]
    by_peer = [end for end in ends if end.basis is Basis.PEER]
    ranked = sorted(neutral or by_peer, key=lambda end: (-end.withstands, end.time_s or 0))
    return ranked[0] if ranked else _NOWHERE


def _low(notice: Logged[ContentBody], beacon: Beacon | bytes | None, who: Onlookers) -> End:
    if beacon is None:
        return _NOWHERE
    if isinstance(beacon, bytes):
        return _low_by_stamp(notice, beacon, who)
    if beacon.sha256 != notice.entry.beacon:
        raise Untrusted("the beacon is not the one that the entry holds", code="bad_beacon")
    times = _times(beacon.note, who.witnesses, who.windows)
    found = [(time_s, key.name) for key, time_s in times.items()]
    if not found:
        return _NOWHERE
    time_s, name = max(found)
    return End(time_s=time_s, basis=Basis.BEACON, by=(name,))


def _highs(logged: _Own, who: Onlookers) -> tuple[End, ...]:
    ends = (_by_witnesses(logged, who), *_by_authorities(logged, who), _by_peer(logged, who))
    return tuple(end for end in ends if end)


def _by_witnesses(logged: _Own, who: Onlookers) -> End | None:
    """The firmest of the heads that witnesses cosigned."""
    heads = cosigned(logged, who.log, who.witnesses, who.windows)
    ends = [_surest(who.quorum, times) for times in heads if times]
    return _firmest(ends) if ends else None


def _surest(quorum: Quorum, times: _Times) -> End:
    time_s, keys = quorum.surest(times)
    names = tuple(key.name for key in keys)
    return End(time_s=time_s, basis=Basis.WITNESS, by=names, withstands=len(names) - 1)


def _low_by_stamp(notice: Logged[ContentBody], data: bytes, who: Onlookers) -> End:
    """A stamp is not to be foreseen, whatever it is over: what holds its hash is younger."""
    if sha256(data) != notice.entry.beacon:
        raise Untrusted("the beacon is not the one that the entry holds", code="bad_beacon")
    try:
        stamp = check_stamp(data, None, who.authorities)
    except Untrusted:
        return _NOWHERE  # by an authority that nobody named
    return End(time_s=stamp.low_s, basis=Basis.TIMESTAMP, by=(stamp.by,))


def _by_authorities(logged: _Own, who: Onlookers) -> tuple[End, ...]:
    """Each authority's stamp; and if there are several, what holds though all but one lie."""
    texts = [proof.checkpoint.text.encode() for proof in logged.proofs]
    stamps = [stamp for data in logged.stamps if (stamp := _stamp(data, texts, who.authorities))]
    ends = [_stamped((stamp,)) for stamp in stamps]
    several = len({stamp.by for stamp in stamps}) > 1
    return (*ends, _stamped(stamps)) if several else tuple(ends)


def _stamped(stamps: Sequence[Stamp]) -> End:
    by = tuple(sorted({stamp.by for stamp in stamps}))
    time_s = max(stamp.high_s for stamp in stamps)
    return End(time_s=time_s, basis=Basis.TIMESTAMP, by=by, withstands=len(by) - 1)


def _stamp(data: bytes, texts: Sequence[bytes], named: Sequence[Authority]) -> Stamp | None:
    """The stamp over one of these heads; None if no authority that is named signed it.

    Untrusted if it is over something else: who made the bundle says with it what is not so.
    """
    imprint = read_stamp(data).tst_info.message_imprint.message
    text = next((text for text in texts if sha256(text) == imprint), None)
    if text is None:
        raise Untrusted("a time stamp is over none of the heads", code="bad_stamp")
    try:
        return check_stamp(data, text, named)
    except Untrusted:
        return None


def _by_peer(logged: _Own, who: Onlookers) -> End | None:
    heads = cosigned(logged, who.log, who.peer, who.windows)
    by_peer = [time_s for times in heads for time_s in times.values()]
    if not by_peer:
        return None
    return End(time_s=min(by_peer), basis=Basis.PEER, by=(who.peer[0].name,))
