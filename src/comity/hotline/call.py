"""Accounts of voice calls on other lines: one party's claim, kept at home, worth what it says.

Comity cannot prove such a call. It can say what the account is worth as notice: a call without an
area is insufficient whatever its lead, and what an account leaves out stays unknown. Called by the
doors.
"""

from comity.airspace.reach import Verdict, verdict
from comity.journal.pen import Pen
from comity.journal.warn import raise_warning
from comity.model.answer import VoiceCall
from comity.model.verdict import VerdictWord
from comity.storage.rows import CallRow
from comity.storage.store import Transaction
from comity.wire.answer_v1 import fields_of_call
from comity.wire.entry_v1 import EntryType

__all__ = ["assess_call", "call_lead_us", "file_call"]


def file_call(tx: Transaction, pen: Pen, call: VoiceCall) -> CallRow:
    """Write the account into our journal, to ourselves."""
    content = pen.seal(fields_of_call(call))
    pen.write_content(EntryType.CALL, pen.origin, content)
    row = CallRow(
        id=content.id,
        other=call.other,
        account_of=call.account_of,
        words=call.words,
        received_us=call.received_us,
        start_us=call.start_us,
        area_stated=call.area_stated,
        filed_us=pen.now_us,
    )
    tx.people.save_call(row)
    found = assess_call(row)
    if found.word is VerdictWord.INSUFFICIENT:
        raise_warning(tx, pen, found.reason, row.id, text=f"a call of {call.other} gave no area")
    return row


def call_lead_us(row: CallRow) -> int | None:
    """Start minus receipt, if the account states both."""
    if row.received_us is None or row.start_us is None:
        return None
    return row.start_us - row.received_us


def assess_call(row: CallRow) -> Verdict:
    """What the account is worth as notice; without geometry no time to clear can be computed."""
    return verdict(
        lead_us=call_lead_us(row),
        needed=None,
        has_area=row.area_stated,
        cleartext_min_us=None,
    )
