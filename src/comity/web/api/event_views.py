"""What happened, as events in one order that never changes: entries, and warnings come and gone.

Each entry of our journal is one event, made when it is asked for; a receipt of ours stands for what
was given to us. A place is the number of entries and of changes of warnings that came before, so
that the same place gives the same events at any later time. Reference: docs/reference/events.md.
Called by `web.event_stream`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from comity.model.fault import Malformed
from comity.model.quantity import instant_text
from comity.storage.lines import WarningChangeRow
from comity.storage.rows import EntryRow
from comity.storage.store import Reading
from comity.trust.note import parse_note
from comity.wire.answer_v1 import STEP_PATH
from comity.wire.entry_v1 import UNBOUND, ContentBody, Entry, EntryType, ReceiptBody, parse_entry
from comity.wire.fields import Field, FieldType, parse_fields
from comity.wire.line_v1 import LINE_PATH, line_from
from comity.wire.message_v1 import ANSWER_PATH, MESSAGE_PATH

__all__ = ["EVENT_KINDS", "Event", "Place", "happened", "newest_place", "place_from"]

_PLACE = re.compile(r"(0|[1-9][0-9]{0,17})-(0|[1-9][0-9]{0,17})", re.ASCII)
_TAKEN: Final = frozenset({"accepted", UNBOUND})  # a hazard on a forked line is known to us too
# Kinds that are called as their entries are; what is not here or below is an `entry`.
_KINDS: Final[Mapping[EntryType, str]] = {
    EntryType.NOTICE: "notice",
    EntryType.SAFETY: "notice",
    EntryType.MESSAGE: "message",
    EntryType.ANSWER: "answer",
    EntryType.ATTESTATION: "attestation",
    EntryType.REQUEST: "request",
    EntryType.REPLY: "reply",
    EntryType.REPORT: "report",
    EntryType.AGREEMENT: "agreement",
}
# What a reader needs to find the thing: fields of the content that are shown, if they are there.
_SHOWN = frozenset({"code", "of", "about", "step", "stance", "change"})
_OPENED = frozenset(_KINDS)
EVENT_KINDS: Final = frozenset(
    {*_KINDS.values(), "line", "warning-raised", "warning-cleared", "entry"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """So many entries, and so many changes of warnings, came before."""

    entries: int
    changes: int

    @property
    def text(self) -> str:
        """As the id of an event."""
        return f"{self.entries}-{self.changes}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event: its kind, what it says, and the place after it."""

    kind: str
    says: Mapping[str, object]
    after: Place

    def text(self) -> bytes:
        """As it goes over the line; JSON has no line end in it."""
        data = msgspec.json.encode(self.says).decode()
        return f"event: {self.kind}\nid: {self.after.text}\ndata: {data}\n\n".encode()


def place_from(text: str) -> Place:
    """Read an event's id; Malformed (`bad_event_id`) if it is none."""
    found = _PLACE.fullmatch(text)
    if found is None:
        raise Malformed("an event's id is two numbers, as 1042-17", code="bad_event_id")
    return Place(entries=int(found[1]), changes=int(found[2]))


def newest_place(reading: Reading, size: int) -> Place:
    """The place after everything that happened; `size` entries are committed and signed."""
    return Place(entries=size, changes=reading.lines.newest_change())


def happened(reading: Reading, place: Place, size: int, limit: int) -> tuple[Event, ...]:
    """At most `limit` events (and no fewer than there are, up to that) after a place.

    Only what lies below `size`, the head that was signed last: later entries are on their way. A
    change of a warning comes before the entry that was written next.
    """
    stop = min(size, place.entries + limit)
    entries = reading.journal.entries(place.entries, stop)
    changes = reading.lines.changes(place.changes, limit)
    changes = tuple(each for each in changes if each.size <= stop)
    keyed: list[tuple[tuple[int, int, int], EntryRow | WarningChangeRow]] = [
        *(((row.index, 1, 0), row) for row in entries),
        *(((row.size, 0, row.number), row) for row in changes),
    ]
    if len(changes) == limit:  # there may be more of them before the later entries
        keyed = [each for each in keyed if each[0] <= (changes[-1].size, 0, changes[-1].number)]
    keyed.sort(key=lambda each: each[0])
    return tuple(_numbered(reading, place, (row for _, row in keyed[:limit])))


def _numbered(
    reading: Reading, place: Place, rows: Iterable[EntryRow | WarningChangeRow]
) -> Iterable[Event]:
    for row in rows:
        if isinstance(row, EntryRow):
            place = Place(entries=row.index + 1, changes=place.changes)
            kind, says = _of_entry(reading, row)
        else:
            place = Place(entries=place.entries, changes=row.number)
            kind, says = _of_change(reading, row)
        yield Event(kind=kind, says=says, after=place)


def _of_change(reading: Reading, row: WarningChangeRow) -> tuple[str, dict[str, object]]:
    """The words of a warning are there as long as what it is about is kept."""
    says: dict[str, object] = {
        "warning": row.warning.hex(),
        "kind": row.kind,
        "at": instant_text(row.at_us),
    }
    found = reading.sky.warning(row.warning)
    if found is not None:
        says |= {"about": found.about.hex(), "party": found.party, "text": found.text}
    return "warning-raised" if row.raised else "warning-cleared", says


def _of_entry(reading: Reading, row: EntryRow) -> tuple[str, dict[str, object]]:
    entry = parse_entry(parse_note(row.body).text)
    if isinstance(entry.body, ReceiptBody):
        return _of_receipt(reading, row, entry, entry.body)
    kind, about = _told(reading, entry, row.leaf)
    return kind, {**_head(row, entry, entry), **about}


def _of_receipt(
    reading: Reading, row: EntryRow, entry: Entry, body: ReceiptBody
) -> tuple[str, dict[str, object]]:
    """What a peer gave us, if we took it; else that we took it and why not."""
    received = reading.post.received(body.given_leaf)
    if received is None:
        return "entry", {**_head(row, entry, entry), "verdict": body.verdict}
    given = parse_entry(parse_note(received.body).text)
    kind, about = _told(reading, given, received.leaf)
    if body.verdict not in _TAKEN:
        kind = "entry"
    return kind, {**_head(row, entry, given), **about, "verdict": body.verdict}


def _head(row: EntryRow, entry: Entry, said: Entry) -> dict[str, object]:
    """Where it stands in our journal and when it came there; who says it to whom."""
    return {
        "entry": row.index,
        "type": said.type.value,
        "from": said.sender,
        "to": said.audience,
        "at": instant_text(entry.issued_us),
    }


def _told(reading: Reading, entry: Entry, leaf: bytes) -> tuple[str, dict[str, object]]:
    """Its kind, its content's id, and the few fields by which one finds what it is about."""
    if not isinstance(entry.body, ContentBody):
        return "entry", {}
    says: dict[str, object] = {"id": entry.body.root.hex()}
    kind = _KINDS.get(entry.type, "entry")
    fields = _fields(reading, entry, leaf)
    if not fields:
        return kind, says
    first = fields[0]
    if first.path == LINE_PATH:
        return "line", {**says, **_line(fields)}
    if first.path in {MESSAGE_PATH, ANSWER_PATH}:
        kind = "message" if first.path == MESSAGE_PATH else "answer"
        says["code"] = first.value.decode("utf-8")
    elif first.path == STEP_PATH:
        kind = "answer"
    if entry.type in _OPENED:
        says |= {field.path: _value(field) for field in fields if field.path in _SHOWN}
    return kind, says


def _fields(reading: Reading, entry: Entry, leaf: bytes) -> tuple[Field, ...]:
    """None of what is sealed or was purged."""
    if entry.type not in {*_OPENED, EntryType.PARTY}:
        return ()
    opening = reading.journal.opening(leaf)
    return () if opening is None else parse_fields(opening.fields)


def _value(field: Field) -> str:
    """Of those that are shown: an id, or a word of a closed list."""
    if field.type is FieldType.ID:
        return field.value.hex()
    return field.value.decode("utf-8", "replace")


def _line(fields: tuple[Field, ...]) -> dict[str, object]:
    fact = line_from(fields)
    says: dict[str, object] = {
        "party": fact.party,
        "state": fact.state.value,
        "since": instant_text(fact.since_us),
        "reason": fact.reason,
    }
    if fact.gap is not None:
        says["gap"] = [instant_text(fact.gap.from_us), instant_text(fact.gap.until_us)]
    return says
