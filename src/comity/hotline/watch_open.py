"""What came while nobody was on duty is watched once somebody is, as if it had come then.

Whoever comes on duty first is alerted of all that is open, and nobody is told at once that nobody
answered. Called by the door of the roster.
"""

from comity.agreement.resolve import Case, case_of
from comity.hotline.about import about_between
from comity.hotline.duty import holders
from comity.hotline.watch import RulesOf, watch_message, watch_notice, watch_request
from comity.journal.pen import Pen
from comity.storage.store import Reading, Transaction
from comity.wire.limits import OPEN_ITEMS_MAX

__all__ = ["anybody_present", "watch_open"]


def anybody_present(reading: Reading, now_us: int) -> bool:
    """Whether somebody holds a role of the chain, and is there."""
    return any(holders(reading, role, now_us) for role in reading.duty.chain())


def watch_open(tx: Transaction, pen: Pen, rules_of: RulesOf) -> None:
    """Watch what others gave us and nobody is alerted of yet, from now on."""
    for subject in tx.sky.live(OPEN_ITEMS_MAX):
        if not subject.ours and _is_new(tx, subject.id):
            watch_notice(tx, pen, subject.notice, rules_of, opens=True)
    for message in tx.messages.open_messages(OPEN_ITEMS_MAX):
        if message.receiver == pen.origin and _is_new(tx, message.id):
            case = Case(by=message.sender, to=pen.origin)
            rules = rules_of(message.sender)
            watch_message(tx, pen, message, rules, case, from_us=pen.now_us)
    for request in tx.requests.requests():
        about = about_between(tx, request.subject, request.asker)
        mine = request.asked == pen.origin and request.due_us is not None
        if about is not None and mine and _is_new(tx, request.id):
            case = case_of(about.declared, request.asker, pen.origin)
            rules, floor = rules_of(request.asker), about.of_floor
            watch_request(tx, pen, request, rules, case, floor=floor, from_us=pen.now_us)


def _is_new(reading: Reading, about: bytes) -> bool:
    return not any(row.step for row in reading.duty.watches(about))
