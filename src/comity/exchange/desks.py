"""Which desk takes which type of entry that a peer gives. Called by assembly."""

from collections.abc import Callable
from types import MappingProxyType

from comity.agreement.between import Between
from comity.exchange.given import Desk, Desks, Given
from comity.hotline.answer import take_answer
from comity.hotline.attest import take_attestation
from comity.hotline.message import take_message, take_message_answer
from comity.hotline.relay_list import RelayTerms, expect
from comity.hotline.request import take_reply, take_request
from comity.hotline.watch import came_by, take_unanswered, watch_notice
from comity.intake.agree import take_note, take_standing
from comity.intake.enrol import take_agreement
from comity.intake.guard import take_read, take_sealed
from comity.intake.move import take_notice
from comity.intake.protect import warn_exposed
from comity.intake.renew import take_statement
from comity.intake.take_report import take_report
from comity.intake.terms import agreed, agreed_with
from comity.journal.content import open_notice
from comity.journal.pen import Pen
from comity.model.notice import Transition
from comity.storage.store import Transaction
from comity.wire.answer_v1 import STEP_PATH
from comity.wire.duty_v1 import UNANSWERED_PATH
from comity.wire.entry_v1 import EntryType
from comity.wire.message_v1 import ANSWER_PATH, MESSAGE_PATH

__all__ = ["desks_of"]


# The contents of one entry type, by their first field: the parameter block is the oldest of them.
_AGREEMENTS = {"terms": take_agreement, "note": take_note, "of": take_standing}


def desks_of(handle_secret: bytes) -> Desks:
    """Which desk takes which type of entry; units have handles under a secret that stays here."""

    def attestation(tx: Transaction, pen: Pen, given: Given) -> None:
        take_attestation(tx, pen, handle_secret, given.entry.by, given.fields)

    def notice(tx: Transaction, pen: Pen, given: Given) -> None:
        said = open_notice(given.entry, given.fields)
        take_notice(tx, pen, said, given.id, given.entry.value)
        opens = not isinstance(said.value, Transition)
        watch_notice(tx, pen, given.id, agreed_with(tx, pen), opens=opens)
        came_by(tx, given.id, given.entry.by, given.leaf)
        if opens:
            terms = RelayTerms(secret=handle_secret, toward=_toward(tx, pen))
            expect(tx, pen, terms, given.id)

    def safety(tx: Transaction, pen: Pen, given: Given) -> None:
        """What is said of the safety floor, of whichever desk: its first field tells."""
        desks = {
            **dict.fromkeys((MESSAGE_PATH, ANSWER_PATH), _message),
            **dict.fromkeys((STEP_PATH, UNANSWERED_PATH), _answer),
        }
        desks.get(given.fields[0].path, notice)(tx, pen, given)

    mine: dict[EntryType, Desk] = {
        EntryType.ATTESTATION: attestation,
        EntryType.NOTICE: notice,
        EntryType.SAFETY: safety,
    }
    return MappingProxyType({**_DESKS, **mine})


def _toward(tx: Transaction, pen: Pen) -> Callable[[str], Between]:
    """What holds between us and a party; read when it is asked."""
    return lambda party: agreed(tx, pen.origin, pen.now_us).toward(party)


def _agreement(tx: Transaction, pen: Pen, given: Given) -> None:
    take = _AGREEMENTS.get(given.fields[0].path, take_agreement)
    take(tx, pen, given.entry.by, given.fields)


def _message(tx: Transaction, pen: Pen, given: Given) -> None:
    by, kind = given.entry.by, given.entry.value.type
    if given.fields[0].path == ANSWER_PATH:
        said_us = given.entry.value.issued_us
        take_message_answer(tx, pen, by, given.id, kind, given.fields, said_us)
    else:
        take_message(tx, pen, given.id, kind, given.fields, _toward(tx, pen)(by))
    tx.duty.save_arrival(given.id, given.leaf)


def _answer(tx: Transaction, pen: Pen, given: Given) -> None:
    """A person's answer, or the word that there was none."""
    if given.fields[0].path == UNANSWERED_PATH:
        take_unanswered(tx, pen, given.entry.by, given.fields)
        return
    kind = given.entry.value.type
    take_answer(tx, pen, given.entry.by, kind, given.leaf, given.fields)


def _statement(tx: Transaction, pen: Pen, given: Given) -> None:
    found = take_statement(tx, pen, given.entry.by, given.index, given.fields)
    warn_exposed(tx, pen, given.entry.by, found)


def _register(tx: Transaction, pen: Pen, given: Given) -> None:
    entry = given.entry
    issued_us = entry.value.issued_us
    take_sealed(tx, pen, entry.by, given.leaf, given.id, issued_us, given.fields)


def _seen(tx: Transaction, pen: Pen, given: Given) -> None:
    take_read(tx, pen, given.entry.by, given.leaf, given.fields)


def _request(tx: Transaction, pen: Pen, given: Given) -> None:
    take_request(tx, pen, given.id, given.fields, _toward(tx, pen)(given.entry.by))
    tx.duty.save_arrival(given.id, given.leaf)


def _reply(tx: Transaction, pen: Pen, given: Given) -> None:
    take_reply(tx, pen, given.entry.by, given.id, given.fields)
    tx.duty.save_arrival(given.id, given.leaf)


def _report(tx: Transaction, pen: Pen, given: Given) -> None:
    take_report(tx, pen, given.entry.by, given.id, given.fields)


_DESKS: Desks = MappingProxyType(
    {
        EntryType.KEY: _statement,
        EntryType.REVOKE: _statement,
        EntryType.AGREEMENT: _agreement,
        EntryType.ANSWER: _answer,
        EntryType.REQUEST: _request,
        EntryType.REPLY: _reply,
        EntryType.REGISTER: _register,
        EntryType.READ: _seen,
        EntryType.REPORT: _report,
        EntryType.MESSAGE: _message,
    }
)
