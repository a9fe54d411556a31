"""Find what nobody can take back: statements whose signatures hold and that contradict each other.

Three kinds: two heads of one journal with the same size and different roots; a receipt that binds
another root than the journal signed for that size; two entries at the same place of one chain.
Signatures count under keys of the trust file only, within their windows and only if they were not
revoked: whoever stole a key must not make its party a liar. Pure. Called by `journal.verify`.
"""

from collections.abc import Iterator

from comity.journal.checkpoint import Checkpoint, parse_checkpoint
from comity.journal.evidence import Evidence, Logged
from comity.journal.lane import lane_of
from comity.journal.report import Finding
from comity.journal.trustfile import Trust
from comity.wire.entry_v1 import (
    ContentBody,
    PeerCheckpointBody,
    ReceiptBody,
)

__all__ = ["misbehaviour"]

_AnyLogged = Logged[ContentBody] | Logged[ReceiptBody] | Logged[PeerCheckpointBody]


def misbehaviour(evidence: Evidence, trust: Trust) -> tuple[Finding, ...]:
    """Every contradiction in the bundle, each once."""
    heads = tuple(_heads(evidence, trust))
    found = (*_forks(heads), *_false_bindings(evidence, trust, heads), *_reused(evidence, trust))
    return tuple(dict.fromkeys(found))


def _entries(evidence: Evidence) -> Iterator[_AnyLogged]:
    yield evidence.notice
    if evidence.receipt is not None:
        yield evidence.receipt
    if evidence.bind is not None:
        yield evidence.bind


def _heads(evidence: Evidence, trust: Trust) -> Iterator[Checkpoint]:
    """Every head in the bundle that its journal's own key signed, wherever it stands."""
    for logged in _entries(evidence):
        for proof in logged.proofs:
            head = parse_checkpoint(proof.checkpoint.text)
            party = trust.party(head.origin)
            if party is not None and party.heads.surely_signed(proof.checkpoint):
                yield head


def _forks(heads: tuple[Checkpoint, ...]) -> Iterator[Finding]:
    roots: dict[tuple[str, int], bytes] = {}
    for head in heads:
        if roots.setdefault((head.origin, head.size), head.root) != head.root:
            yield Finding(
                code="forked_journal",
                by=head.origin,
                text=f"{head.origin} signed two different journals of {head.size} entries",
            )


def _false_bindings(
    evidence: Evidence, trust: Trust, heads: tuple[Checkpoint, ...]
) -> Iterator[Finding]:
    receipt = evidence.receipt
    if receipt is None or not _by_its_sender(receipt, trust):
        return
    giver = receipt.entry.audience
    bound = receipt.body
    for head in heads:
        if (head.origin, head.size) == (giver, bound.peer_size) and head.root != bound.peer_root:
            yield Finding(
                code="contradicted_receipt",
                by=receipt.entry.sender,
                text=f"for {head.size} entries of {giver} the receipt binds another root than "
                f"{giver} signed: {receipt.entry.sender} states what it was not given, or "
                f"{giver} gave it another journal",
            )


def _by_its_sender(logged: _AnyLogged, trust: Trust) -> bool:
    party = trust.party(logged.entry.sender)
    index = None if logged.proof is None else logged.proof.index
    return party is not None and party.signed_entry(logged.note, index)


def _reused(evidence: Evidence, trust: Trust) -> Iterator[Finding]:
    """Each lane to an audience is a chain of its own."""
    places: dict[tuple[str, str, int], bytes] = {}
    for logged in _entries(evidence):
        entry = logged.entry
        if not _by_its_sender(logged, trust):
            continue
        place = (entry.sender, lane_of(entry.audience, entry.type), entry.seq)
        if places.setdefault(place, logged.leaf) != logged.leaf:
            yield Finding(
                code="reused_sequence",
                by=entry.sender,
                text=f"{entry.sender} signed two entries number {entry.seq} to {entry.audience}",
            )
