"""Our own journal for those who check it: entries with proofs, the checkpoint, tiles.

Formats are C2SP's (tlog-tiles, tlog-checkpoint, tlog-proof), so that others' programs read them.
Unlike a public log this one asks for a key. Called by way of the table; `checkpoint_note` by
status too.
"""

from collections.abc import Callable
from types import MappingProxyType

from comity.journal.bundle import bundle_files
from comity.journal.prove import prove_inclusion, with_signatures
from comity.journal.scribe import SignedHead
from comity.journal.tile import TILE_WIDTH, TileRef, hash_tile, pack_entries, parse_tile_path
from comity.journal.tlog_proof import serialise_proof
from comity.model.fault import Corrupt, Malformed, Refusal, Refused
from comity.storage.store import Reading
from comity.trust.note import Note, parse_note, serialise
from comity.web.api.shapes import BundleView, EntryView
from comity.web.gate import Admitted
from comity.web.problem import BadField
from comity.web.route import Answer
from comity.wire.canonical import b64, decimal

__all__ = ["bundle_view", "checkpoint", "checkpoint_note", "entry", "entry_bundle", "tile"]

_LEVEL_BITS = 8
# A tile of a given width never changes; the head does.
_FOREVER = MappingProxyType({"cache-control": "private, max-age=604800, immutable"})
_NEVER = MappingProxyType({"cache-control": "no-cache"})


def entry(call: Admitted) -> EntryView:
    """One entry, proven under our newest head."""
    index = _index(call)
    head = call.node.head

    def query(reading: Reading) -> EntryView:
        row = reading.journal.entry(index)
        if row is None:
            raise _not_found()
        proof = serialise_proof(prove_inclusion(reading, index, head))
        return EntryView(
            index=index,
            leaf=row.leaf.hex(),
            note=row.body.decode("utf-8"),
            proof=proof.decode("utf-8"),
        )

    return call.read(query)


def entry_bundle(call: Admitted) -> BundleView:
    """The evidence of one entry of ours that a party has taken: a notice, an answer, our terms."""
    index = _index(call)
    return bundle_view(call, lambda _: index)


def bundle_view(call: Admitted, index_in: Callable[[Reading], int]) -> BundleView:
    """The bundle of the entry that `index_in` finds; Refused (`not_delivered`) if none took it."""
    node = call.node
    head = node.head  # before the state is read: a later head may stand on entries not in it

    def query(reading: Reading) -> dict[str, bytes]:
        return bundle_files(
            reading,
            index=index_in(reading),
            head_of=node.scribe.head_of,
            head=head,
            identity=node.identity,
            witnesses=tuple(key.name for key in node.roster.now.witnesses),
        )

    return BundleView(files={name: b64(data) for name, data in call.read(query).items()})


def _index(call: Admitted) -> int:
    try:
        return decimal(call.path["index"])
    except Malformed as error:
        raise BadField("an index is a number", code="bad_number", field="index") from error


async def checkpoint(call: Admitted) -> Answer:
    """Our newest head as a signed note, with every cosignature over it that we hold."""
    head = call.node.head
    note = call.read(lambda r: checkpoint_note(r, head))
    return Answer(body=serialise(note), headers=_NEVER)


def checkpoint_note(reading: Reading, head: SignedHead) -> Note:
    """The head with its cosignatures."""
    rows = reading.journal.cosignatures(head.checkpoint.size)
    lines = [line for row in rows for line in parse_note(row.note).signatures]
    return with_signatures(head.note, lines)


async def tile(call: Admitted) -> Answer:
    """A tile of hashes or a bundle of entries, in full or as wide as the newest head makes it."""
    wanted = parse_tile_path(f"tile/{call.path['path']}")
    size = call.node.scribe.checkpoint.size
    if wanted.index * TILE_WIDTH + wanted.width > size >> (_LEVEL_BITS * (wanted.level or 0)):
        raise _not_found()
    return Answer(body=call.read(lambda r: _bytes(r, wanted)), headers=_FOREVER)


def _bytes(reading: Reading, wanted: TileRef) -> bytes:
    if wanted.level is not None:
        return hash_tile(wanted.level, wanted.index, wanted.width, reading.journal.node)
    start = wanted.index * TILE_WIDTH
    rows = reading.journal.entries(start, start + wanted.width)
    if len(rows) != wanted.width:
        raise Corrupt("an entry is missing", code="missing_entry")
    return pack_entries([row.body for row in rows])


def _not_found() -> Refused:
    return Refused(
        Refusal(
            code="not_found",
            reason="this journal does not reach that far",
            what_to_do="see /checkpoint for its size",
        )
    )
