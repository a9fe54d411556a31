"""Make the evidence bundle of one entry of ours: files in formats that others can read.

That it was given and received, or that it was recorded: the second holds also of what we wrote for
ourselves and of what nobody took.

Reads one committed state; takes nothing from the network and waits for nothing, so a bundle that is
made later may hold more (a peer's cosignature, a witness's). Verifying is `journal.verify`, which
knows no store. Called by the doors. Reference: docs/reference/bundle.md.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from comity.journal.checkpoint import parse_checkpoint
from comity.journal.choice import EVERYTHING, Choice, chosen
from comity.journal.content import owned_seed
from comity.journal.manifest import (
    BIND_STAMPS,
    MANIFEST_NAME,
    NOTICE_STAMPS,
    Piece,
    bytes_max,
    manifest_of,
    manifest_text,
)
from comity.journal.opening import disclose_all, opening_text
from comity.journal.prove import prove_inclusion, with_signatures
from comity.journal.scribe import SignedHead
from comity.journal.tlog_proof import TlogProof, parse_proof, serialise_proof
from comity.model.fault import Corrupt, Refusal, Refused, must
from comity.storage.rows import CosignatureRow, EntryRow, TakenRow
from comity.storage.store import Reading
from comity.storage.times import COSIGNATURE
from comity.trust.identity import Identity, cosigner_key_name
from comity.trust.note import parse_note, serialise, sign_note
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import UNBOUND, ContentBody, Entry, parse_entry
from comity.wire.fields import parse_fields

__all__ = ["bundle_files"]

# A beacon is among the newest cosignatures before its entry; a bundle does not read the whole past.
_COSIGNATURES_MAX = 4_096
# Heads looked at for the one with most cosignatures: later ones would loosen the upper time bound.
_HEADS_MAX = 64
_STAMPS_MAX = 32  # over one head, by a few authorities, again and again while nothing is written

HeadOf = Callable[[int], SignedHead]


def bundle_files(
    reading: Reading,
    *,
    index: int,
    head_of: HeadOf,
    head: SignedHead,
    identity: Identity,
    witnesses: tuple[str, ...],
    choice: Choice = EVERYTHING,
    recorded: bool = False,
) -> dict[str, bytes]:
    """The files, by name, of the bundle of our entry `index`, with the manifest.

    `head` is a signed head of the state that is read; `head_of` signs an earlier size again, both
    with every line that our heads carry outside; `witnesses` are the key names of the neutral
    witnesses; `choice` says which fields are shown; `recorded` asks for no more than that the entry
    was recorded.

    Raises:
        Refused: no such entry (`not_found`), one without a content (`no_content`), given to nobody
            or not taken yet (`not_delivered`), taken unbound (`taken_unbound`), or `head` is older
            than the receipt (`not_yet`);
            `choice` names a field that is not there (`no_such_field`).
    """
    maker = _Maker(reading, head_of, head, witnesses)
    row, entry, body = _with_content(reading, index)
    files = {
        Piece.NOTICE: row.body,
        **(maker.recorded(row) if recorded else maker.delivered(row, entry)),
        **maker.opening(row, choice),
        **maker.beacon(index, entry),
    }
    for name, data in files.items():
        must(len(data) <= bytes_max(name), f"{name} is within its limit")
    text = manifest_text(manifest_of(body.root, index, files))
    manifest = serialise(sign_note(text, identity.entry))
    return {MANIFEST_NAME: manifest, **{str(name): data for name, data in files.items()}}


def _with_content(reading: Reading, index: int) -> tuple[EntryRow, Entry, ContentBody]:
    row = reading.journal.entry(index)
    if row is None:
        raise _refused("not_found", f"there is no entry {index}", "name an entry of this journal")
    entry = parse_entry(parse_note(row.body).text)
    if not isinstance(entry.body, ContentBody):
        raise _refused("no_content", "that entry is all there is to see", "read it as it is")
    return row, entry, entry.body


class _Maker:
    """One bundle in the making: the state that is read, and whose cosignatures count."""

    def __init__(
        self, reading: Reading, head_of: HeadOf, head: SignedHead, witnesses: tuple[str, ...]
    ) -> None:
        self._reading = reading
        self._head_of = head_of
        self._head = head
        self._witnesses = witnesses

    def delivered(self, row: EntryRow, entry: Entry) -> dict[Piece, bytes]:
        """What shows that the other party has it."""
        taken = self._reading.post.taken(row.index)
        if taken is None:
            own = entry.audience == entry.sender
            why = "it was given to nobody" if own else f"{entry.audience} has not taken it"
            what_to_do = "ask for the proof that it was recorded" + ("" if own else ", or later")
            raise _refused("not_delivered", why, what_to_do)
        if taken.verdict == UNBOUND:
            why = f"{entry.audience} took it on its signature alone: its receipt binds no history"
            raise _refused("taken_unbound", why, "settle which history of this journal holds")
        return {
            **self._notice_proofs(row, taken),
            Piece.RECEIPT: taken.receipt,
            Piece.RECEIPT_PROOF: taken.receipt_proof,
            **self._binding(taken),
        }

    def recorded(self, row: EntryRow) -> dict[Piece, bytes]:
        """Under the first head that any peer cosigned, and under one that witnesses cosigned."""
        peers = tuple(peer.origin for peer in self._reading.post.peers())
        names = tuple(cosigner_key_name(peer) for peer in peers)
        found = self._reading.journal.newest_cosignature(names, row.index + 1)
        head = self._head if found is None else self._head_of(found.size)
        size = head.checkpoint.size
        proof = self._cosigned(prove_inclusion(self._reading, row.index, head), size, *peers)
        files = {Piece.NOTICE_PROOF: serialise_proof(proof)}
        witnessed = self._witnessed(row.index, size, *peers)
        return files | ({Piece.NOTICE_WITNESSED: witnessed} if witnessed else {})

    def _notice_proofs(self, row: EntryRow, taken: TakenRow) -> dict[Piece, bytes]:
        """Under the head that the receipt binds; and under one that witnesses cosigned."""
        proof = parse_proof(taken.give_proof)
        size = parse_checkpoint(proof.checkpoint.text).size
        files = {Piece.NOTICE_PROOF: serialise_proof(self._cosigned(proof, size, taken.peer))}
        witnessed = self._witnessed(row.index, size, taken.peer)
        files |= {Piece.NOTICE_WITNESSED: witnessed} if witnessed else {}
        return files | self._stamped(row.index, taken.peer, Piece.NOTICE_STAMPED, NOTICE_STAMPS)

    def _binding(self, taken: TakenRow) -> dict[Piece, bytes]:
        """Our entry that records the peer's head, under the first head of ours that it cosigned."""
        row = self._reading.journal.entry(taken.bind_index)
        if row is None:
            raise Corrupt("the binding is not in the journal", code="missing_entry")
        peer = (cosigner_key_name(taken.peer),)
        found = self._reading.journal.newest_cosignature(peer, row.index + 1)
        head = self._head if found is None else self._head_of(found.size)
        size = head.checkpoint.size
        proof = self._cosigned(prove_inclusion(self._reading, row.index, head), size, taken.peer)
        files = {Piece.BIND: row.body, Piece.BIND_PROOF: serialise_proof(proof)}
        witnessed = self._witnessed(row.index, size, taken.peer)
        files |= {Piece.BIND_WITNESSED: witnessed} if witnessed else {}
        return files | self._stamped(row.index, taken.peer, Piece.BIND_STAMPED, BIND_STAMPS)

    def opening(self, row: EntryRow, choice: Choice) -> dict[Piece, bytes]:
        """The fields that were chosen; nothing once the seed has been destroyed."""
        kept = self._reading.journal.opening(row.leaf)
        if kept is None:
            return {}
        seed = owned_seed(kept.seed, self._head.checkpoint.origin)
        shown = chosen(disclose_all(parse_fields(kept.fields), seed), choice)
        return {Piece.OPENING: opening_text(shown).encode("ascii")} if shown else {}

    def beacon(self, index: int, entry: Entry) -> dict[Piece, bytes]:
        """The cosigned head whose hash the entry holds, if it is still here."""
        if entry.beacon is None:
            return {}
        kept = self._reading.times.evidence(entry.beacon)
        if kept is not None and kept.kind == COSIGNATURE:
            return {Piece.BEACON: kept.body}
        if kept is not None:
            return {Piece.BEACON_STAMP: kept.body}
        rows = islice(self._back_from(index), _COSIGNATURES_MAX)
        note = next((row.note for row in rows if sha256(row.note) == entry.beacon), None)
        return {} if note is None else {Piece.BEACON: note}

    def _cosigned(self, proof: TlogProof, size: int, *peers: str) -> TlogProof:
        """The proof with every cosignature over its head that a verifier may ask for."""
        names = {*map(cosigner_key_name, peers), *self._witnesses}
        rows = self._reading.journal.cosignatures(size)
        kept = [parse_note(row.note) for row in rows if row.signer in names]
        more = list(self._head_of(size).note.signatures)
        more += [line for note in kept for line in note.signatures]
        checkpoint = with_signatures(proof.checkpoint, more)
        return TlogProof(index=proof.index, hashes=proof.hashes, checkpoint=checkpoint)

    def _witnessed(self, index: int, there: int, *peers: str) -> bytes | None:
        """The proof of `index` under its best witnessed head; None if that is `there` anyway."""
        size = self._best_witnessed(index + 1)
        if size is None or size == there or size > self._head.checkpoint.size:
            return None
        proof = prove_inclusion(self._reading, index, self._head_of(size))
        return serialise_proof(self._cosigned(proof, size, *peers))

    def _stamped(
        self, index: int, peer: str, proof_name: Piece, names: tuple[Piece, ...]
    ) -> dict[Piece, bytes]:
        """The stamps over the first stamped head that holds `index`, and the proof under it."""
        rows = self._reading.times.stamps(index + 1, _STAMPS_MAX)
        if not rows or rows[0].size > self._head.checkpoint.size:
            return {}
        size = rows[0].size
        firsts = {row.signer: row for row in reversed(rows) if row.size == size}
        stamps = [row.body for _, row in sorted(firsts.items())]
        proof = prove_inclusion(self._reading, index, self._head_of(size))
        found = {proof_name: serialise_proof(self._cosigned(proof, size, peer))}
        return found | dict(zip(names, stamps, strict=False))

    def _best_witnessed(self, from_size: int) -> int | None:
        """The first head that all witnesses cosigned, else the first of those that most did."""
        best: tuple[int, int] | None = None
        for size in islice(self._cosigned_sizes(from_size), _HEADS_MAX):
            signers = {row.signer for row in self._reading.journal.cosignatures(size)}
            number = len(signers.intersection(self._witnesses))
            if best is None or number > best[0]:
                best = (number, size)
            if number == len(self._witnesses):
                break
        return None if best is None else best[1]

    def _cosigned_sizes(self, from_size: int) -> Iterator[int]:
        """The sizes, upward, of heads that a neutral witness cosigned."""
        row = self._reading.journal.newest_cosignature(self._witnesses, from_size)
        while row is not None:
            yield row.size
            row = self._reading.journal.newest_cosignature(self._witnesses, row.size + 1)

    def _back_from(self, index: int) -> Iterator[CosignatureRow]:
        """Cosignatures over heads of at most `index` entries, the newest ones early.

        Entry `index` names the newest that there was, so its size is near; but others may have come
        in later. Windows that double in width find it without reading the whole past.
        """
        top, width = index + 1, 1
        while top > 1:
            bottom = max(1, top - width)
            for size in self._cosigned_sizes(bottom):
                if size >= top:
                    break
                yield from self._reading.journal.cosignatures(size)
            top, width = bottom, width * 2


def _refused(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do))
