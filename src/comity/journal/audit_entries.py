"""The part of an audit that reads entries: ours, others', receipts, lanes, contents and openings.

Each with its signature, its proof, its place, and what we wrote about it. What entries say of other
tables is noted for the parts that come after. Called by `journal.audit`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from comity.journal.audit_case import Case, Said, log_key_of, parsed
from comity.journal.audited import hold
from comity.journal.content import open_content, owned_seed
from comity.journal.lane import lane_of
from comity.journal.merkle import leaf_hash
from comity.journal.tlog_proof import check_proof, parse_proof
from comity.model.fault import Corrupt
from comity.storage.rows import ReceivedRow, TakenRow
from comity.trust.identity import Role
from comity.trust.lives import KeyLife, held
from comity.trust.note import parse_note
from comity.wire.entry_v1 import (
    UNBOUND,
    ContentBody,
    Entry,
    EntryType,
    EvidenceBody,
    KeysBody,
    PeerCheckpointBody,
    ReceiptBody,
    parse_entry,
)
from comity.wire.limits import ENTRY_BYTES_MAX

__all__ = ["Entries"]

_ABOUT_KEYS = frozenset({EntryType.KEY, EntryType.REVOKE})
_ACCEPTED = "accepted"


class Entries:
    """See the module docstring; keeps the ends of lanes and no entries."""

    def __init__(self, case: Case) -> None:
        """Nothing is read yet."""
        self._case = case
        self._ends: dict[tuple[str, str], tuple[int, bytes]] = {}

    def own(self) -> None:
        """Each entry of ours: grammar, one signature, its place in its lane."""
        for row in self._case.store.entries():
            self._case.audited.count("own signatures")
            with self._case.audited.at(f"entry {row.index}"):
                entry = _entry(row.body, self._case.lives)
                hold(entry.sender == self._case.keys.origin, "it is another party's")
                if row.index == 0:
                    self._check_keys(entry)
                leaf = self._case.tree.node(0, row.index)
                self._note(entry, row.index, leaf)
                self._follow(_link(entry, entry.audience, leaf))

    def _note(self, entry: Entry, index: int, leaf: bytes) -> None:
        noted, body = self._case.noted, entry.body
        if entry.beacon is not None:
            noted.beacons.setdefault(entry.beacon, index)
        if isinstance(body, EvidenceBody):
            noted.stamps[body.sha256] = body
        if entry.type not in _ABOUT_KEYS or not isinstance(body, ContentBody):
            return
        said = noted.statements.setdefault(entry.sender, [])
        if said and said[-1].body == body:  # to one more party: it counts from after the last
            said[-1] = replace(said[-1], counts_from=index + 1)
        else:
            said.append(_said(entry, body, leaf, index, index + 1))

    def _check_keys(self, entry: Entry) -> None:
        ours = {role: [e.key.text() for e in self._case.lives if e.role is role] for role in Role}
        for now in self._case.keys.lives:
            hold(now.key.text() in ours[now.role], "this home has other keys than its journal")
        first = KeysBody(
            entry_key=ours[Role.ENTRY][0],
            log_key=ours[Role.LOG][0],
            cosigner_key=ours[Role.COSIGNER][0],
        )
        hold(entry.body == first, "the journal begins with other keys than this home has")

    def _follow(self, link: "_Link") -> None:
        """One after the other in its lane; the end is kept to be compared."""
        seq, prev = self._ends.get(link.place, (-1, None))
        self._ends[link.place] = (link.seq, link.leaf)
        hold((link.seq, link.prev) == (seq + 1, prev), f"not due in the lane {link.place[1]}")

    def received(self) -> None:
        """Each entry of another party: hash, signature, proof, and what we wrote about it."""
        links: list[_Link] = []
        for row in self._case.store.received():
            self._case.audited.count("received entries")
            with self._case.audited.at(f"received {row.leaf.hex()[:16]}"):
                entry, verdict = self._received(row)
                if verdict != UNBOUND:  # which stands in no lane
                    links.append(_link(entry, self._case.keys.origin, row.leaf))
                if verdict == _ACCEPTED and entry.type in _ABOUT_KEYS:
                    self._note_of_peer(entry, row)
        for link in sorted(links, key=lambda link: link.seq):
            with self._case.audited.at(f"received {link.leaf.hex()[:16]}"):
                self._follow(link)

    def _note_of_peer(self, entry: Entry, row: ReceivedRow) -> None:
        if isinstance(entry.body, ContentBody):
            said = _said(entry, entry.body, row.leaf, row.receipt_index, row.index + 1)
            self._case.noted.statements.setdefault(row.peer, []).append(said)

    def _received(self, row: ReceivedRow) -> tuple[Entry, str | None]:
        """The entry, and our verdict on it; None for a receipt."""
        hold(leaf_hash(row.body) == row.leaf, "its bytes are not those of its leaf")
        peer = self._case.peer(row.peer)
        entry = _entry(row.body, peer.all_lives)
        hold(entry.sender == row.peer, "it is another party's")
        proof = parse_proof(row.proof)
        hold(proof.index == row.index, "the proof is for another place")
        check_proof(proof, row.leaf, log_key_of(proof.checkpoint, peer.all_lives))
        ours = self._case.own_entry(row.receipt_index)
        if isinstance(entry.body, ReceiptBody):
            hold(isinstance(ours.body, PeerCheckpointBody), "no entry of ours binds it")
            hold(row.leaf in ours.refs, "the entry that binds it names another")
            return entry, None
        if not isinstance(ours.body, ReceiptBody):
            raise Corrupt("no receipt of ours is where it should be", code="bad_row")
        hold(row.leaf in ours.refs, "our receipt is for another entry")
        return entry, ours.body.verdict

    def taken(self) -> None:
        """Each receipt for an entry of ours."""
        for row in self._case.store.taken():
            self._case.audited.count("receipts")
            with self._case.audited.at(f"receipt for entry {row.index}"):
                self._taken(row)

    def _taken(self, row: TakenRow) -> None:
        leaf = leaf_hash(row.receipt)
        kept = self._case.store.received_one(leaf)
        receipt = None if kept is None else parsed(kept.body)
        body = None if receipt is None else receipt.body
        if receipt is None or not isinstance(body, ReceiptBody):
            raise Corrupt("the receipt is not among what was received", code="bad_row")
        hold(receipt.sender == row.peer, "it is another party's")
        given = (self._case.tree.node(0, row.index), row.index)
        hold((body.given_leaf, body.given_index) == given, "it is for another entry")
        hold((body.taken_us, body.verdict) == (row.taken_us, row.verdict), "it says otherwise")
        proof = parse_proof(row.receipt_proof)
        check_proof(proof, leaf, log_key_of(proof.checkpoint, self._case.peer(row.peer).all_lives))
        proof = parse_proof(row.give_proof)
        hold(proof.index == row.index, "our proof is for another place")
        checkpoint = check_proof(proof, given[0], log_key_of(proof.checkpoint, self._case.lives))
        hold(
            checkpoint.root == self._case.tree.root(checkpoint.size), "our proof is of another tree"
        )
        bound = self._case.own_entry(row.bind_index)
        hold(isinstance(bound.body, PeerCheckpointBody), "no entry of ours binds it")
        hold(leaf in bound.refs, "the entry that binds it names another")

    def chains(self) -> None:
        """The ends of lanes as they are kept are those of the entries."""
        kept = {
            (sender, lane): (seq, leaf) for sender, lane, seq, leaf in self._case.store.chains()
        }
        for place in sorted(kept.keys() | self._ends.keys()):
            self._case.audited.count("lanes")
            if kept.get(place) != self._ends.get(place):
                self._case.audited.flaw(f"lane {place[0]} to {place[1]}", "it ends elsewhere")

    def contents(self) -> None:
        """The index of contents points at entries with these contents."""
        for content, audience, index in self._case.store.contents():
            self._case.audited.count("contents")
            with self._case.audited.at(f"content {content.hex()[:16]}"):
                entry = self._case.own_entry(index)
                body = entry.body
                held = isinstance(body, ContentBody) and body.root == content
                hold(held and entry.audience == audience, "the entry has another content")

    def openings(self) -> None:
        """Seeds and fields are what entries commit to; one may be gone, none may be wrong."""
        for row in self._case.store.openings():
            self._case.audited.count("openings")
            with self._case.audited.at(f"opening of {row.leaf.hex()[:16]}"):
                entry = self._case.any_entry(row.leaf)
                if not isinstance(entry.body, ContentBody):
                    raise Corrupt("it opens what has no content", code="bad_row")
                open_content(entry.body, owned_seed(row.seed, entry.sender), row.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    """An entry's place in its lane."""

    place: tuple[str, str]
    seq: int
    prev: bytes | None
    leaf: bytes


def _link(entry: Entry, audience: str, leaf: bytes) -> _Link:
    lane = lane_of(audience, entry.type)
    return _Link(place=(entry.sender, lane), seq=entry.seq, prev=entry.prev, leaf=leaf)


def _said(entry: Entry, body: ContentBody, leaf: bytes, order: int, counts_from: int) -> Said:
    return Said(order=order, leaf=leaf, sender=entry.sender, body=body, counts_from=counts_from)


def _entry(data: bytes, lives: Sequence[KeyLife]) -> Entry:
    """An entry with exactly one signature, and that by an entry key that its party ever had."""
    note = parse_note(data, size_max=ENTRY_BYTES_MAX)
    hold(len(note.signatures) == 1, "an entry has exactly one signature")
    held(note, (life for life in lives if life.role is Role.ENTRY))
    return parse_entry(note.text)
