"""What is left of messages when there is no room, and when they are purged."""

from dataclasses import replace

from comity.exchange.unrecorded import said_in
from comity.hotline.message import answer_message
from comity.intake.order import MoveOrder
from comity.intake.purge import purge
from comity.model.fault import Refused
from comity.model.message import Message
from comity.model.notice import Code
from comity.storage.rows import PurgeRow
from comity.wire.fields import parse_fields
from comity.wire.message_v1 import fields_of_message, fields_of_message_answer, message_from
from tests.hotline.talking import ROLE, STOP, Pair, answers, reply, row, says, short
from tests.intake.table import Party, Table
from tests.model.samples import declaration
from tests.model.saying_no import says_no

# --- what is said where nothing can be recorded --------------------------------------------------


def test_a_person_can_read_what_could_not_be_recorded() -> None:
    said = said_in(fields_of_message(Message(code="X", role=ROLE, values=STOP, words="now")))
    assert said.startswith("X STOP \u00b7 Stop immediately, safety of life")
    assert "35.3,40.14" in said
    answer = said_in(fields_of_message_answer(reply(bytes(32), "W", STOP)))
    assert answer.startswith("W WILCO \u00b7 Will comply")


# --- purge ---------------------------------------------------------------------------------------


def order_of(table: Table, notice: bytes | None, before_us: int | None = None) -> PurgeRow:
    return PurgeRow(
        id=bytes(32),
        before_us=before_us,
        notice=notice,
        proposed_by=bytes(32),
        proposed_us=table.now_us,
        confirmed_by=None,
        done_us=None,
    )


def openings(party: Party) -> bytes:
    return b"".join(each.fields for each in party.read(lambda r: [*r.journal.openings()]))


def test_a_purge_takes_what_was_said_about_the_notice(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    notice = alpha.declare(declaration(code=Code.HAZARD), bravo).subject
    of = says(bravo, alpha, replace(short("Q"), about=notice, words="heron"))
    deeper = says(alpha, bravo, replace(short("I"), about=of, words="heron too"))
    answers(alpha, replace(reply(of, "I", fact="active"), words="heron as well"))
    answers(bravo, reply(deeper, "RX"))
    alpha.move(MoveOrder(subject=notice, code=Code.END, at_us=table.now_us))
    for party in pair:
        assert b"heron" in openings(party)
        party.do(lambda tx, pen: purge(tx, pen, order_of(table, notice), ("a", "b")))
        assert b"heron" not in openings(party)
        assert party.read(lambda r: r.messages.messages(None, 9)) == ()
        assert party.read(lambda r: r.messages.answers(of)) == ()


def test_a_purge_of_what_is_old_takes_settled_messages_with_their_warnings(
    pair: Pair, table: Table
) -> None:
    alpha, bravo = pair
    settled = says(alpha, bravo, replace(short("L2"), words="heron"))
    answers(bravo, reply(settled, "RC"))
    unable = says(alpha, bravo, Message(code="X", role=ROLE, values=STOP))
    answers(bravo, reply(unable, "U", STOP, reason="other"))
    left = says(alpha, bravo, short("Q"))
    order = order_of(table, None, table.now_us + 1)
    alpha.do(lambda tx, pen: purge(tx, pen, order, ("a", "b")))
    assert b"heron" not in openings(alpha)
    assert [each.id for each in alpha.read(lambda r: r.messages.messages(None, 9))] == [left]
    assert alpha.warnings() == []


def test_an_answer_that_waits_for_the_line_keeps_its_message(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    of = says(alpha, bravo, replace(short("L2"), words="heron"))
    bravo.do(lambda tx, pen: answer_message(tx, pen, reply(of, "RC")))
    order = order_of(table, None, table.now_us + 1)
    with says_no("nothing_to_purge", Refused):
        bravo.do(lambda tx, pen: purge(tx, pen, order, ("a", "b")))


def test_the_content_that_was_sent_is_the_content_that_is_kept(pair: Pair) -> None:
    alpha, bravo = pair
    message = Message(code="X", role=ROLE, values=STOP, language="he", words="now")
    of = says(alpha, bravo, message)
    assert message_from(parse_fields(row(bravo, of).content)) == message
