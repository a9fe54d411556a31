"""What other parties gave us, as things to tell: our own journal read forward by its receipts.

Messages, hazards, ends, and the other notices. The place is an index of our journal, so it never
goes back; nothing is written to find them. What waits in no journal (a full disk's, decision 22) is
not among them. Called by assembly.
"""

import logging

from comity.hotline.phrases import phrasebook
from comity.model.fault import Malformed
from comity.model.message import Message
from comity.model.notice import Amendment, Code, Declaration, Notice, Transition
from comity.model.outlet import Group
from comity.model.phrasebook import ENGLISH
from comity.model.quantity import degrees, instant_text
from comity.model.volume import places_of
from comity.model.wording import wording
from comity.outlets.thing import Found, Thing
from comity.storage.messages import MessageRow
from comity.storage.rows import EntryRow
from comity.storage.store import Reading, Transaction
from comity.trust.note import parse_note
from comity.wire.entry_v1 import UNBOUND, ContentBody, Entry, EntryType, ReceiptBody, parse_entry
from comity.wire.fields import parse_fields
from comity.wire.message_v1 import MESSAGE_PATH, message_from
from comity.wire.notice_v1 import notice_from

__all__ = ["Entries"]

_LOG = logging.getLogger("comity.outlets")
_NOTICE_PATH = "code"  # the first field of every notice
_AT_ONCE = 128  # entries of ours: some milliseconds
_TAKEN = frozenset({"accepted", UNBOUND})
_NOTICES = frozenset({EntryType.NOTICE, EntryType.SAFETY})
_TITLES = {Group.HAZARD: "hazard", Group.END: "end or cancellation", Group.NOTICE: "notice"}
_ENDS = frozenset({Code.END, Code.CANCEL, Code.RELEASE})


class Entries:
    """See `thing.Source`. The id of a thing is the leaf hash of what was given."""

    name = "entries"

    def end(self, reading: Reading) -> int:
        """After our newest entry."""
        return reading.journal.size()

    def after(self, reading: Reading, place: int) -> Found:
        """What the next receipts of ours are for."""
        rows = reading.journal.entries(place, place + _AT_ONCE)
        leaves = [leaf for row in rows if (leaf := _given(row)) is not None]
        things = (self._shown(reading, leaf) for leaf in leaves)
        return Found(
            things=tuple(thing for thing in things if thing is not None),
            place=place + len(rows),
            more=len(rows) == _AT_ONCE,
        )

    def thing(self, reading: Reading, of: bytes) -> Thing | None:
        """What was given in the entry of this leaf, if it is for people and its content is here."""
        row, opening = reading.post.received(of), reading.journal.opening(of)
        if row is None or opening is None:
            return None
        entry = parse_entry(parse_note(row.body).text)
        ours = reading.journal.entry(row.receipt_index)
        at_us = (entry if ours is None else _entry(ours)).issued_us
        if not isinstance(entry.body, ContentBody):
            return None
        fields = parse_fields(opening.fields)
        if fields[0].path == MESSAGE_PATH:
            said = reading.messages.message(entry.body.root)
            return None if said is None else _message(of, said, message_from(fields))
        if entry.type not in _NOTICES or fields[0].path != _NOTICE_PATH:
            return None  # answers to messages of the floor are entries of its type too
        return _notice(of, at_us, entry, entry.body.root, notice_from(fields))

    def _shown(self, reading: Reading, of: bytes) -> Thing | None:
        """The thing; one that we took and cannot read keeps nobody from hearing of the next."""
        try:
            return self.thing(reading, of)
        except Malformed as error:
            _LOG.error("outlets leave out what %s gave: %s", of.hex(), error.reason)
            return None

    def told(self, tx: Transaction, place: int) -> None:
        """The journal stays."""


def _given(row: EntryRow) -> bytes | None:
    """The leaf that this entry of ours is the receipt for, if we took it."""
    body = _entry(row).body
    took = isinstance(body, ReceiptBody) and body.verdict in _TAKEN
    return body.given_leaf if took and isinstance(body, ReceiptBody) else None


def _entry(row: EntryRow) -> Entry:
    return parse_entry(parse_note(row.body).text)


def _message(of: bytes, row: MessageRow, message: Message) -> Thing:
    words = wording(phrasebook(), message.code, message.values, language=ENGLISH)
    if message.words:  # nobody translates it and nothing relays it, not to our own people either
        words += " (there is free text: read it at the node)"
    return Thing(
        of=of,
        kind=row.code,
        title=f"{row.code} {phrasebook().phrase(row.code).name}",
        group=Group.MESSAGE,
        floor=row.floor,
        at_us=row.at_us,
        look=f"comity hotline show {row.id.hex()}, then comity hotline answer {row.id.hex()} CODE",
        about=row.id,
        party=row.sender,
        due_us=row.due_us,
        words=words,
    )


def _notice(of: bytes, at_us: int, entry: Entry, id_: bytes, notice: Notice) -> Thing:
    about = id_ if isinstance(notice, Declaration) else notice.of
    return Thing(
        of=of,
        kind=_group(notice),
        title=_TITLES[_group(notice)],
        group=_group(notice),
        floor=entry.type is EntryType.SAFETY,
        at_us=at_us,
        look=f"comity notice show {about.hex()}, then comity ack {about.hex()}",
        about=about,
        party=entry.sender,
        words=_words(notice),
    )


def _group(notice: Notice) -> Group:
    if notice.code is Code.HAZARD:
        return Group.HAZARD
    return Group.END if notice.code in _ENDS else Group.NOTICE


def _words(notice: Notice) -> str:
    """What is said, with its times and the first place of each volume; no free text."""
    if isinstance(notice, Transition):
        return f"{notice.code.name} at {instant_text(notice.at_us)}"
    what = "AMEND" if isinstance(notice, Amendment) else f"{notice.code.name}, {notice.kind}"
    parts = []
    for volume in notice.volumes:
        corner = places_of(volume.footprint)[0]
        parts.append(
            f"{instant_text(volume.window.start_us)} to {instant_text(volume.window.end_us)}, "
            f"at {degrees(corner.lat_e7):.4f}, {degrees(corner.lon_e7):.4f}"
        )
    return f"{what}: {'; '.join(parts)}"
