"""What the tests of messages share: a short message of each code, saying it and answering it."""

import asyncio

from comity.exchange.watch_due import DueWatcher
from comity.hotline.message import answer_message, newest_answer, send_message
from comity.hotline.phrases import phrasebook
from comity.intake.agree import change_standing
from comity.intake.terms import agreed
from comity.model.message import Message, MessageAnswer, ReadBack, ordered
from comity.model.phrasebook import Value, Values
from comity.model.quantity import Position
from comity.storage.messages import MessageRow
from comity.wire.agreement_v1 import StandingChange
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import EntryType
from comity.wire.message_v1 import fields_of_message
from tests.intake.table import MORNING_US, Party
from tests.model.samples import MINUTE_US

BOOK = phrasebook()
ROLE = "duty officer"
HERE = Position(lat_e7=353_000_000, lon_e7=401_400_000)
STOP: Values = (("danger-to", "our-people"), ("radius", 5_000_000), ("where", HERE))
Pair = tuple[Party, Party]
# One message of each code that a message carries, as short as the phrasebook lets it be.
SHORTEST: dict[str, dict[str, Value]] = {
    "Q": {"asks": "status"},
    "I": {"fact": "delayed"},
    "KC": {"until": MORNING_US + 60 * MINUTE_US, "where": HERE, "radius": 5_000_000},
    "X": {"where": HERE, "radius": 5_000_000},
    "C": {"what": "diverts", "where": HERE},
    "E1": {"phase": "distress", "where": HERE},
    "E2": {"asks": "aircraft", "where": HERE},
    "E3": {"offers": "ships"},
    "L1": {},
    "L2": {"what": "disk"},
}


def says(here: Party, there: Party, message: Message) -> bytes:
    row = here.do(
        lambda tx, pen: send_message(
            tx, pen, message, agreed(tx, pen.origin, pen.now_us).toward(there.origin)
        )
    )
    here.table.hand_over()
    return row.id


def short(code: str, **more: object) -> Message:
    return Message(code=code, role=ROLE, values=ordered(SHORTEST[code]), **more)  # type: ignore[arg-type]


def answers(here: Party, answer: MessageAnswer) -> None:
    here.do(lambda tx, pen: answer_message(tx, pen, answer))
    here.table.hand_over()


def reply(of: bytes, code: str, read_back: Values | None = None, **values: Value) -> MessageAnswer:
    said = None if read_back is None else ReadBack(id=of, values=read_back)
    return MessageAnswer(code=code, of=of, role=ROLE, values=ordered(values), read_back=said)


def row(party: Party, of: bytes) -> MessageRow:
    found = party.read(lambda r: r.messages.message(of))
    assert found is not None
    return found


def newest(party: Party, of: bytes) -> str | None:
    found = party.read(lambda r: newest_answer(r, row(party, of)))
    return None if found is None else found.code


def kinds(party: Party) -> list[str]:
    return sorted(warning.kind for warning in party.warnings())


def suspend(party: Party, other: Party) -> None:
    block = party.read(lambda r: r.post.agreement(other.origin))
    assert block is not None
    of = sha256(block.ours.encode())
    party.do(lambda tx, pen: change_standing(tx, pen, of, StandingChange.SUSPEND, "a quarrel"))
    party.table.hand_over()


def given(here: Party, there: Party, message: Message, kind: EntryType) -> str:
    """What a node says of an entry that this program would not have written."""
    fields = fields_of_message(message)
    here.do(lambda _, pen: pen.write_content(kind, there.origin, pen.seal(fields)))
    here.table.hand_over()
    return here.table.verdicts(here, there)[-1][1]


def watch(party: Party, now_us: int) -> int:
    watcher, done = DueWatcher(party.store, party.scribe), 0
    for _ in range(9):
        due_us = watcher.next_due(now_us)
        if due_us is None or due_us > now_us:
            return done
        done += asyncio.run(watcher.tick(now_us))
    raise AssertionError("a watcher that does not come to rest")
