"""Messages: what passes when, who answers how, read-backs compared, silence named on both sides."""

from dataclasses import replace

import pytest

from comity.hotline.message import send_message
from comity.intake.agree import sign
from comity.intake.terms import agreed
from comity.journal.pen import Pen
from comity.model.fault import Malformed, Refused
from comity.model.message import Message, MessageAnswer, ReadBack, ordered
from comity.model.parameter import PARAMETERS
from comity.model.phrasebook import Carrier, Value
from comity.model.quantity import SECOND_US, Position
from comity.storage.store import Transaction
from comity.wire.agreement_v1 import agreement_text
from comity.wire.entry_v1 import EntryType
from comity.wire.limits import MESSAGES_OPEN_MAX, SAFETY_MESSAGES_OPEN_MAX
from comity.wire.message_v1 import fields_of_message_answer
from tests.agreement.samples import agreement, clause
from tests.hotline.talking import (
    BOOK,
    HERE,
    ROLE,
    SHORTEST,
    STOP,
    Pair,
    answers,
    given,
    kinds,
    newest,
    reply,
    row,
    says,
    short,
    suspend,
    watch,
)
from tests.intake.table import MORNING_US, Table
from tests.model.samples import MINUTE_US, declaration
from tests.model.saying_no import says_no

# --- to and fro ----------------------------------------------------------------------------------


def test_there_is_a_sample_of_every_code_that_messages_carry() -> None:
    carried = {
        code
        for code, each in BOOK.phrases.items()
        if Carrier.MESSAGE in each.carriers and each.answers
    }
    assert carried == SHORTEST.keys()


@pytest.mark.parametrize("code", sorted(SHORTEST))
def test_every_code_goes_its_lane_and_stands_alike_on_both_sides(
    pair: Pair, table: Table, code: str
) -> None:
    alpha, bravo = pair
    of = says(alpha, bravo, short(code, words="in our own words", language="ru"))
    floor = BOOK.phrases[code].floor
    lane = EntryType.SAFETY if floor else EntryType.MESSAGE
    assert table.verdicts(alpha, bravo)[-1] == (lane, "accepted")
    assert row(alpha, of) == row(bravo, of)
    assert row(bravo, of).floor is floor
    answer_us = BOOK.phrases[code].answer_us
    assert answer_us is not None
    assert row(bravo, of).due_us == MORNING_US + answer_us


@pytest.mark.parametrize(
    ("code", "answer"), [(c, a) for c in sorted(SHORTEST) for a in BOOK.phrases[c].answers]
)
def test_every_answer_that_the_phrasebook_allows_is_taken(
    pair: Pair, table: Table, code: str, answer: str
) -> None:
    alpha, bravo = pair
    of = says(alpha, bravo, short(code))
    more: dict[str, Value] = {}
    for field in BOOK.phrases[answer].fields:
        if field.required:
            more[field.name] = field.choices[0] if field.choices else 5
    final = answer not in {"S", "RX"}
    read_back = ordered(SHORTEST[code]) if final and BOOK.phrases[code].read_back else None
    answers(bravo, reply(of, answer, read_back, **more))
    lane = EntryType.SAFETY if BOOK.phrases[code].floor else EntryType.MESSAGE
    assert table.verdicts(bravo, alpha)[-1] == (lane, "accepted")
    assert [newest(party, of) for party in pair] == [answer, answer]
    assert row(alpha, of) == row(bravo, of)
    assert (row(alpha, of).due_us is None) is final
    assert kinds(alpha) == kinds(bravo)
    assert kinds(alpha) == {"U": ["unable"], "RX": ["not_understood"]}.get(answer, [])


@pytest.mark.parametrize("code", sorted(SHORTEST))
def test_no_other_answer_is_given_or_taken(pair: Pair, table: Table, code: str) -> None:
    alpha, bravo = pair
    of = says(alpha, bravo, short(code))
    for answer in sorted(BOOK.phrases.keys() - set(BOOK.phrases[code].answers) - {"RB-ok"}):
        wrong = reply(of, answer)
        with says_no("wrong_answer"):
            answers(bravo, wrong)
    kind = EntryType.SAFETY if BOOK.phrases[code].floor else EntryType.MESSAGE
    fields = fields_of_message_answer(reply(of, "T2"))
    bravo.do(lambda _, pen: pen.write_content(kind, alpha.origin, pen.seal(fields)))
    table.hand_over()
    assert table.verdicts(bravo, alpha)[-1] == (kind, "wrong_answer")
    assert newest(alpha, of) is None


def test_a_message_names_a_notice_that_both_know_or_an_earlier_message(pair: Pair) -> None:
    alpha, bravo = pair
    notice = bravo.declare(declaration(), alpha).subject
    stop = says(alpha, bravo, Message(code="X", role=ROLE, about=notice))
    assert row(bravo, stop).about == notice
    more = says(bravo, alpha, replace(short("Q"), about=stop))
    assert row(alpha, more).about == stop
    with says_no("not_known_there", Refused):
        says(alpha, bravo, Message(code="X", role=ROLE, about=bytes(32)))
    assert given(alpha, bravo, replace(short("Q"), about=bytes(32)), EntryType.MESSAGE) == (
        "not_found"
    )
    stray = replace(short("X"), about=bytes(32))  # a person is told whatever is known of it
    assert given(alpha, bravo, stray, EntryType.SAFETY) == "accepted"


def test_a_notice_of_others_stays_unknown(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    host = table.seat("host")
    table.join(alpha, host)
    secret = alpha.declare(declaration(), bravo).subject
    with says_no("not_known_there", Refused):
        says(alpha, host, replace(short("Q"), about=secret))
    about = replace(short("Q"), about=secret)
    assert given(host, alpha, about, EntryType.MESSAGE) == "not_found"


# --- what the phrasebook does not allow ----------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (Message(code="ZZ", role=ROLE), "unknown_code"),
        (Message(code="N1", role=ROLE), "not_a_message"),
        (Message(code="W", role=ROLE), "not_a_message"),
        (Message(code="R", role=ROLE), "not_a_message"),
        (Message(code="L3", role=ROLE), "not_a_message"),
        (Message(code="X", role=ROLE), "no_place"),
        (Message(code="X", role=ROLE, values=(("where", HERE),)), "no_place"),
        (Message(code="X", role=ROLE, values=(("radius", 5_000_000),)), "no_place"),
        (Message(code="E1", role=ROLE, values=(("phase", "alert"),)), "no_place"),
        (Message(code="Q", role=ROLE), "value_missing"),
        (Message(code="Q", role=ROLE, values=(("asks", "who"),)), "bad_value"),
        (Message(code="L1", role=ROLE, values=(("asks", "area"),)), "unknown_value"),
        (
            Message(
                code="KC",
                role=ROLE,
                values=ordered({**SHORTEST["KC"], "lower": 5_000, "upper": 5_000}),
            ),
            "bad_value",
        ),
    ],
)
def test_a_message_that_is_none_is_refused_on_both_sides(
    pair: Pair, message: Message, code: str
) -> None:
    alpha, bravo = pair
    with says_no(code):
        says(alpha, bravo, message)
    for kind in (EntryType.MESSAGE, EntryType.SAFETY):
        assert given(alpha, bravo, message, kind) == code
    assert bravo.read(lambda r: r.messages.messages(None, 9)) == ()


def test_nothing_ordinary_goes_ahead_of_safety(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    assert given(alpha, bravo, short("Q"), EntryType.SAFETY) == "not_safety"
    of = says(alpha, bravo, short("Q"))
    fields = fields_of_message_answer(reply(of, "RX"))
    bravo.do(lambda _, pen: pen.write_content(EntryType.SAFETY, alpha.origin, pen.seal(fields)))
    table.hand_over()
    assert table.verdicts(bravo, alpha)[-1] == (EntryType.SAFETY, "not_safety")


@pytest.mark.parametrize("code", ["not_a_role", "", "  x", "a\nb", "a" * 41])
def test_a_message_comes_from_a_role(code: str) -> None:
    if code == "not_a_role":
        assert Message(code="L1", role=code).role == code
        return
    with pytest.raises(Malformed):
        Message(code="L1", role=code)


def test_words_are_few_and_printable() -> None:
    Message(code="L1", role=ROLE, words="a" * 140)
    for words, code in (("a" * 141, "text_too_long"), ("a\u202eb", "bad_text")):
        with says_no(code):
            Message(code="L1", role=ROLE, words=words)


# --- read-backs ----------------------------------------------------------------------------------


def test_a_stop_is_read_back_by_its_hash_and_every_field(pair: Pair) -> None:
    alpha, bravo = pair
    of = says(alpha, bravo, Message(code="X", role=ROLE, values=STOP))
    with says_no("no_read_back"):
        answers(bravo, reply(of, "W"))
    with says_no("other_message"):
        MessageAnswer(code="W", of=of, role=ROLE, read_back=ReadBack(id=bytes(32), values=STOP))
    with says_no("no_read_back"):
        answers(bravo, reply(of, "S", STOP, minutes=5))
    answers(bravo, reply(of, "W", STOP))
    assert row(alpha, of).due_us is row(bravo, of).due_us is None


def test_a_place_nine_kilometres_off_is_pointed_at_and_settles_nothing(pair: Pair) -> None:
    """Deir ez-Zor: the position that was passed on was some 9 km away."""
    alpha, bravo = pair
    of = says(alpha, bravo, Message(code="X", role=ROLE, values=STOP))
    there = Position(lat_e7=HERE.lat_e7 + 811_000, lon_e7=HERE.lon_e7)
    heard = ordered({**dict(STOP), "where": there, "danger-to": "civilians"})
    answers(bravo, reply(of, "W", heard))
    for party in pair:
        [warning] = party.warnings()
        assert (warning.kind, warning.about) == ("read_back_differs", of)
        assert warning.text == "X: danger-to is our-people, not civilians, where moved 9.0 km"
        assert row(party, of).due_us == MORNING_US + 3 * MINUTE_US
    answers(bravo, reply(of, "W", STOP[:-1]))
    assert [w.text for w in alpha.warnings()] == ["X: where was left out"]
    answers(bravo, reply(of, "W", ordered({**dict(STOP), "at": MORNING_US})))
    assert [w.text for w in bravo.warnings()] == ["X: at was not said"]
    answers(bravo, reply(of, "W", STOP))
    assert alpha.warnings() == bravo.warnings() == []
    assert row(alpha, of).due_us is None


# --- answers in their order ----------------------------------------------------------------------


def test_what_is_answered_stays_answered_but_we_will_may_become_we_cannot(
    pair: Pair, table: Table
) -> None:
    alpha, bravo = pair
    of = says(alpha, bravo, Message(code="X", role=ROLE, values=STOP))
    answers(bravo, reply(of, "W", STOP))
    for again in (reply(of, "W", STOP), reply(of, "RX"), reply(of, "S", minutes=9)):
        with says_no("already_answered", Refused):
            answers(bravo, again)
    answers(bravo, reply(of, "U", STOP, reason="emergency"))
    assert [newest(party, of) for party in pair] == ["U", "U"]
    assert kinds(alpha) == kinds(bravo) == ["unable"]
    answers(bravo, reply(of, "W", STOP))
    assert alpha.warnings() == bravo.warnings() == []
    line = says(alpha, bravo, short("L1"))
    answers(bravo, reply(line, "RC"))
    fields = fields_of_message_answer(reply(line, "RC"))
    bravo.do(lambda _, pen: pen.write_content(EntryType.SAFETY, alpha.origin, pen.seal(fields)))
    table.hand_over()
    assert table.verdicts(bravo, alpha)[-1] == (EntryType.SAFETY, "already_answered")


def test_nobody_answers_for_another(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    host = table.seat("host")
    table.join(alpha, host)
    of = says(alpha, bravo, short("L1"))
    for party in (alpha, host):
        with says_no("not_found", Refused):
            answers(party, reply(of, "RC"))
    fields = fields_of_message_answer(reply(of, "RC"))
    host.do(lambda _, pen: pen.write_content(EntryType.SAFETY, alpha.origin, pen.seal(fields)))
    table.hand_over()
    assert table.verdicts(host, alpha)[-1] == (EntryType.SAFETY, "not_found")
    assert newest(alpha, of) is None


def test_messages_that_nobody_answers_are_so_many_and_no_more(pair: Pair) -> None:
    alpha, bravo = pair
    found = [says(alpha, bravo, short("Q")) for _ in range(MESSAGES_OPEN_MAX)]
    with says_no("too_many_messages", Refused):
        says(alpha, bravo, short("Q"))
    assert given(alpha, bravo, short("Q"), EntryType.MESSAGE) == "too_many_messages"
    says(alpha, bravo, short("X"))  # the floor has room of its own
    says(bravo, alpha, short("Q"))
    answers(bravo, reply(found[0], "D", reason="not-shared"))
    says(alpha, bravo, short("Q"))


def test_of_the_floor_more_may_wait_of_each_code(pair: Pair) -> None:
    """No line checks stand in the way of a distress."""
    alpha, bravo = pair

    def check(tx: Transaction, pen: Pen) -> None:
        send_message(tx, pen, short("L1"), agreed(tx, pen.origin, pen.now_us).toward(bravo.origin))

    for _ in range(SAFETY_MESSAGES_OPEN_MAX):
        alpha.do(check)
    with says_no("too_many_messages", Refused):
        says(alpha, bravo, short("L1"))
    says(alpha, bravo, short("X"))


# --- while an agreement is suspended -------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(SHORTEST))
def test_the_safety_floor_passes_while_an_agreement_is_suspended(
    pair: Pair, table: Table, code: str
) -> None:
    alpha, bravo = pair
    suspend(bravo, alpha)
    if BOOK.phrases[code].floor:
        of = says(alpha, bravo, short(code))
        assert table.verdicts(alpha, bravo)[-1] == (EntryType.SAFETY, "accepted")
        waiting = next(each for each in BOOK.phrases[code].answers if each in {"RX", "RC"})
        again = (
            ordered(SHORTEST[code]) if waiting == "RC" and BOOK.phrases[code].read_back else None
        )
        answers(bravo, reply(of, waiting, again))
        assert newest(alpha, of) == waiting
        return
    with says_no("agreement_suspended", Refused):
        says(alpha, bravo, short(code))
    assert given(alpha, bravo, short(code), EntryType.MESSAGE) == "agreement_suspended"


def test_a_stranger_is_not_heard(pair: Pair, table: Table) -> None:
    alpha, _ = pair
    host = table.seat("host")
    with says_no("unknown_party", Refused):
        says(alpha, host, short("X"))


# --- silence -------------------------------------------------------------------------------------


def test_silence_is_named_at_both_sides_once_and_ends_with_an_answer(
    pair: Pair, table: Table
) -> None:
    alpha, bravo = pair
    of = says(alpha, bravo, short("X"))
    due_us = MORNING_US + 180 * SECOND_US
    for party in pair:
        assert watch(party, due_us - 1) == 0
        assert watch(party, due_us) == 1
        assert watch(party, due_us + MINUTE_US) == 0
        [warning] = party.warnings()
        assert (warning.kind, warning.about) == ("message_unanswered", of)
        assert warning.text == (
            "unanswered: alpha said X STOP to bravo, and no answer settled it by "
            "2026-09-22T11:03:00Z"
        )
    table.now_us = due_us + MINUTE_US
    answers(bravo, reply(of, "S", minutes=2))
    assert alpha.warnings() == bravo.warnings() == []
    assert row(alpha, of).due_us == row(bravo, of).due_us == table.now_us + 2 * MINUTE_US
    for party in pair:
        assert watch(party, table.now_us + 2 * MINUTE_US) == 1  # standby ran out
    answers(bravo, reply(of, "W", ordered(SHORTEST["X"])))
    assert alpha.warnings() == bravo.warnings() == []
    assert [watch(party, table.now_us + 9 * MINUTE_US) for party in pair] == [0, 0]


def test_not_understood_stops_no_clock(pair: Pair) -> None:
    alpha, bravo = pair
    of = says(alpha, bravo, short("X"))
    answers(bravo, reply(of, "RX"))
    assert row(alpha, of).due_us == MORNING_US + 180 * SECOND_US
    assert watch(alpha, MORNING_US + 180 * SECOND_US) == 1
    assert kinds(alpha) == ["message_unanswered", "not_understood"]


@pytest.mark.parametrize("code", sorted(SHORTEST))
def test_the_deadline_is_the_agreements_else_the_phrasebooks(
    pair: Pair, table: Table, code: str
) -> None:
    alpha, bravo = pair
    phrase = BOOK.phrases[code]
    assert phrase.parameter is not None
    assert PARAMETERS[phrase.parameter].default == phrase.answer_us
    first = says(alpha, bravo, short(code))
    assert row(bravo, first).ground.startswith(f"nothing else being agreed, {phrase.parameter} is")
    parties = tuple(
        replace(each, origin=party.origin)
        for each, party in zip(agreement().parties, pair, strict=True)
    )
    sets = clause("hotline", **{phrase.parameter: 17 * SECOND_US})  # type: ignore[arg-type]
    text = agreement_text(agreement(sets, parties=parties))
    for party in pair:
        party.do(lambda tx, pen: sign(tx, pen, text))
        table.hand_over()
    of = says(alpha, bravo, short(code))
    for party in pair:
        assert row(party, of).due_us == MORNING_US + 17 * SECOND_US
        assert row(party, of).ground == (
            f"by clause hotline of flight-safety, version 1, {phrase.parameter} is 17 s"
        )
