"""A page for a unit that has no node, and the code by which it says that it has read the page.

The code is an HMAC of notice, unit and what is passed on, under a secret that stays here: another
for each unit and for each new area, and nothing that is on anybody else's page. It proves that the
page was seen, not who saw it. Wrong codes are refused, recorded and slowed down. Called by the
doors.
"""

import hmac
from dataclasses import dataclass, replace

from comity.hotline.floor import claim_floor_for
from comity.hotline.relay import Word, record, relayed_subject, say
from comity.hotline.relay_list import RelayTerms, task_for
from comity.hotline.standing import stands
from comity.journal.pen import Pen
from comity.model.answer import UnitState
from comity.model.fault import Malformed, Refusal, Refused
from comity.model.lifecycle import LifeState
from comity.model.quantity import instant_text
from comity.model.relay import CODE_GROUPS, Because, PassedOn, RelayPage
from comity.storage.relay import RelayTaskRow
from comity.storage.rows import SubjectRow
from comity.storage.store import Reading, Transaction
from comity.trust.note import Note, serialise
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import serialise_fields
from comity.wire.limits import (
    RELAY_PAGE_US_MAX,
    RELAY_WRONG_CODE_WAIT_US,
    RELAY_WRONG_CODES_MAX,
)
from comity.wire.relay_page_v1 import fields_of_passed, page_text
from comity.wire.relay_v1 import fields_of_page_made
from comity.wire.voice_code import BASE, DATA_LETTERS, GROUP_LETTERS, code_groups, code_symbols

__all__ = [
    "Heard",
    "MadePage",
    "PageOrder",
    "Showable",
    "code_of",
    "hear",
    "make_page",
    "wrong_code",
]

_DOMAIN = b"comity/relay-code/v1\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class MadePage:
    """A page, and the signed note that it is."""

    page: RelayPage
    note: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A code that a unit read back; it was recorded, right or wrong."""

    unit: str
    groups: tuple[str, ...]
    role: str

    def __post_init__(self) -> None:
        """Hold the form; a slip of ear or pen is found by the checks, and is no guess."""
        if len(self.groups) != CODE_GROUPS:
            raise Malformed(
                f"a page has {CODE_GROUPS} groups of {GROUP_LETTERS} letters to read back",
                code="voice_length",
            )
        code_symbols(self.groups)


def code_of(secret: bytes, task: RelayTaskRow, body: bytes) -> tuple[str, ...]:
    """The groups that a unit reads back from a page that passes on what `body` is the hash of."""
    data = _DOMAIN + task.of + body + task.unit.encode()
    number = int.from_bytes(hmac.digest(secret, data, "sha256"), "big")
    symbols: list[int] = []
    for _ in range(CODE_GROUPS * DATA_LETTERS):
        number, symbol = divmod(number, BASE)
        symbols.append(symbol)
    return code_groups(symbols)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOrder:
    """A page for one unit of what may be passed on of the notice `of`, valid for so long."""

    of: bytes
    unit: str
    passed: PassedOn
    valid_us: int

    def __post_init__(self) -> None:
        """Hold the rules."""
        if not 0 < self.valid_us <= RELAY_PAGE_US_MAX:
            raise Malformed("a page is valid for up to 24 h", code="bad_time")


def make_page(tx: Transaction, pen: Pen, terms: RelayTerms, order: PageOrder) -> MadePage:
    """Make the page; it is over after its time, or with what it is about.

    What was started goes on past its end until somebody ends it, and is shown for as long.

    Raises:
        Refused: `not_found`, `unknown_unit`, `notice_over`.
    """
    passed = order.passed
    subject = relayed_subject(tx, order.of)
    claim_floor_for(pen, subject)
    until_us = min((pen.now_us + order.valid_us, *_ends_us(passed)))
    if until_us <= pen.now_us:
        raise _no("notice_over", "its time has passed", "ask its owner whether it goes on", "id")
    task = task_for(tx, pen, terms, subject, order.unit)
    body = _body(passed)
    page = RelayPage(
        made_by=pen.origin,
        passed=passed,
        made_us=pen.now_us,
        until_us=until_us,
        code=code_of(terms.secret, task, body),
    )
    text = page_text(page)
    note = serialise(Note(text=text, signatures=(pen.sign(text),)))
    content = pen.seal(fields_of_page_made(task.of, task.unit, body, until_us))
    pen.write_content(EntryType.ATTESTATION, pen.origin, content)
    tx.relay.save_task(replace(task, body=body, until_us=until_us, wrong=0, wrong_us=0))
    return MadePage(page=page, note=note)


@dataclass(frozen=True, slots=True, kw_only=True)
class Showable:
    """A subject, and all that a unit which is told of it may be shown now."""

    subject: SubjectRow
    passed: tuple[PassedOn, ...]


def _ends_us(passed: PassedOn) -> tuple[int, ...]:
    """When it is over by itself, at the latest."""
    goes_on = passed.state is LifeState.ACTIVE
    ends = () if goes_on else (passed.end_us,)
    return ends if passed.believed_until_us is None else (*ends, passed.believed_until_us)


def hear(tx: Transaction, pen: Pen, terms: RelayTerms, now: Showable, heard: Heard) -> bool:
    """Take a code that a unit read back: the right one records that it was told and answered.

    A page of what may not be shown now is outdated. A wrong code is recorded too, so the caller
    must let this commit, and refuse then.

    Raises:
        Refused: `unknown_unit`, `no_page`, `page_over`, `too_many_codes`.
    """
    subject = now.subject
    claim_floor_for(pen, subject)
    task = task_for(tx, pen, terms, subject, heard.unit)
    if task.body is None or task.until_us is None:
        raise _no("no_page", "no page of what is newest was made for it", "make one, and send it")
    if task.until_us < pen.now_us:
        until = instant_text(task.until_us)
        raise _no("page_over", f"its page was valid until {until}", "make another, and send it")
    if task.body not in _bodies(tx, now.passed):
        reason = "what its page shows was changed or is over, or may be passed on no more"
        raise _no("page_over", reason, "say by voice what is so now; make another, and send it")
    wait_us = task.wrong_us + RELAY_WRONG_CODE_WAIT_US
    if task.wrong >= RELAY_WRONG_CODES_MAX and pen.now_us < wait_us:
        raise _no(
            "too_many_codes",
            f"{task.wrong} wrong codes in a row; the next one is taken at {instant_text(wait_us)}",
            "call back on a line that you know",
        )
    if not hmac.compare_digest(
        _joined(heard.groups), _joined(code_of(terms.secret, task, task.body))
    ):
        tx.relay.save_task(replace(task, wrong=task.wrong + 1, wrong_us=pen.now_us))
        record(pen, Because.WRONG_CODE, heard.role, (task,))
        return False
    tx.relay.save_task(replace(task, wrong=0, wrong_us=0))
    word = Word(
        unit=heard.unit,
        state=UnitState.ANSWERED,
        at_us=pen.now_us,
        role=heard.role,
        because=Because.CODE,
    )
    say(tx, pen, terms, subject, word)
    return True


def _bodies(reading: Reading, passing: tuple[PassedOn, ...]) -> frozenset[bytes]:
    """What pages of it may show. A start changes no area: a page from before it still counts."""
    found = set()
    for passed in passing:
        shown = reading.sky.subject_of_notice(passed.notice)
        notices = () if shown is None else reading.sky.notices_of(shown.id)
        for notice in notices:
            if stands(reading, notice):
                found |= {
                    _body(replace(passed, notice=notice, state=state))
                    for state in (LifeState.DECLARED, passed.state)
                }
    return frozenset(found)


def _body(passed: PassedOn) -> bytes:
    return sha256(serialise_fields(fields_of_passed(passed)))


def wrong_code() -> Refused:
    """The no to a code that is not the unit's; it was recorded that one was given."""
    return _no(
        "wrong_code",
        "that is not the code on this unit's newest page; nothing but this was recorded",
        "let it read the page's two groups again; see that it has the newest page",
        "code",
    )


def _joined(groups: tuple[str, ...]) -> bytes:
    return "".join(groups).encode("ascii")


def _no(code: str, reason: str, what_to_do: str, field: str = "unit") -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do, field=field))
