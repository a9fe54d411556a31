"""What must hold of every honest node, at any moment and at the end (house promises P1 to P6).

`Auditor` reads one life's journal as it grows; `unsettled` says what is still missing between two
honest parties after the network healed; `accused` holds what was kept against others to the plan.
"""

from collections import Counter
from collections.abc import Iterator

from comity.exchange.given import ACCEPTED
from comity.journal.checkpoint import parse_checkpoint
from comity.journal.lane import lane_of
from comity.journal.merkle import leaf_hash, root
from comity.journal.recover import recomputed_root
from comity.journal.tlog_proof import check_proof, parse_proof
from comity.model.lifecycle import LifeState, is_live
from comity.storage.rows import ForkRow, SubjectRow
from comity.trust.identity import Identity
from comity.trust.keys import VerifierKey
from comity.trust.note import parse_note, signed_by
from comity.wire.entry_v1 import UNBOUND, ContentBody, Entry, EntryType, ReceiptBody, parse_entry
from tests.simulation.deeds import spots_of
from tests.simulation.ledger import Broken
from tests.simulation.life import NodeLife

__all__ = ["Auditor", "accusations", "check_conflicts", "opened", "unsettled"]

ROWS = 10_000
OVERTAKEN = "no_such_move"  # an amendment that its subject's end overtook in the safety lane
UNSEEN = "not_found"  # a move of what a clock refused


def opened(body: bytes) -> Entry:
    """An entry of a journal."""
    return parse_entry(parse_note(body).text)


class Auditor:
    """Follows one life from entry to entry."""

    def __init__(self, life: NodeLife) -> None:
        self._life = life
        self._size = 0
        self._ends: dict[str, tuple[int, bytes]] = {}
        self._received: dict[str, tuple[int, bytes]] = {}
        self._given: dict[bytes, bytes] = {}
        self._contents: set[tuple[bytes, str]] = set()
        self._issued_us = 0

    def check(self) -> None:
        """What was written since the last time fits what was there; the tree is the signed one."""
        life = self._life
        head = life.scribe.head.checkpoint
        again = life.store.read(lambda r: recomputed_root(r, 0, head.size))
        above = life.store.read(lambda r: root(head.size, r.journal.node))
        if not again == above == head.root:
            raise Broken(f"P2: the head of {life.name} is not the root of its entries")
        rows = life.store.read(lambda r: r.journal.entries(self._size, head.size))
        for row in rows:
            self._entry(row.leaf, row.body)
        self._size = head.size

    def _entry(self, leaf: bytes, body: bytes) -> None:
        entry, name = opened(body), self._life.name
        if leaf != leaf_hash(body):
            raise Broken(f"P2: {name} holds a leaf that is not its entry's")
        if entry.issued_us < self._issued_us:
            raise Broken(f"P2: the times of {name} go back")
        self._issued_us = entry.issued_us
        _follow(self._ends, lane_of(entry.audience, entry.type), entry, leaf, name)
        if isinstance(entry.body, ReceiptBody):
            self._receipt(entry, entry.body)
        if isinstance(entry.body, ContentBody):
            content = entry.body.root, entry.audience
            if content in self._contents:
                raise Broken(f"P6: {name} gave one content twice to {entry.audience}")
            self._contents.add(content)

    def _receipt(self, entry: Entry, body: ReceiptBody) -> None:
        name = self._life.name
        if body.given_leaf in self._given:
            raise Broken(f"P6: {name} signed two receipts for one entry of {entry.audience}")
        row = self._life.store.read(lambda r: r.post.received(body.given_leaf))
        if row is None:
            raise Broken(f"P3: {name} signed a receipt and does not hold the entry")
        given = opened(row.body)
        if body.verdict == UNBOUND:  # on its signature alone: it moves no lane
            return
        lane = given.sender + lane_of("", given.type)
        if body.verdict != UNBOUND:  # taken on its signature alone: it stands in no lane
            _follow(self._received, lane, given, body.given_leaf, f"{name} from {given.sender}")
        self._given[body.given_leaf] = leaf_hash(row.body)


def _follow(
    ends: dict[str, tuple[int, bytes]], lane: str, entry: Entry, leaf: bytes, whose: str
) -> None:
    seq, prev = ends.get(lane, (-1, None))
    if (entry.seq, entry.prev) != (seq + 1, prev):
        raise Broken(f"P6: {whose}: entry {entry.seq} of a chain follows entry {seq}")
    ends[lane] = entry.seq, leaf


def _due(giver: NodeLife, taker: str) -> Iterator[tuple[int, bytes, Entry]]:
    """Entries of one party's journal that are due to another, by what they say."""
    size = giver.scribe.head.checkpoint.size
    for row in giver.store.read(lambda r: r.journal.entries(0, size)):
        entry = opened(row.body)
        if entry.audience == taker and entry.type is not EntryType.RECEIPT:
            yield row.index, row.leaf, entry


def unsettled(giver: NodeLife, taker: NodeLife, clocks: frozenset[str]) -> list[str]:
    """What one honest party owes another and has not bound yet.

    `clocks`: refusals for clocks that were far apart. What they refused is not seen, and the
    receipt says so.
    """
    found, allowed = [], clocks | {ACCEPTED, OVERTAKEN, *((UNSEEN,) if clocks else ())}
    waiting = giver.store.read(lambda r: r.post.outbox_count(taker.origin))
    if waiting:
        return [f"P6: {waiting} entries of {giver.name} wait for {taker.name}"]
    log = taker.node.identity.log.verifier()
    for index, leaf, _ in _due(giver, taker.origin):
        fault = _bound(giver, taker, (index, leaf), log, allowed)
        if fault:
            found.append(f"{fault} (entry {index} of {giver.name} for {taker.name})")
    return found if clocks else found + _views(giver, taker)


def _bound(
    giver: NodeLife,
    taker: NodeLife,
    place: tuple[int, bytes],
    log: VerifierKey,
    allowed: frozenset[str],
) -> str | None:
    """Why an entry is not given and taken, or None."""
    taken = giver.store.read(lambda r: r.post.taken(place[0]))
    if taken is None:
        return "P6: it was not taken"
    if taken.verdict not in allowed:
        return f"P6: it was refused: {taken.verdict}"
    leaf, proof = leaf_hash(taken.receipt), parse_proof(taken.receipt_proof)
    check_proof(proof, leaf, log)
    check_proof(parse_proof(taken.give_proof), place[1], giver.node.identity.log.verifier())
    row = taker.store.read(lambda r: r.journal.entry(proof.index))
    if row is None or row.leaf != leaf:
        return "P3: its receipt is not in the journal of who signed it"
    if taker.store.read(lambda r: r.post.received(place[1])) is None:
        return "P6: it was lost"
    return None


def _views(giver: NodeLife, taker: NodeLife) -> list[str]:
    """A quiet network: what one says, the other sees. Of what is over, only that it is over."""
    found = []
    for row in _subjects(giver):
        if row.owner != giver.origin or taker.origin not in row.recipients.split():
            continue
        seen = taker.store.read(lambda r, id_=row.id: r.sky.subject(id_))  # type: ignore[misc]
        if seen is None:
            found.append(f"P6: {taker.name} does not see a subject of {giver.name}")
        elif _view(seen) != _view(row):
            found.append(f"P6: {taker.name} sees another {row.kind} than {giver.name} declared")
    return found


def _view(row: SubjectRow) -> tuple[object, ...]:
    if not is_live(LifeState(row.state)):
        return row.kind, row.state
    return row.kind, row.state, row.volumes, row.notice


def _subjects(life: NodeLife) -> tuple[SubjectRow, ...]:
    return life.store.read(lambda r: r.sky.subjects(None, None, b"", ROWS))


def check_conflicts(life: NodeLife) -> None:
    """P4 and P5: the open conflicts are those of the oracle, none missing and none invented.

    The oracle knows nothing of nodes, so two nodes that see the same subjects hold the same ones.
    """
    placed = [(row, spots_of(row)) for row in _subjects(life) if is_live(LifeState(row.state))]
    due = Counter(
        (one.id, other.id)  # rows come by id
        for at, (one, here) in enumerate(placed)
        for other, there in placed[at + 1 :]
        if one.owner != other.owner and here & there
    )
    conflicts = life.store.read(lambda r: r.sky.conflicts())
    held = Counter((c.a, c.b) for c in conflicts if c.over_us is None)
    if held != due:
        missed, more = len(due - held), len(held - due)
        raise Broken(f"P4: {life.name} misses {missed} conflicts and holds {more} too many")


def accusations(life: NodeLife, party: Identity) -> int:
    """How many pairs of heads are kept against a party; all of them signed by it, or it is a lie.

    A person was called about them: a warning that names the party stands open.
    """
    rows = life.store.read(lambda r: r.post.forks(party.origin))
    for row in rows:
        _check_evidence(row, party)
    warned = [w for w in life.store.read(lambda r: r.sky.warnings()) if w.kind == "forked"]
    if bool(rows) != any(w.party == party.origin and w.cleared_us is None for w in warned):
        raise Broken(f"P2: {life.name} keeps evidence and calls nobody, or calls without evidence")
    return len(rows)


def _check_evidence(row: ForkRow, party: Identity) -> None:
    heads = []
    for data in (row.known, row.offered):
        note = parse_note(data)
        signed_by(note, party.log.verifier())
        heads.append(parse_checkpoint(note.text))
    if heads[0] == heads[1]:
        raise Broken("P2: the evidence is one head twice")
