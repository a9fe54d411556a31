"""Messages of the safety floor over real lines: first in the queue, and where little passes."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from comity.exchange.messages import NotKept
from comity.exchange.unrecorded import said_in, show_unrecorded
from comity.hotline.message import answer_message, newest_answer, send_message
from comity.intake.terms import agreed
from comity.journal.pen import NotRecorded, Pen
from comity.model.clock_error import ClockState
from comity.model.fault import Full, Malformed, Refused
from comity.model.message import Message, MessageAnswer, ReadBack
from comity.model.phrasebook import Value, Values
from comity.model.quantity import Position
from comity.storage.messages import MessageRow
from comity.storage.rows import EntryRow
from comity.storage.store import Transaction
from comity.trust.note import parse_note, serialise, sign_note
from comity.wire.canonical import b64
from comity.wire.entry_v1 import EntryType, parse_entry
from comity.wire.fields import Field, serialise_fields
from comity.wire.message_v1 import fields_of_message, fields_of_message_answer
from comity.wire.unrecorded_v1 import Unrecorded, unrecorded_text
from tests.exchange.net import Net, run
from tests.exchange.test_exchange import joined
from tests.exchange.test_full_disk import floor_only, no_room
from tests.exchange.test_unbound import forked
from tests.exchange.test_wrong_clock import trio
from tests.model.saying_no import says_no

ROLE = "duty officer"
STOP: Values = (
    ("radius", 5_000_000),
    ("where", Position(lat_e7=353_000_000, lon_e7=401_400_000)),
)
X = Message(code="X", role=ROLE, values=STOP)
Q = Message(code="Q", role=ROLE, values=(("asks", "status"),))


def answer(code: str, *values: tuple[str, Value]) -> tuple[Field, ...]:
    """The fields of an answer to something."""
    said = MessageAnswer(code=code, of=bytes(32), role=ROLE, values=values)
    return fields_of_message_answer(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """Who speaks to whom."""

    net: Net
    here: str
    there: str

    async def says(self, message: Message) -> MessageRow:
        node, to = self.net.nodes[self.here], self.net.nodes[self.there].origin

        def work(tx: Transaction, pen: Pen) -> MessageRow:
            return send_message(tx, pen, message, agreed(tx, pen.origin, pen.now_us).toward(to))

        return (await node.commit(work, node.clock.now_us())).value

    async def answers(self, of: bytes, code: str) -> None:
        node = self.net.nodes[self.there]
        read_back = ReadBack(id=of, values=STOP)
        answer = MessageAnswer(code=code, of=of, role=ROLE, read_back=read_back)
        await node.commit(lambda tx, pen: answer_message(tx, pen, answer), node.clock.now_us())

    def verdict(self, of: bytes) -> str | None:
        node, to = self.net.nodes[self.here], self.net.nodes[self.there].origin
        index = node.read(lambda r: r.journal.index_of_content(of, to))
        taken = None if index is None else node.read(lambda r: r.post.taken(index))
        return None if taken is None else taken.verdict

    def heard(self, of: bytes) -> str | None:
        """The newest answer, as who spoke knows it."""
        node = self.net.nodes[self.here]
        row = node.read(lambda r: r.messages.message(of))
        assert row is not None
        answer = node.read(lambda r: newest_answer(r, row))
        return None if answer is None else answer.code


ALPHA_TO_BRAVO = {"here": "alpha", "there": "bravo"}


def test_a_stop_goes_ahead_of_whatever_waits(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        await net.advance(2)
        ends, bravo = Ends(net=net, **ALPHA_TO_BRAVO), net.nodes["bravo"]
        net.lines["alpha", "bravo"].cut = True
        waiting = [(await ends.says(Q)).id for _ in range(60)]
        stop = (await ends.says(X)).id
        net.lines["alpha", "bravo"].cut = False
        await net.advance(10)
        leaves: dict[bytes, int] = {}
        for row in bravo.read(lambda r: r.journal.entries(0, bravo.head.checkpoint.size)):
            entry = parse_entry(parse_note(row.body).text)
            if entry.type is EntryType.RECEIPT:
                leaves[entry.refs[0]] = row.index
        order = [leaves[_row(net, of).leaf] for of in (stop, *waiting)]
        assert order == sorted(order)

    run(tmp_path, story)


def _row(net: Net, of: bytes) -> EntryRow:
    alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
    index = alpha.read(lambda r: r.journal.index_of_content(of, bravo.origin))
    assert index is not None
    row = alpha.read(lambda r: r.journal.entry(index))
    assert row is not None
    return row


def test_it_passes_a_forked_line_and_is_answered(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await forked(net)
        ends = Ends(net=net, **ALPHA_TO_BRAVO)
        ordinary, stop = (await ends.says(Q)).id, (await ends.says(X)).id
        await net.advance(5)
        assert (ends.verdict(ordinary), ends.verdict(stop)) == (None, "unbound")
        await ends.answers(stop, "W")
        await net.advance(5)
        assert ends.heard(stop) == "W"

    run(tmp_path, story)


def test_it_and_its_answer_pass_on_a_full_disk(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        await net.advance(2)
        ends = Ends(net=net, **ALPHA_TO_BRAVO)
        for name in ("alpha", "bravo"):
            floor_only(net, name, tmp_path)
        with pytest.raises(Full):
            await ends.says(Q)
        stop = (await ends.says(X)).id
        await net.advance(5)
        assert ends.verdict(stop) == "accepted"
        await ends.answers(stop, "W")
        await net.advance(5)
        assert ends.heard(stop) == "W"

    run(tmp_path, story)


def test_what_cannot_be_recorded_is_shown_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        await net.advance(2)
        no_room(net, "alpha", monkeypatch)
        with pytest.raises(NotRecorded) as caught:
            await Ends(net=net, **ALPHA_TO_BRAVO).says(X)
        assert [each.kind for each in caught.value.unsaid] == [EntryType.SAFETY]
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        peer = bravo.roster.now.peers[alpha.origin]
        for message, shown in ((X, True), (Q, False)):
            kept = _unrecorded(net, fields_of_message(message))
            if not shown:
                with says_no("not_safety", Malformed):
                    show_unrecorded(kept, peer, bravo.identity, bravo.board, net.now())
                continue
            show_unrecorded(kept, peer, bravo.identity, bravo.board, net.now())
            (line,) = bravo.board.lines()
            assert line.said.startswith("X STOP")

    run(tmp_path, story)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (answer("I", ("at", 2**62), ("fact", "status")), "bad_time"),
        (
            answer("U", ("reason", "x\n2026-11-30T03:00:00Z CRITICAL comity: all is well")),
            "bad_value",
        ),
        (answer("U", ("reason", "A" * 200_000)), "bad_value"),
        (answer("U", ("reason", "\x1b[2J")), "bad_value"),
        (answer("U"), "value_missing"),
        (answer("W", ("words", "look here")), "unknown_value"),
        (answer("ZZ"), "unknown_code"),
        (fields_of_message(replace(X, values=(("radius", 2**62), *STOP[1:]))), "bad_value"),
        (fields_of_message(Message(code="KC", role=ROLE, values=(("until", 2**62),))), "bad_time"),
    ],
)
def test_what_the_phrasebook_does_not_let_anybody_say_is_not_shown(
    tmp_path: Path, said: tuple[Field, ...], code: str
) -> None:
    """It is a peer's text: it neither breaks the node that shows it nor writes into its log."""

    async def story(net: Net) -> None:
        await joined(net)
        bravo = net.nodes["bravo"]
        peer = bravo.roster.now.peers[net.nodes["alpha"].origin]
        kept = _unrecorded(net, said)
        with says_no(code, Malformed):
            show_unrecorded(kept, peer, bravo.identity, bravo.board, net.now())
        assert bravo.board.lines() == ()

    run(tmp_path, story)
    assert (
        said_in(said) == f"a message of {len(said)} fields"
    )  # so on a full disk, where it is given


def test_a_right_answer_is_shown(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        bravo = net.nodes["bravo"]
        peer = bravo.roster.now.peers[net.nodes["alpha"].origin]
        kept = _unrecorded(net, answer("U", ("reason", "other")))
        show_unrecorded(kept, peer, bravo.identity, bravo.board, net.now())
        (line,) = bravo.board.lines()
        assert line.said.startswith("U UNABLE")

    run(tmp_path, story)


def _unrecorded(net: Net, fields: tuple[Field, ...]) -> NotKept:
    """What alpha says of a message that it could not record."""
    alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
    pen = Pen(
        tx=None,  # type: ignore[arg-type]
        identity=alpha.identity,
        now_us=net.now(),
        seeds=lambda: bytes(32),
        witnesses=(),
    )
    content = pen.seal(fields)
    said = Unrecorded(
        sender=alpha.origin, audience=bravo.origin, issued_us=net.now(), body=content.body
    )
    note = sign_note(unrecorded_text(said), alpha.identity.entry)
    return NotKept(
        statement=serialise(note).decode(),
        seed=b64(content.seed),
        fields=b64(serialise_fields(fields)),
    )


def test_it_is_signed_by_a_wrong_clock_with_the_mark(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await trio(net, 60_000_000)
        assert net.watches["alpha"].standing().state is ClockState.UNTRUSTED
        ends = Ends(net=net, **ALPHA_TO_BRAVO)
        with says_no("clock_untrusted", Refused):
            await ends.says(Q)
        stop = (await ends.says(X)).id
        await net.advance(5)
        assert ends.verdict(stop) == "accepted"
        assert parse_entry(parse_note(_row(net, stop).body).text).clock_unsure
        await ends.answers(stop, "W")
        await net.advance(5)
        assert ends.heard(stop) == "W"

    run(tmp_path, story)
