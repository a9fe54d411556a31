"""Bundles made by hand, without a store: what an honest node would never make can be made here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from comity.journal.checkpoint import Checkpoint, checkpoint_text
from comity.journal.content import commit_content
from comity.journal.cosignature import cosign
from comity.journal.manifest import MANIFEST_NAME, Piece, manifest_of, manifest_text
from comity.journal.merkle import leaf_hash, tree_inclusion, tree_root
from comity.journal.opening import disclose_all, opening_text
from comity.journal.tlog_proof import TlogProof, serialise_proof
from comity.journal.trustfile import Trust, parse_trust, trust_text
from comity.trust.identity import Identity
from comity.trust.keys import KeyType, SigningKey
from comity.trust.note import Note, serialise, sign_note
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import (
    Body,
    ContentBody,
    Entry,
    EntryType,
    Got,
    PeerCheckpointBody,
    ReceiptBody,
    entry_text,
)
from comity.wire.fields import Field
from comity.wire.notice_v1 import fields_of
from tests.journal.two_nodes import NOON_US, SECOND_US, card_of, declaration, identity_of, seeded

SEED = bytes(range(32))
NOON_S = NOON_US // SECOND_US
WITNESSES = tuple(seeded(f"w{i}.example/w", KeyType.COSIGNATURE_V1) for i in range(1, 6))
ALPHA, BETA = identity_of("alpha.example/comity/2026"), identity_of("beta.example/comity/2026")
REFEREE = seeded("referee.example/trust")


@dataclass
class Tree:
    """A party's journal as a list."""

    identity: Identity
    entries: list[bytes] = field(default_factory=list)

    def write(
        self,
        kind: EntryType,
        audience: str,
        body: Body,
        *,
        seq: int = 0,
        refs: tuple[bytes, ...] = (),
        beacon: bytes | None = None,
        key: SigningKey | None = None,
        sender: str | None = None,
    ) -> int:
        entry = Entry(
            type=kind,
            sender=sender or self.identity.origin,
            audience=audience,
            seq=seq,
            prev=bytes(32) if seq else None,
            issued_us=NOON_US,
            beacon=beacon,
            body=body,
            refs=refs,
        )
        self.entries.append(serialise(sign_note(entry_text(entry), key or self.identity.entry)))
        return len(self.entries) - 1

    def leaf(self, index: int) -> bytes:
        return leaf_hash(self.entries[index])

    def head(self, size: int) -> Checkpoint:
        root = tree_root([leaf_hash(entry) for entry in self.entries[:size]])
        return Checkpoint(origin=self.identity.origin, size=size, root=root)

    def signed(self, size: int, cosigners: Iterable[tuple[SigningKey, int]] = ()) -> Note:
        """The signed head, with cosignatures at the given times (POSIX seconds)."""
        note = sign_note(checkpoint_text(self.head(size)), self.identity.log)
        lines = tuple(cosign(note.text, key, time_s) for key, time_s in cosigners)
        return Note(text=note.text, signatures=(*note.signatures, *lines))

    def proof(
        self, index: int, size: int, cosigners: Iterable[tuple[SigningKey, int]] = ()
    ) -> bytes:
        hashes = tree_inclusion([leaf_hash(entry) for entry in self.entries[:size]], index)
        checkpoint = self.signed(size, cosigners)
        return serialise_proof(TlogProof(index=index, hashes=hashes, checkpoint=checkpoint))


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A bundle in the making: its files, and the journals of both."""

    files: dict[Piece, bytes]
    alpha: Tree
    beta: Tree
    content: ContentBody
    fields: tuple[Field, ...]

    def sealed(self, changes: Mapping[Piece, bytes | None] | None = None) -> dict[str, bytes]:
        """With a true manifest, after `changes` (None takes a file away)."""
        wanted = {**self.files, **(changes or {})}
        files = {name: data for name, data in wanted.items() if data is not None}
        return resealed(files, self.content.root, 0, ALPHA)


def resealed(
    files: Mapping[Piece, bytes], id_: bytes, index: int, identity: Identity
) -> dict[str, bytes]:
    """Files with a manifest that the sender signs, whatever they are."""
    text = manifest_text(manifest_of(id_, index, files))
    manifest = serialise(sign_note(text, identity.entry))
    return {MANIFEST_NAME: manifest, **{str(name): data for name, data in files.items()}}


def receipt_body(alpha: Tree, size: int, *, root: bytes | None = None) -> ReceiptBody:
    return ReceiptBody(
        given_leaf=alpha.leaf(0),
        given_index=0,
        peer_size=size,
        peer_root=alpha.head(size).root if root is None else root,
        got=Got.FULL,
        taken_us=NOON_US,
        verdict="accepted",
    )


def made(
    *,
    fields: tuple[Field, ...] | None = None,
    receipt: ReceiptBody | None = None,
    beacon: bytes | None = None,
    cosigners: Iterable[tuple[SigningKey, int]] = (),
    kind: EntryType = EntryType.NOTICE,
    content: ContentBody | None = None,
) -> Made:
    """Alpha's entry 0 given to beta, beta's receipt its entry 0, alpha's binding entry 1."""
    shown = fields_of(declaration()) if fields is None else fields
    content = content or commit_content(shown, SEED)
    alpha, beta = Tree(ALPHA), Tree(BETA)
    alpha.write(kind, BETA.origin, content, beacon=beacon)
    body = receipt or receipt_body(alpha, 1)
    beta.write(EntryType.RECEIPT, ALPHA.origin, body, refs=(alpha.leaf(0),))
    theirs = beta.head(1)
    bound = PeerCheckpointBody(
        peer=BETA.origin,
        peer_size=theirs.size,
        peer_root=theirs.root,
        note_hash=sha256(serialise(beta.signed(1))),
    )
    alpha.write(EntryType.PEER_CHECKPOINT, ALPHA.origin, bound, refs=(beta.leaf(0),))
    files = {
        Piece.NOTICE: alpha.entries[0],
        Piece.NOTICE_PROOF: alpha.proof(0, 1, [(BETA.cosigner, NOON_S + 1), *cosigners]),
        Piece.RECEIPT: beta.entries[0],
        Piece.RECEIPT_PROOF: beta.proof(0, 1),
        Piece.BIND: alpha.entries[1],
        Piece.BIND_PROOF: alpha.proof(1, 2, [(BETA.cosigner, NOON_S + 2)]),
        Piece.OPENING: opening_text(disclose_all(shown, SEED)).encode(),
    }
    return Made(files=files, alpha=alpha, beta=beta, content=content, fields=shown)


def trust_file(witnesses: Iterable[SigningKey] = (), *, quorum: int | None = None) -> bytes:
    keys = [key.verifier().text() for key in witnesses]
    signer = REFEREE.verifier().text()
    text = trust_text([card_of(ALPHA), card_of(BETA)], keys, signer=signer, quorum=quorum)
    return serialise(sign_note(text, REFEREE))


def trust_of(witnesses: Iterable[SigningKey] = (), *, quorum: int | None = None) -> Trust:
    return parse_trust(trust_file(witnesses, quorum=quorum))
