"""Our own journal for those who check it: entries with proofs, the checkpoint, tiles.

Formats are C2SP's (tlog-tiles, tlog-checkpoint, tlog-proof), so that others' programs read them.
Unlike a public log this one asks for a key. Called by way of the table; `checkpoint_note` by
status too.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from comity.journal.bundle import bundle_files
from comity.journal.choice import Choice
from comity.journal.prove import prove_inclusion, with_signatures
from comity.journal.scribe import SignedHead
from comity.journal.tile import TILE_WIDTH, TileRef, hash_tile, pack_entries, parse_tile_path
from comity.journal.tlog_proof import serialise_proof
from comity.model.fault import Corrupt, Malformed, Refusal, Refused
from comity.model.quantity import instant_text
from comity.storage.rows import EntryRow as Stored
from comity.storage.rows import EvidenceRow
from comity.storage.store import Reading
from comity.trust.note import Note, parse_note, serialise
from comity.web.api.record_shapes import (
    BundleView,
    EntryRow,
    EntryView,
    EvidenceView,
    FieldName,
)
from comity.web.api.shapes import Page
from comity.web.gate import Admitted
from comity.web.problem import BadField
from comity.web.route import Answer, Query
from comity.wire.canonical import b64, decimal
from comity.wire.entry_v1 import parse_entry
from comity.wire.fields import parse_fields
from comity.wire.limits import PAGE_ROWS_MAX

__all__ = [
    "BUNDLE_QUERY",
    "bundle_view",
    "checkpoint",
    "checkpoint_note",
    "entries",
    "entry",
    "entry_bundle",
    "evidence",
    "tile",
]

ENTRIES_DEFAULT = 100
GIVEN, RECORDED = "given", "recorded"
FIELDS, NAMES_ONLY, NOT_OPENED = "fields", "names", "nothing"
BUNDLE_QUERY = (
    Query(
        name="show",
        about="paths of the fields to show, with commas between; a folder names all below it; "
        "default all",
    ),
    Query(name="withhold", about="paths of the fields to leave out, in the same form"),
    Query(
        name="opening",
        about="fields: those chosen, default; names: the list of all paths alone; nothing: not "
        "even that",
        choices=(FIELDS, NAMES_ONLY, NOT_OPENED),
    ),
    Query(
        name="proves",
        about="given: that it was given and received, default; recorded: that it was recorded",
        choices=(GIVEN, RECORDED),
    ),
)

_LEVEL_BITS = 8
# A tile of a given width never changes; the head does.
_FOREVER = MappingProxyType({"cache-control": "private, max-age=604800, immutable"})
_NEVER = MappingProxyType({"cache-control": "no-cache"})


def entry(call: Admitted) -> EntryView:
    """One entry, proven under our newest head."""
    index = _index(call)
    head = call.node.scribe.published(call.node.head, call.now_us)

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
            fields=_field_names(reading, row.leaf),
        )

    return call.read(query)


def _field_names(reading: Reading, leaf: bytes) -> list[FieldName] | None:
    kept = reading.journal.opening(leaf)
    if kept is None:
        return None
    return [FieldName(path=field.path, type=field.type) for field in parse_fields(kept.fields)]


def entries(call: Admitted) -> Page[EntryRow]:
    """Our entries by index, page by page; `after` is the index of the last one seen."""
    start = _number(call, "after", -1) + 1
    limit = _number(call, "limit", ENTRIES_DEFAULT)
    if not 1 <= limit <= PAGE_ROWS_MAX:
        raise BadField(f"limit is 1 to {PAGE_ROWS_MAX}", code="bad_query", field="limit")

    def query(reading: Reading) -> Page[EntryRow]:
        size = reading.journal.size()
        rows = reading.journal.entries(min(start, size), min(start + limit, size))  # of any size
        more = bool(rows) and rows[-1].index + 1 < size
        return Page(
            items=[_entry_row(row) for row in rows],
            next=str(rows[-1].index) if more else None,
        )

    return call.read(query)


def _entry_row(row: Stored) -> EntryRow:
    entry_ = parse_entry(parse_note(row.body).text)
    return EntryRow(
        index=row.index,
        leaf=row.leaf.hex(),
        type=entry_.type,
        to=entry_.audience,
        seq=entry_.seq,
        issued=instant_text(entry_.issued_us),
    )


def _number(call: Admitted, name: str, default: int) -> int:
    text = call.query.get(name)
    try:
        return default if text is None else decimal(text)
    except Malformed as error:
        raise BadField(f"{name} is a number", code="bad_query", field=name) from error


def entry_bundle(call: Admitted) -> BundleView:
    """The evidence of one entry of ours that a party has taken: a notice, an answer, our terms."""
    index = _index(call)
    return bundle_view(call, lambda _: index)


def bundle_view(call: Admitted, index_in: Callable[[Reading], int]) -> BundleView:
    """The bundle of the entry that `index_in` finds; Refused (`not_delivered`) if none took it."""
    node = call.node
    # The head before the state is read: a later head may stand on entries not in it.
    head = node.scribe.published(node.head, call.now_us)

    def head_of(size: int) -> SignedHead:
        return node.scribe.published(node.scribe.head_of(size), call.now_us)

    choice = _choice(call.query)
    recorded = _one_of(call.query, "proves", (GIVEN, RECORDED)) == RECORDED

    def query(reading: Reading) -> dict[str, bytes]:
        return bundle_files(
            reading,
            index=index_in(reading),
            head_of=head_of,
            head=head,
            identity=node.identity,
            witnesses=node.roster.now.witness_names,
            choice=choice,
            recorded=recorded,
        )

    return BundleView(files={name: b64(data) for name, data in call.read(query).items()})


def _choice(query: Mapping[str, str]) -> Choice:
    """What of the content is to be shown."""
    opening = _one_of(query, "opening", (FIELDS, NAMES_ONLY, NOT_OPENED))
    show, withhold = _paths(query, "show"), _paths(query, "withhold") or ()
    if opening == FIELDS:
        return Choice(show=show, withhold=withhold)
    if show is not None or withhold:
        reason = f"with opening={opening} no field is shown, so none can be chosen"
        raise BadField(reason, code="bad_query", field="opening")
    return Choice(show=(), listed=opening == NAMES_ONLY)


def _one_of(query: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """A value of the closed list, whose first is the default."""
    found = query.get(name, choices[0])
    if found not in choices:
        raise BadField(f"{name} is one of {', '.join(choices)}", code="bad_query", field=name)
    return found


def _paths(query: Mapping[str, str], name: str) -> tuple[str, ...] | None:
    """Paths with commas between: none holds one."""
    return tuple(query[name].split(",")) if query.get(name) else None


def _index(call: Admitted) -> int:
    try:
        return decimal(call.path["index"])
    except Malformed as error:
        raise BadField("an index is a number", code="bad_number", field="index") from error


def evidence(call: Admitted) -> Page[EvidenceView]:
    """What convicts other parties, oldest first."""
    rows = call.read(lambda r: r.mirror.evidence())
    return Page(items=[_evidence_view(row) for row in rows])


def _evidence_view(row: EvidenceRow) -> EvidenceView:
    return EvidenceView(
        id=row.id.hex(),
        party=row.origin,
        kind=row.kind,
        at=instant_text(row.at_us),
        file=row.file.decode("utf-8"),
    )


async def checkpoint(call: Admitted) -> Answer:
    """Our newest head as a signed note, with every cosignature over it that we hold."""
    head = call.node.scribe.published(call.node.head, call.now_us)
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
