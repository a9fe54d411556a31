"""Alerts one level: a row for who must be told, a signed entry that it went on, and a warning.

At the last level the giver is told that nobody here answered; that entry stands in both journals,
under heads that neutral witnesses cosign. Names of persons stay in our rows. Called by `watch`.
"""

from dataclasses import replace

from comity.hotline.duty import holders
from comity.hotline.steps import OpenStep, level_times, sentence_of
from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.duty import ChainStep, Escalated, Level, Unanswered, WatchKind
from comity.model.party import party_name
from comity.model.quantity import instant_text
from comity.storage.duty import EscalationRow, WatchRow
from comity.storage.store import Transaction
from comity.wire.canonical import sha256
from comity.wire.duty_v1 import fields_of_escalation, fields_of_unanswered
from comity.wire.entry_v1 import EntryType

__all__ = ["alert", "close_alerts", "name_of", "warn_late"]

_ESCALATED = "escalated"
_LATE = "receipt_overdue"
_WITNESS = "witness"
_NAMES = {ChainStep.READ_BACK: "read back", ChainStep.RELAYED: "relayed or acted on"}


def name_of(step: ChainStep) -> str:
    """A step as a sentence says it: seen, read back, ..."""
    return _NAMES.get(step, step.value)


def alert(  # noqa: PLR0917 - what is alerted, how far, and why
    tx: Transaction, pen: Pen, row: WatchRow, found: OpenStep, level: Level, reason: str
) -> tuple[str, ...]:
    """Alert a level; who of it is present. `reason` is why it goes out before its time, if so."""
    roles = tx.duty.chain()
    role = _WITNESS if level is Level.WITNESS else roles[min(level, len(roles) - 1)]
    persons = () if level is Level.WITNESS else holders(tx, role, pen.now_us)
    due_us = row.from_us if level is Level.FIRST else level_times(row, found.due_us)[level - 1]
    why = reason or _why(row, found, level)
    ground = found.sentence
    if level is not Level.FIRST:
        ground = f"{ground}; {sentence_of(row, level)}"
    leaf = None
    if level is not Level.FIRST:
        escalated = Escalated(
            of=row.notice,
            step=found.step,
            level=level,
            role=role,
            reason=why,
            ground=ground,
            due_us=due_us,
            fired_us=pen.now_us,
        )
        leaf = _written(pen, row, escalated)
        clear_warnings(tx, pen, _ESCALATED, row.about, row.party)
        text = f"{why}; {_told(level, row, role, persons)}: {ground}"
        raise_warning(tx, pen, "escalated", row.about, text=text, party=row.party)
    key = (row.notice, row.party, row.kind, found.step, found.due_us, int(level))
    tx.duty.save_escalation(
        EscalationRow(
            id=sha256(repr(("comity/alert/v1", *key)).encode()),
            about=row.about,
            party=row.party,
            kind=row.kind,
            step=found.step,
            level=level,
            role=role,
            persons="\n".join(persons),
            reason=why,
            ground=ground,
            floor=row.floor,
            due_us=due_us,
            at_us=pen.now_us,
            leaf=leaf,
            cleared_us=None,
        )
    )
    return persons


def warn_late(tx: Transaction, pen: Pen, row: WatchRow, found: OpenStep) -> None:
    """Another party has not done a step of what we gave it: our people are told so."""
    clear_warnings(tx, pen, _LATE, row.about, row.party)
    who = party_name(row.party)
    by = "to" if found.step is ChainStep.DELIVERED else "by"
    text = f"not {name_of(found.step)} {by} {who} by {instant_text(found.due_us)}: {found.sentence}"
    raise_warning(tx, pen, "receipt_overdue", row.about, text=text, party=row.party)


def close_alerts(tx: Transaction, pen: Pen, row: WatchRow) -> None:
    """The step is met, or of no matter any more: nobody has to be alerted of it."""
    kind = _ESCALATED if WatchKind(row.kind).for_us else _LATE
    clear_warnings(tx, pen, kind, row.about, row.party)
    for each in tx.duty.escalations(row.about):
        if (each.party, each.kind, each.cleared_us) == (row.party, row.kind, None):
            tx.duty.save_escalation(replace(each, cleared_us=pen.now_us))


def _written(pen: Pen, row: WatchRow, escalated: Escalated) -> bytes:
    """The entry of ours alone; at the last level the giver is told, but for an end of our own."""
    content = pen.seal(fields_of_escalation(escalated))
    leaf = pen.write_content(EntryType.WARNING, pen.origin, content).leaf
    if escalated.level is Level.WITNESS and row.kind != WatchKind.END:
        said = Unanswered(
            of=row.notice, step=escalated.step, due_us=escalated.due_us, at_us=pen.now_us
        )
        kind = EntryType.SAFETY if row.floor else EntryType.ANSWER
        pen.write_content(kind, row.party, pen.seal(fields_of_unanswered(said)), floor=True)
    return leaf


def _why(row: WatchRow, found: OpenStep, level: Level) -> str:
    if level is Level.FIRST:
        return f"to be {name_of(found.step)} by {instant_text(found.due_us)}"
    since = instant_text(row.from_us)
    return f"not {name_of(found.step)} by our people since {since}"


def _told(level: Level, row: WatchRow, role: str, persons: tuple[str, ...]) -> str:
    if level is Level.WITNESS:
        own = row.kind == WatchKind.END
        return "it is on record" if own else f"{party_name(row.party)} is told so"
    who = f" ({', '.join(persons)})" if persons else ", and nobody is present"
    return f"{role} alerted{who}"
