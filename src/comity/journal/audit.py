"""Check a whole journal again: nothing is believed that can be hashed or verified.

In two parts. `hash_all` hashes every entry and every node of the tree and compares them with the
lock: what a damaged disk or a changed row leaves. `verify_all` reads every entry and checks lanes,
signatures, openings, proofs, cosignatures and heads: what somebody who also changed the hashes
leaves. A flaw names a place and what is wrong there; an audit goes on after it. Rows of desks
(subjects, answers, warnings) are no evidence and are not looked at. Called by `comity audit`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from comity.journal.checkpoint import parse_checkpoint
from comity.journal.content import open_content, owned_seed
from comity.journal.cosignature import cosigned_at
from comity.journal.forkfile import check_fork, parse_fork
from comity.journal.lane import lane_of
from comity.journal.merkle import EMPTY_ROOT, leaf_hash, node_hash, root
from comity.journal.mirror import check_tiles, node_of
from comity.journal.tlog_proof import check_proof, parse_proof
from comity.journal.validity import LogKeys
from comity.model.fault import Corrupt, Fault
from comity.storage.inspect import Inspected
from comity.storage.rows import CosignatureRow, ForkRow, Head, ReceivedRow, TakenRow
from comity.trust.card import open_card
from comity.trust.identity import Role
from comity.trust.keys import VerifierKey
from comity.trust.lives import KeyLife, held, life_of
from comity.trust.note import Note, parse_note
from comity.trust.roster import Peer, peer_of
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import (
    UNBOUND,
    ContentBody,
    Entry,
    KeysBody,
    PeerCheckpointBody,
    ReceiptBody,
    parse_entry,
)
from comity.wire.limits import ENTRY_BYTES_MAX

__all__ = ["Audited", "Flaw", "OwnKeys", "Tree", "hash_all", "verify_all"]

_STEP = 1_000  # rows between two words on progress
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Something that is not as it was written, and where."""

    where: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKeys:
    """Our own public keys, and those of the witnesses that we ask."""

    entry: VerifierKey
    log: VerifierKey
    cosigner: VerifierKey
    witnesses: tuple[VerifierKey, ...]

    @property
    def origin(self) -> str:
        """The name of our journal."""
        return self.log.name

    @property
    def lives(self) -> tuple[KeyLife, ...]:
        """These keys, where none was ever changed."""
        roles = {Role.ENTRY: self.entry, Role.LOG: self.log, Role.COSIGNER: self.cosigner}
        return tuple(KeyLife(role=role, key=key) for role, key in roles.items())


@dataclass(kw_only=True)
class Audited:
    """What was found so far: flaws, and how many rows of each kind were looked at."""

    flaws: list[Flaw] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=dict)
    progress: Progress = lambda _, __: None

    def count(self, kind: str) -> None:
        """One more row of a kind."""
        self.checked[kind] = self.checked.get(kind, 0) + 1
        if self.checked[kind] % _STEP == 0:
            self.progress(kind, self.checked[kind])

    def flaw(self, where: str, what: str) -> None:
        """Note a flaw."""
        self.flaws.append(Flaw(where=where, what=what))

    @contextmanager
    def at(self, where: str) -> Iterator[None]:
        """Whatever is wrong inside is a flaw at this place."""
        try:
            yield
        except Fault as fault:
            self.flaw(where, f"{fault.reason} ({fault.code})")


class Tree:
    """The tree over the entries as they are stored, hashed anew, level by level."""

    def __init__(self, leaves: list[bytes]) -> None:
        """Hash everything above the leaves."""
        self.levels = [leaves]
        while len(self.levels[-1]) > 1:
            row = self.levels[-1]
            self.levels.append([node_hash(a, b) for a, b in zip(row[::2], row[1::2], strict=False)])

    @property
    def size(self) -> int:
        """How many leaves."""
        return len(self.levels[0])

    def node(self, level: int, index: int) -> bytes:
        """The hash of a full subtree; Corrupt beyond the end."""
        if level >= len(self.levels) or not 0 <= index < len(self.levels[level]):
            raise Corrupt(f"there is no node {level}/{index}", code="missing_node")
        return self.levels[level][index]

    def root(self, size: int) -> bytes:
        """The root over the first `size` entries."""
        return EMPTY_ROOT if size == 0 else root(size, self.node)


def hash_all(store: Inspected, audited: Audited) -> Tree:
    """Hash every entry and node; compare with the stored leaves, nodes and lock."""
    leaves: list[bytes] = []
    with audited.at("entries"):
        for row in store.entries():
            audited.count("entries")
            if row.index != len(leaves):
                raise Corrupt(f"entry {len(leaves)} is missing", code="missing_entry")
            leaf = leaf_hash(row.body)
            if leaf != row.leaf:
                audited.flaw(f"entry {row.index}", "its bytes are not those of its leaf")
            leaves.append(leaf)
    tree = Tree(leaves)
    with audited.at("nodes"):
        _check_nodes(store, tree, audited)
    _check_lock(store.locked(), tree, audited)
    return tree


def _check_nodes(store: Inspected, tree: Tree, audited: Audited) -> None:
    """All nodes that should be there are, and no other."""
    wanted = ((level, index) for level, row in enumerate(tree.levels) for index in range(len(row)))
    for found in store.nodes():
        audited.count("nodes")
        place = next(wanted, None)
        if place != found[:2]:
            raise Corrupt(f"node {found[0]}/{found[1]} stands where {place} should", code="bad_row")
        if found[2] != tree.node(*place):
            audited.flaw(f"node {place[0]}/{place[1]}", "it is not the hash of what is below it")
    missing = next(wanted, None)
    if missing is not None:
        raise Corrupt(f"node {missing[0]}/{missing[1]} is missing", code="missing_node")


def _check_lock(locked: tuple[int, bytes] | None, tree: Tree, audited: Audited) -> None:
    if locked is None:
        if tree.size:
            audited.flaw("lock", "it is gone")
        return
    size, signed = locked
    if size > tree.size:
        audited.flaw("lock", f"{size} entries were signed, {tree.size} are there")
    elif tree.root(size) != signed:
        audited.flaw("lock", f"the root over {size} entries is not the one that was signed")


def verify_all(store: Inspected, tree: Tree, keys: OwnKeys, audited: Audited) -> None:
    """Verify everything that carries a signature or a proof; `tree` is what `hash_all` made."""
    peers = _peers(store, audited)
    verifier = _Verifier(store, tree, keys, peers, audited)
    for step in (
        *(verifier.database, verifier.own, verifier.received, verifier.taken, verifier.chains),
        *(verifier.contents, verifier.openings, verifier.cosignatures, verifier.heads),
        *(verifier.mirrors, verifier.evidence),
    ):
        with audited.at(step.__name__):
            step()


def _peers(store: Inspected, audited: Audited) -> Mapping[str, Peer]:
    found: dict[str, Peer] = {}
    with audited.at("peers"):
        for row in store.peers():
            audited.count("cards")
            with audited.at(f"card of {row.origin}"):
                peer = peer_of(open_card(row.card))
                _hold(peer.origin == row.origin, "the card is another party's")
                lives = _lives(store, row.origin)
                found[row.origin] = peer.with_lives(lives) if lives else peer
    return found


def _lives(store: Inspected, origin: str) -> tuple[KeyLife, ...]:
    """All keys that a party ever had, if one changed: what was taken in its time stays whole."""
    try:
        return tuple(
            life_of(row.role, row.key, row.start, row.end, row.revoked_s)
            for row in store.keys(origin)
        )
    except ValueError as error:
        raise Corrupt(f"a key of {origin} has no role", code="bad_row") from error


class _Verifier:
    """The second part of an audit; keeps the ends of lanes and no entries."""

    def __init__(
        self,
        store: Inspected,
        tree: Tree,
        keys: OwnKeys,
        peers: Mapping[str, Peer],
        audited: Audited,
    ) -> None:
        self._store = store
        self._tree = tree
        self._keys = keys
        self._peers = peers
        self._audited = audited
        self._lives = keys.lives
        with audited.at("own keys"):
            self._lives = _lives(store, keys.origin) or keys.lives
        self._ends: dict[tuple[str, str], tuple[int, bytes]] = {}

    def database(self) -> None:
        """What SQLite finds wrong with its pages and indices."""
        for flaw in self._store.flaws():
            self._audited.flaw("database", flaw)

    def own(self) -> None:
        """Each entry of ours: grammar, one signature, its place in its lane."""
        for row in self._store.entries():
            self._audited.count("own signatures")
            with self._audited.at(f"entry {row.index}"):
                entry = _entry(row.body, self._lives)
                _hold(entry.sender == self._keys.origin, "it is another party's")
                if row.index == 0:
                    self._check_keys(entry)
                self._follow(_link(entry, entry.audience, self._tree.node(0, row.index)))

    def _check_keys(self, entry: Entry) -> None:
        ours = {role: [e.key.text() for e in self._lives if e.role is role] for role in Role}
        for now in self._keys.lives:
            _hold(now.key.text() in ours[now.role], "this home has other keys than its journal")
        first = KeysBody(
            entry_key=ours[Role.ENTRY][0],
            log_key=ours[Role.LOG][0],
            cosigner_key=ours[Role.COSIGNER][0],
        )
        _hold(entry.body == first, "the journal begins with other keys than this home has")

    def _follow(self, link: "_Link") -> None:
        """One after the other in its lane; the end is kept to be compared."""
        seq, prev = self._ends.get(link.place, (-1, None))
        self._ends[link.place] = (link.seq, link.leaf)
        _hold((link.seq, link.prev) == (seq + 1, prev), f"not due in the lane {link.place[1]}")

    def received(self) -> None:
        """Each entry of another party: hash, signature, proof, and what we wrote about it."""
        links: list[_Link] = []
        for row in self._store.received():
            self._audited.count("received entries")
            with self._audited.at(f"received {row.leaf.hex()[:16]}"):
                entry, in_lane = self._received(row)
                if in_lane:
                    links.append(_link(entry, self._keys.origin, row.leaf))
        for link in sorted(links, key=lambda link: link.seq):
            with self._audited.at(f"received {link.leaf.hex()[:16]}"):
                self._follow(link)

    def _received(self, row: ReceivedRow) -> tuple[Entry, bool]:
        """The entry, and whether it stands in a lane: what was taken unbound does not."""
        _hold(leaf_hash(row.body) == row.leaf, "its bytes are not those of its leaf")
        peer = self._peer(row.peer)
        entry = _entry(row.body, peer.all_lives)
        _hold(entry.sender == row.peer, "it is another party's")
        proof = parse_proof(row.proof)
        _hold(proof.index == row.index, "the proof is for another place")
        check_proof(proof, row.leaf, _log_key(proof.checkpoint, peer.all_lives))
        ours = self._own_entry(row.receipt_index)
        if isinstance(entry.body, ReceiptBody):
            _hold(isinstance(ours.body, PeerCheckpointBody), "no entry of ours binds it")
            _hold(row.leaf in ours.refs, "the entry that binds it names another")
        else:
            if not isinstance(ours.body, ReceiptBody):
                raise Corrupt("no receipt of ours is where it should be", code="bad_row")
            _hold(row.leaf in ours.refs, "our receipt is for another entry")
            return entry, ours.body.verdict != UNBOUND
        return entry, True

    def taken(self) -> None:
        """Each receipt for an entry of ours."""
        for row in self._store.taken():
            self._audited.count("receipts")
            with self._audited.at(f"receipt for entry {row.index}"):
                self._taken(row)

    def _taken(self, row: TakenRow) -> None:
        leaf = leaf_hash(row.receipt)
        kept = self._store.received_one(leaf)
        receipt = None if kept is None else _parsed(kept.body)
        body = None if receipt is None else receipt.body
        if receipt is None or not isinstance(body, ReceiptBody):
            raise Corrupt("the receipt is not among what was received", code="bad_row")
        _hold(receipt.sender == row.peer, "it is another party's")
        given = (self._tree.node(0, row.index), row.index)
        _hold((body.given_leaf, body.given_index) == given, "it is for another entry")
        _hold((body.taken_us, body.verdict) == (row.taken_us, row.verdict), "it says otherwise")
        proof = parse_proof(row.receipt_proof)
        check_proof(proof, leaf, _log_key(proof.checkpoint, self._peer(row.peer).all_lives))
        proof = parse_proof(row.give_proof)
        _hold(proof.index == row.index, "our proof is for another place")
        checkpoint = check_proof(proof, given[0], _log_key(proof.checkpoint, self._lives))
        _hold(checkpoint.root == self._tree.root(checkpoint.size), "our proof is of another tree")
        bound = self._own_entry(row.bind_index)
        _hold(isinstance(bound.body, PeerCheckpointBody), "no entry of ours binds it")
        _hold(leaf in bound.refs, "the entry that binds it names another")

    def chains(self) -> None:
        """The ends of lanes as they are kept are those of the entries."""
        kept = {(sender, lane): (seq, leaf) for sender, lane, seq, leaf in self._store.chains()}
        for place in sorted(kept.keys() | self._ends.keys()):
            self._audited.count("lanes")
            if kept.get(place) != self._ends.get(place):
                self._audited.flaw(f"lane {place[0]} to {place[1]}", "it ends elsewhere")

    def contents(self) -> None:
        """The index of contents points at entries with these contents."""
        for content, audience, index in self._store.contents():
            self._audited.count("contents")
            with self._audited.at(f"content {content.hex()[:16]}"):
                entry = self._own_entry(index)
                body = entry.body
                held = isinstance(body, ContentBody) and body.root == content
                _hold(held and entry.audience == audience, "the entry has another content")

    def openings(self) -> None:
        """Seeds and fields are what entries commit to; one may be gone, none may be wrong."""
        for row in self._store.openings():
            self._audited.count("openings")
            with self._audited.at(f"opening of {row.leaf.hex()[:16]}"):
                entry = self._any_entry(row.leaf)
                if not isinstance(entry.body, ContentBody):
                    raise Corrupt("it opens what has no content", code="bad_row")
                open_content(entry.body, owned_seed(row.seed, entry.sender), row.fields)

    def cosignatures(self) -> None:
        """Over heads of ours, by keys that we know; a signer that is gone is counted."""
        lives = (life for peer in self._peers.values() for life in peer.of_role(Role.COSIGNER))
        known = (*self._keys.witnesses, *(life.key for life in lives))
        for row in self._store.cosignatures():
            keys = [key for key in known if key.name == row.signer]
            if not keys:
                self._audited.count("cosignatures of strangers")
                continue
            self._audited.count("cosignatures")
            with self._audited.at(f"cosignature of {row.signer} at {row.size}"):
                self._cosignature(row, keys)

    def _cosignature(self, row: CosignatureRow, keys: Sequence[VerifierKey]) -> None:
        note = parse_note(row.note)
        checkpoint = parse_checkpoint(note.text)
        _hold(checkpoint.origin == self._keys.origin, "it is over another journal's head")
        held = checkpoint.size == row.size <= self._tree.size
        _hold(held and checkpoint.root == self._tree.root(row.size), "the head was never ours")
        _hold(row.time_s in {cosigned_at(note, key) for key in keys}, "its time is another")
        _hold(note.signatures[0].line().encode() == row.line, "its line is another")
        known = {(key.name, key.key_id) for key in keys}
        lines = {(line.name, line.key_id) for line in note.signatures}
        _hold(lines <= known, "a line of it is by a key that is not named here")

    def heads(self) -> None:
        """The newest heads of others, and those that did not fit."""
        for head in self._store.heads():
            self._audited.count("heads")
            with self._audited.at(f"head of {head.origin}"):
                self._head(head)
        for fork in self._store.forks():
            self._audited.count("forks")
            with self._audited.at(f"fork of {fork.origin}"):
                self._fork(fork)

    def _head(self, head: Head) -> None:
        note = parse_note(head.note)
        _log_key(note, self._peer(head.origin).all_lives)
        found = parse_checkpoint(note.text)
        kept = (head.origin, head.size, head.root)
        _hold((found.origin, found.size, found.root) == kept, "the note says otherwise")

    def _fork(self, fork: ForkRow) -> None:
        for data in (fork.known, fork.offered):
            note = parse_note(data)
            _log_key(note, self._peer(fork.origin).all_lives)
            _hold(parse_checkpoint(note.text).origin == fork.origin, "it is another journal's")

    def mirrors(self) -> None:
        """Leaf hashes of others are those under a head that they signed.

        Those beyond it are compared with the next head, when all of its leaves were fetched.
        """
        heads = {head.origin: head for head in self._store.mirror_heads()}
        for origin in self._store.mirrored():
            self._audited.count("mirrors")
            with self._audited.at(f"mirror of {origin}"):
                tile, head = partial(self._store.tile, origin), heads.get(origin)
                check_tiles(tile)
                if head is not None:
                    self._head(head)
                    _hold(root(head.size, node_of(tile)) == head.root, "its head is another's")

    def evidence(self) -> None:
        """Files that convict somebody still do."""
        for row in self._store.evidence():
            self._audited.count("files of evidence")
            with self._audited.at(f"evidence {row.id.hex()[:16]}"):
                _hold(sha256(row.file) == row.id, "its bytes are not those of its id")
                fork = parse_fork(row.file)
                check_fork(fork, _ever(self._peer(row.origin)))
                _hold(fork.kind == row.kind, "it is of another kind")

    def _peer(self, origin: str) -> Peer:
        if origin not in self._peers:
            raise Corrupt(f"{origin} has no card here", code="bad_row")
        return self._peers[origin]

    def _own_entry(self, index: int) -> Entry:
        row = self._store.entry(index)
        if row is None:
            raise Corrupt(f"there is no entry {index}", code="missing_entry")
        return _parsed(row.body)

    def _any_entry(self, leaf: bytes) -> Entry:
        """An entry of ours or of another, by its leaf."""
        index = self._store.index_of(leaf)
        if index is not None:
            return self._own_entry(index)
        row = self._store.received_one(leaf)
        if row is None:
            raise Corrupt("no such entry is here", code="bad_row")
        return _parsed(row.body)


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


def _parsed(data: bytes) -> Entry:
    return parse_entry(parse_note(data, size_max=ENTRY_BYTES_MAX).text)


def _log_key(note: Note, lives: Sequence[KeyLife]) -> VerifierKey:
    """The log key that signed a head, of all that its party ever had."""
    return held(note, (life for life in lives if life.role is Role.LOG))[0].key


def _ever(peer: Peer) -> LogKeys:
    """All log keys of a peer, for always: what was kept is whole, whatever was revoked since."""
    lives = tuple(KeyLife(role=Role.LOG, key=life.key) for life in peer.of_role(Role.LOG))
    return LogKeys(origin=peer.origin, lives=lives)


def _entry(data: bytes, lives: Sequence[KeyLife]) -> Entry:
    """An entry with exactly one signature, and that by an entry key that its party ever had."""
    note = parse_note(data, size_max=ENTRY_BYTES_MAX)
    _hold(len(note.signatures) == 1, "an entry has exactly one signature")
    held(note, (life for life in lives if life.role is Role.ENTRY))
    return parse_entry(note.text)


def _hold(condition: object, sentence: str) -> None:
    """What is not so is a flaw in what is stored."""
    if not condition:
        raise Corrupt(sentence, code="damaged_journal")
