"""The same content in another entry is taken once; and of answers there are only so many."""

from comity.agreement.between import Between
from comity.hotline.message import take_message, take_message_answer
from comity.hotline.request import take_reply, take_request
from comity.intake.terms import agreed
from comity.journal.pen import Pen
from comity.model.answer import Answer, Reason, Step
from comity.model.fault import Refused
from comity.model.message import WILCO, Message
from comity.model.request import Decision, Reply, Request, Wanted
from comity.storage.store import Transaction
from comity.wire.entry_v1 import EntryType
from comity.wire.limits import (
    MESSAGE_ANSWERS_MAX,
    NOTICE_ANSWERS_MAX,
)
from comity.wire.message_v1 import fields_of_message, fields_of_message_answer
from comity.wire.request_v1 import fields_of_reply, fields_of_request
from tests.hotline.talking import STOP, Pair, answers, reply, says, short
from tests.hotline.test_answer import seen
from tests.hotline.test_request import asks
from tests.intake.table import Party
from tests.model.samples import NOON_US, declaration
from tests.model.saying_no import says_no


def toward(tx: Transaction, pen: Pen, other: Party) -> Between:
    return agreed(tx, pen.origin, pen.now_us).toward(other.origin)


def test_a_message_that_was_answered_is_not_opened_again(pair: Pair) -> None:
    """As from a peer that puts the same content into another entry."""
    alpha, bravo = pair
    message = Message(code="X", role="duty", values=STOP)
    stop = says(alpha, bravo, message)
    answers(bravo, reply(stop, WILCO, STOP))
    fields = fields_of_message(message)
    with says_no("already_said", Refused):
        bravo.do(
            lambda tx, pen: take_message(
                tx, pen, stop, EntryType.SAFETY, fields, toward(tx, pen, alpha)
            )
        )
    row = bravo.read(lambda r: r.messages.message(stop))
    assert row is not None
    assert row.due_us is None


def test_an_answer_counts_once(pair: Pair) -> None:
    alpha, bravo = pair
    stop = says(alpha, bravo, short("X"))
    fields = fields_of_message_answer(reply(stop, "S", minutes=5))

    def takes(tx: Transaction, pen: Pen) -> None:
        take_message_answer(tx, pen, bravo.origin, bytes(32), EntryType.SAFETY, fields)

    alpha.do(takes)
    with says_no("already_said", Refused):
        alpha.do(takes)
    assert len(alpha.read(lambda r: r.messages.answers(stop))) == 1


def test_a_request_and_its_reply_count_once(pair: Pair) -> None:
    alpha, bravo = pair
    notice = alpha.declare(declaration(), bravo).subject
    of = asks(alpha, bravo, notice)
    wanted = fields_of_request(Request(of=notice, wanted=Wanted.CLOSE, by_us=NOON_US))
    with says_no("already_said", Refused):
        bravo.do(lambda tx, pen: take_request(tx, pen, of, wanted, toward(tx, pen, alpha)))
    wait = Reply(of=of, decision=Decision.STANDBY, role="duty", standby_us=60_000_000)
    fields = fields_of_reply(wait)

    def takes(tx: Transaction, pen: Pen) -> None:
        take_reply(tx, pen, bravo.origin, bytes(32), fields)

    alpha.do(takes)
    with says_no("already_said", Refused):
        alpha.do(takes)
    assert len(alpha.read(lambda r: r.requests.replies(of))) == 1


def test_one_party_answers_a_notice_only_so_often(pair: Pair) -> None:
    alpha, bravo = pair
    notice = alpha.declare(declaration(), bravo).subject
    for _ in range(NOTICE_ANSWERS_MAX):
        bravo.answer(seen(notice))
    with says_no("too_many_answers", Refused):
        bravo.answer(seen(notice))
    unable = Answer(of=notice, step=Step.UNABLE, role="duty", reason=Reason.LOW_FUEL)
    bravo.answer(unable)
    assert "unable" in {row.kind for row in alpha.warnings()}


def test_what_settles_a_message_passes_after_many_that_do_not(pair: Pair) -> None:
    alpha, bravo = pair
    stop = says(alpha, bravo, Message(code="X", role="duty", values=STOP))
    for _ in range(MESSAGE_ANSWERS_MAX):
        answers(bravo, reply(stop, "S", minutes=5))
    with says_no("too_many_answers", Refused):
        answers(bravo, reply(stop, "S", minutes=5))
    answers(bravo, reply(stop, WILCO, STOP))
