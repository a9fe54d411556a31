"""Two nodes, one with a full disk: the floor passes; what has no room anywhere is shown, signed."""

from dataclasses import replace
from pathlib import Path

import pytest

from comity.exchange.messages import NotKept, ShownOnly
from comity.exchange.unrecorded import call_out, check_statement, show_unrecorded
from comity.hotline.answer import give_answer
from comity.hotline.request import ask
from comity.intake.move import move
from comity.intake.order import DeclareOrder, MoveOrder, Outcome
from comity.intake.receive import declare
from comity.intake.terms import agreed
from comity.journal.pen import NotRecorded, Pen, Unsaid
from comity.model.answer import Answer, Reason, Step
from comity.model.fault import Corrupt, Full, Malformed, Unavailable, Untrusted
from comity.model.notice import Code, Confidence, Declaration, HazardBasis, Purpose
from comity.model.request import Request, Wanted
from comity.storage.ballast import Ballast
from comity.storage.rows import TakenRow
from comity.storage.store import Transaction
from comity.trust.note import parse_note, serialise, sign_note
from comity.web.board import is_recorded
from comity.wire.canonical import b64
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import serialise_fields
from comity.wire.notice_v1 import fields_of
from comity.wire.unrecorded_v1 import Unrecorded, unrecorded_text
from tests.exchange.net import NOON, Net, run
from tests.exchange.test_exchange import HOUR, give, joined, notice
from tests.model.saying_no import says_no

KIB = 1_024


def hazard() -> Declaration:
    """A rocket stage comes down, somebody says."""
    basis = HazardBasis(source="radio", confidence=Confidence.PROBABLE, expires_us=NOON + HOUR)
    return replace(notice(), code=Code.HAZARD, purpose=Purpose.DANGER_AREA, basis=basis)


async def say(net: Net, here: str, said: Declaration) -> Outcome:
    """Declare to the other one of alpha and bravo."""
    there = "bravo" if here == "alpha" else "alpha"
    order = DeclareOrder(notice=said, to=(net.nodes[there].origin,))
    done = await net.nodes[here].commit(lambda tx, pen: declare(tx, pen, order), net.now())
    return done.value


def floor_only(net: Net, name: str, folder: Path) -> Ballast:
    """The node has given up its ballast."""
    ballast = Ballast(folder / f"{name}.ballast", 64 * KIB)
    assert ballast.release()
    net.nodes[name].scribe._ballast = ballast
    assert net.nodes[name].scribe.floor_only
    return ballast


def no_room(net: Net, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on no commit of this node finds room."""
    writer = net.nodes[name].store._writer  # type: ignore[attr-defined]

    def commit() -> None:
        writer.undo()
        raise Full("no room")

    monkeypatch.setattr(writer, "commit", commit)


def open_warnings(net: Net, name: str) -> set[str]:
    """Kinds of what is open."""
    rows = net.nodes[name].read(lambda r: r.sky.warnings())
    return {row.kind for row in rows if row.cleared_us is None}


def test_what_is_ordinary_waits_and_the_floor_passes_both_ways(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        await give(net, "alpha", "bravo")
        await net.advance(2)
        ballast = floor_only(net, "alpha", tmp_path)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        with pytest.raises(Full):
            await give(net, "alpha", "bravo", lat=36.5)
        said = await say(net, "alpha", hazard())
        ended = await alpha.commit(_end, net.now())
        theirs = await say(net, "bravo", hazard())
        ordinary = await say(net, "bravo", notice(lat=37.5))
        await net.advance(30)
        for index in (said.written[0].index, ended.value.written[0].index):
            taken = _taken(net, index)
            assert taken is not None
            assert taken.verdict == "accepted"
        assert bravo.read(lambda r: r.post.taken(theirs.written[0].index)) is not None
        assert bravo.read(lambda r: r.post.taken(ordinary.written[0].index)) is None
        answer = Answer(of=theirs.notice, step=Step.SEEN, role="duty officer")
        await alpha.commit(lambda tx, pen: give_answer(tx, pen, answer), net.now())
        await net.advance(5)
        assert len(bravo.read(lambda r: r.people.answers(theirs.notice))) == 1
        ballast.look()
        assert not alpha.scribe.floor_only
        await net.advance(120)
        assert bravo.read(lambda r: r.post.taken(ordinary.written[0].index)) is not None
        await give(net, "alpha", "bravo", lat=36.5)

    run(tmp_path, story)


def _taken(net: Net, index: int) -> TakenRow | None:
    return net.nodes["alpha"].read(lambda r: r.post.taken(index))


def _end(tx: Transaction, pen: Pen) -> Outcome:
    rows = tx.sky.subjects("operation", True, b"", 10)
    return move(tx, pen, MoveOrder(subject=rows[0].id, code=Code.CANCEL, at_us=pen.now_us))


def test_a_taker_without_any_room_shows_it_and_says_so_until_it_can_record_it(
    tmp_path: Path,
) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        with pytest.MonkeyPatch.context() as patch:
            no_room(net, "bravo", patch)
            said = await say(net, "alpha", hazard())
            await net.advance(5)
            assert alpha.read(lambda r: r.post.taken(said.written[0].index)) is None
            assert open_warnings(net, "alpha") == {"not_recorded_by_peer"}
            (shown,) = bravo.board.lines()  # once, however often it was given
            assert (shown.id, shown.party) == (said.notice, alpha.origin)
            assert hazard().code in shown.said
        await net.advance(120)
        taken = alpha.read(lambda r: r.post.taken(said.written[0].index))
        assert taken is not None
        assert taken.verdict == "accepted"
        assert open_warnings(net, "alpha") == set()
        assert bravo.read(lambda r: is_recorded(r, shown))  # so it is taken down

    run(tmp_path, story)


def test_what_its_giver_cannot_record_is_said_on_the_line_all_the_same(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        lines = {bravo.origin: net.senders["alpha", "bravo"]}
        with pytest.MonkeyPatch.context() as patch:
            no_room(net, "alpha", patch)
            with pytest.raises(NotRecorded) as caught:
                await say(net, "alpha", hazard())
        told = await call_out(lines, alpha.board, caught.value.unsaid, net.now())
        assert told == "bravo has shown it"
        assert [(s.party, s.id) for s in bravo.board.lines()] == [
            (s.party, s.id) for s in alpha.board.lines()
        ]
        assert alpha.read(lambda r: r.sky.subjects(None, None, b"", 10)) == ()
        net.lines["alpha", "bravo"].cut = True
        told = await call_out(lines, alpha.board, caught.value.unsaid, net.now())
        assert told == "bravo was not told (no_answer)"

    run(tmp_path, story)


def kept(net: Net, said: Declaration, now_us: int, key: str = "alpha") -> tuple[NotKept, Unsaid]:
    """What alpha says without an entry."""
    pen = Pen(
        tx=None,  # type: ignore[arg-type]
        identity=net.nodes["alpha"].identity,
        now_us=now_us,
        seeds=lambda: bytes(32),
        witnesses=(),
    )
    content = pen.seal(fields_of(said))
    text = unrecorded_text(
        Unrecorded(
            sender=net.nodes["alpha"].origin,
            audience=net.nodes["bravo"].origin,
            issued_us=now_us,
            body=content.body,
        )
    )
    message = NotKept(
        statement=serialise(sign_note(text, net.nodes[key].identity.entry)).decode(),
        seed=b64(content.seed),
        fields=b64(serialise_fields(content.fields)),
    )
    unsaid = Unsaid(kind=EntryType.SAFETY, audience=net.nodes["bravo"].origin, content=content)
    return message, unsaid


def test_only_the_floor_of_the_one_who_signs_it_is_shown(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        bravo = net.nodes["bravo"]
        peer = bravo.roster.now.peer(net.nodes["alpha"].origin)

        def show(message: NotKept) -> ShownOnly:
            return show_unrecorded(message, peer, bravo.identity, bravo.board, net.now())

        message, unsaid = kept(net, hazard(), net.now())
        statement = show(message).statement
        own = net.nodes["alpha"].roster.now.peer(bravo.origin)
        check_statement(statement, own, unsaid.content.id)
        with says_no("bad_statement", Untrusted):
            check_statement(statement, own, bytes(32))
        with says_no("not_signed", Untrusted):
            check_statement(statement, peer, unsaid.content.id)
        with says_no("not_safety", Malformed):
            show(kept(net, notice(), net.now())[0])
        with says_no("not_signed", Untrusted):
            show(kept(net, hazard(), net.now(), key="bravo")[0])
        with says_no("expired", Malformed):
            show(kept(net, hazard(), net.now() - HOUR)[0])
        other = kept(net, notice(), net.now())[0]
        with says_no("content_mismatch", Untrusted):
            show(NotKept(statement=message.statement, seed=message.seed, fields=other.fields))
        for text in (
            statement.replace("shown", "seen"),
            statement.replace("not-recorded", "unrecorded"),
        ):
            with pytest.raises((Malformed, Untrusted)):
                check_statement(text, own, unsaid.content.id)
        assert len(bravo.board.lines()) == 1
        assert parse_note(statement.encode()).text.startswith("comity/not-recorded@v1\n")

    run(tmp_path, story)


def test_a_request_about_a_hazard_goes_and_holds_back_nothing(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        danger = await say(net, "bravo", hazard())
        await net.advance(2)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        floor_only(net, "alpha", tmp_path)
        wanted = Request(of=danger.notice, wanted=Wanted.CORRIDOR, by_us=net.now() + HOUR)

        def asks(tx: Transaction, pen: Pen) -> bytes:
            between = agreed(tx, pen.origin, pen.now_us).toward(bravo.origin)
            return ask(tx, pen, wanted, between).id

        of = (await alpha.commit(asks, net.now())).value
        unable = Answer(of=danger.notice, step=Step.UNABLE, reason=Reason.LOW_FUEL, role="duty")
        await alpha.commit(lambda tx, pen: give_answer(tx, pen, unable), net.now())
        await net.advance(10)
        assert bravo.read(lambda r: r.requests.request(of)) is not None
        assert len(bravo.read(lambda r: r.people.answers(danger.notice))) == 1
        assert alpha.read(lambda r: r.post.outbox_count(bravo.origin)) == 0

    run(tmp_path, story)


def test_a_failed_disk_is_no_full_one(tmp_path: Path) -> None:
    """What is broken stops the node, ballast or not."""

    async def story(net: Net) -> None:
        await joined(net)
        writer = net.nodes["alpha"].store._writer  # type: ignore[attr-defined]
        with pytest.MonkeyPatch.context() as patch:

            def commit() -> None:
                writer.undo()
                raise Corrupt("a sync failed", code="commit_failed")

            patch.setattr(writer, "commit", commit)
            with says_no("journal_stopped", Unavailable):
                await say(net, "alpha", hazard())
        net.nodes["alpha"].scribe.close()  # its thread has told the process by then
        assert [getattr(fault, "code", "") for fault in net.fatal] == ["commit_failed"]
        net.fatal.clear()

    run(tmp_path, story)
