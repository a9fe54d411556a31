"""Name what a peer does on the line, and keep what convicts it.

A name is a warning that people see and an entry of our journal: once until it is cleared, so that
nobody fills our journal. Evidence is made where signatures contradict each other, and only there:
a proof that is missing or does not hold shows nothing. Runs inside transactions. Called by the
courier, the server and the mirror.
"""

from collections.abc import Sequence
from functools import partial

from comity.journal.forkfile import Fork, check_fork, fork_of, serialise_fork
from comity.journal.heads import Forked
from comity.journal.merkle import consistency_proof, earlier_root, root
from comity.journal.mirror import node_of
from comity.journal.pen import Pen
from comity.journal.validity import LogKeys
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.fault import Untrusted
from comity.model.party import party_name
from comity.storage.rows import EvidenceRow, ForkRow, Head
from comity.storage.store import Reading, Transaction
from comity.trust.identity import Role
from comity.trust.note import parse_note
from comity.trust.roster import Peer
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import EntryType
from comity.wire.warning_v1 import fields_of_warning

__all__ = ["absolve", "accuse", "fork_between", "keep_fork", "keep_proven", "mirrored_root"]

_FORKS_MAX = 16  # against one party: the first is enough, a flood of them is not kept
_QUIET_US = 60_000_000  # what comes and goes is named at most once in this time


def accuse(  # noqa: PLR0917 - whom, of what, in which words, on what evidence
    tx: Transaction, pen: Pen, peer: Peer, kind: str, text: str, evidence: bytes | None = None
) -> None:
    """Raise a warning against a peer, and write it into our journal, unless it is open."""
    about = sha256(peer.origin.encode())
    if raise_warning(tx, pen, kind, about, text=text, party=peer.origin):
        fields = fields_of_warning(kind=kind, party=peer.origin, text=text, evidence=evidence)
        pen.write_content(EntryType.WARNING, pen.origin, pen.seal(fields))


def absolve(tx: Transaction, pen: Pen, peer: Peer, kind: str) -> bool:
    """Clear a warning that is a minute old: what it said is over. Whether none is left."""
    about = sha256(peer.origin.encode())
    rows = [r for r in tx.sky.open_warnings(about) if (r.kind, r.party) == (kind, peer.origin)]
    if any(row.raised_us > pen.now_us - _QUIET_US for row in rows):
        return False
    clear_warnings(tx, pen, kind, about, party=peer.origin)
    return True


def keep_fork(tx: Transaction, pen: Pen, peer: Peer, fork: Forked) -> None:
    """Keep both notes, and call a person; with evidence, if the two convict the peer.

    Of different sizes signed heads may still fit: a proof carries no signature, and may have been
    spoilt on the way. The head that we hold by now may be another one than was compared.
    """
    pen.claim_floor()  # evidence that comes once, and of which little is kept
    known = fork.known
    if known is None:
        return
    proven = _convicting(tx, peer, known, fork)
    is_room = len(tx.post.forks(peer.origin)) < _FORKS_MAX
    if is_room:
        row = ForkRow(
            origin=peer.origin, known=known.note, offered=fork.offered.note, at_us=pen.now_us
        )
        tx.post.save_fork(row)
    if proven is not None:  # kept however much came before it that proves nothing
        keep_proven(tx, pen, peer, proven)
        return
    if not is_room:
        return
    text = (
        f"{party_name(peer.origin)} did not prove that its head of size {fork.offered.size} "
        f"extends its head of size {known.size}; both are kept"
    )
    accuse(tx, pen, peer, "forked", text)


def keep_proven(tx: Transaction, pen: Pen, peer: Peer, fork: Fork) -> None:
    """Keep the file that convicts a peer, and call a person."""
    file = serialise_fork(fork)
    row = EvidenceRow(
        id=sha256(file), origin=peer.origin, kind=fork.kind, file=file, at_us=pen.now_us
    )
    tx.mirror.save_evidence(row)
    small, large = fork.heads
    name = party_name(peer.origin)
    if small.size == large.size:
        text = f"{name} signed two histories of size {small.size}; the evidence is kept"
    else:
        text = f"{name} signed two histories, of sizes {small.size} and {large.size}, of which "
        text += "neither continues the other; the evidence is kept"
    clear_warnings(tx, pen, "forked", sha256(peer.origin.encode()), party=peer.origin)
    accuse(tx, pen, peer, "forked", text, row.id)


def _convicting(tx: Transaction, peer: Peer, known: Head, fork: Forked) -> Fork | None:
    offered = fork.offered
    if offered.size == known.size:
        return fork_between(peer, known, offered, None, ())
    if offered.size > known.size:
        other = earlier_root(known.size, offered.size, offered.root, fork.proof)
        return fork_between(peer, known, offered, other, fork.proof)
    mirrored = tx.mirror.head(peer.origin)
    if mirrored is None or not 0 < offered.size <= mirrored.size:
        return None
    if offered.size == mirrored.size:
        return fork_between(peer, mirrored, offered, None, ())
    node = node_of(partial(tx.mirror.tile, peer.origin))
    proof = consistency_proof(offered.size, mirrored.size, node)
    return fork_between(peer, offered, mirrored, root(offered.size, node), proof)


def fork_between(
    peer: Peer, one: Head, other: Head, alternative: bytes | None, proof: Sequence[bytes]
) -> Fork | None:
    """The evidence of two heads if it convicts; `alternative` is the root inside the larger one."""
    if one.size != other.size and alternative is None:
        return None
    if (one.size, one.root) == (other.size, other.root) or 0 in {one.size, other.size}:
        return None
    notes = parse_note(one.note), parse_note(other.note)
    fork = fork_of(*notes, alternative, tuple(proof))
    try:
        check_fork(fork, LogKeys(origin=peer.origin, lives=peer.of_role(Role.LOG)))
    except Untrusted:
        return None
    return fork


def mirrored_root(reading: Reading, origin: str, size: int) -> bytes | None:
    """The root that a peer's journal has at a size, by the leaves mirrored; None beyond them."""
    mirrored = reading.mirror.head(origin)
    if mirrored is None or not 0 < size <= mirrored.size:
        return None
    return root(size, node_of(partial(reading.mirror.tile, origin)))
