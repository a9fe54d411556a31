"""What the tests of duty share: a roster, the watcher on the table's time, what was alerted."""

from pathlib import Path

from comity.hotline.duty import holders
from comity.hotline.roster import change_roster
from comity.hotline.watch import alerts, watch_gifts
from comity.intake.order import MoveOrder, Outcome
from comity.intake.terms import agreed_with
from comity.journal.pen import Pen
from comity.model.duty import RosterAct, RosterChange
from comity.model.notice import Code, Declaration
from comity.storage.ballast import Ballast
from comity.storage.duty import EscalationRow
from comity.storage.store import Transaction
from comity.wire.entry_v1 import ContentBody
from tests.hotline.talking import watch
from tests.intake.table import Party

SECOND_US = 1_000_000
OFFICER, ALTERNATE, CHIEF = "duty officer", "alternate", "chief"
PEOPLE = {OFFICER: "A. Levi", ALTERNATE: "B. Cohen", CHIEF: "C. Katz"}


def change(party: Party, act: RosterAct, **more: object) -> None:
    said = RosterChange(act=act, by="test", **more)  # type: ignore[arg-type]
    party.do(lambda tx, pen: change_roster(tx, pen, said))


def chain(party: Party, *roles: str) -> None:
    change(party, RosterAct.CHAIN, roles=roles or tuple(PEOPLE))


def takes(party: Party, role: str, person: str = "", **more: object) -> None:
    change(party, RosterAct.TAKE, roles=(role,), person=person or PEOPLE[role], **more)


def on_duty(party: Party, *roles: str) -> None:
    """The whole chain, with somebody in each of these roles (in all, if none is named)."""
    chain(party)
    for role in roles or PEOPLE:
        takes(party, role)


def present(party: Party, role: str) -> tuple[str, ...]:
    return party.read(lambda r: holders(r, role, party.table.now_us))


def gives(party: Party, notice: Declaration, *to: Party) -> bytes:
    """As the door does it: declared, watched, handed over."""
    outcome = party.declare(notice, *to)
    _watched(party, outcome, opens=True)
    return outcome.subject


def moves(party: Party, order: MoveOrder) -> bytes:
    outcome = party.move(order)
    _watched(party, outcome, opens=order.code is Code.AMEND)
    return outcome.notice


def _watched(party: Party, outcome: Outcome, *, opens: bool) -> None:
    given = [
        (each.entry.audience, each.entry.body.root)
        for each in outcome.written
        if isinstance(each.entry.body, ContentBody)
    ]

    def work(tx: Transaction, pen: Pen) -> None:
        watch_gifts(tx, pen, outcome.subject, given, agreed_with(tx, pen), opens=opens)

    party.do(work)


def later(party: Party, seconds: float) -> None:
    """The table's time goes on, and the party's watcher looks; what it says is handed over."""
    party.table.now_us += round(seconds * SECOND_US)
    watch(party, party.table.now_us)
    party.table.hand_over()


def alerted(party: Party) -> list[tuple[int, str, str]]:
    """Level, step and role of what is open, lowest level first."""
    rows = party.read(alerts)
    return sorted((row.level, row.step, row.role) for row in rows)


def all_alerts(party: Party, about: bytes) -> tuple[EscalationRow, ...]:
    return party.read(lambda r: r.duty.escalations(about))


def fill_disk(party: Party, folder: Path) -> None:
    """From now on only the safety floor has room."""
    ballast = Ballast(folder / f"ballast-{party.origin[:5]}", 65_536)
    ballast.release()
    party.scribe._ballast = ballast


def kinds(party: Party) -> list[str]:
    return sorted({warning.kind for warning in party.warnings()})
