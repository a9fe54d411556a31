"""What the tests of relaying share: parties at a table that list, tell, miss and make pages."""

from comity.hotline.relay import Picked, Word, pick, relayed_subject, say
from comity.hotline.relay_link import Heard, MadePage, PageOrder, Showable, hear, make_page
from comity.hotline.relay_list import RelayTerms, list_unit, remove_unit
from comity.intake.pass_on import may_pass_on, passing
from comity.intake.terms import agreed
from comity.journal.pen import Pen
from comity.model.answer import UnitState
from comity.model.quantity import SECOND_US
from comity.model.relay import Means, ReachableUnit, UnitKind
from comity.storage.rows import UnitRow
from comity.storage.store import Transaction
from tests.intake.table import Party

ROLE = "duty officer"
DAY_US = 86_400 * SECOND_US
VALID_US = 47 * 60 * SECOND_US


def terms(party: Party, tx: Transaction, pen: Pen) -> RelayTerms:
    found = agreed(tx, pen.origin, pen.now_us)
    return RelayTerms(secret=party.secret, toward=found.toward)


def unit(name: str, *, within_s: int = 60, kind: UnitKind = UnitKind.OWN) -> ReachableUnit:
    return ReachableUnit(
        name=name,
        kind=kind,
        means=Means.RADIO,
        channel="121.5 MHz",
        expected_us=within_s * SECOND_US,
    )


def lists(party: Party, *names: str, within_s: int = 60) -> None:
    for name in names:
        each = unit(name, within_s=within_s)
        party.do(lambda tx, pen, u=each: list_unit(tx, pen, terms(party, tx, pen), u))  # type: ignore[misc]
    party.table.hand_over()


def drops(party: Party, name: str) -> None:
    party.do(lambda tx, pen: remove_unit(tx, pen, name))


def says(party: Party, of: bytes, name: str, state: UnitState = UnitState.TOLD) -> None:
    word = Word(unit=name, state=state, at_us=party.table.now_us, role=ROLE)
    party.do(lambda tx, pen: say(tx, pen, terms(party, tx, pen), relayed_subject(tx, of), word))
    party.table.hand_over()


def picks(party: Party, of: bytes, *names: str) -> None:
    picked = Picked(units=frozenset(names), role=ROLE)
    party.do(lambda tx, pen: pick(tx, pen, terms(party, tx, pen), relayed_subject(tx, of), picked))
    party.table.hand_over()


def page_for(party: Party, of: bytes, name: str, valid_us: int = VALID_US) -> MadePage:
    def work(tx: Transaction, pen: Pen) -> MadePage:
        passed = may_pass_on(tx, agreed(tx, pen.origin, pen.now_us), of)
        order = PageOrder(of=of, unit=name, passed=passed, valid_us=valid_us)
        return make_page(tx, pen, terms(party, tx, pen), order)

    made = party.do(work)
    party.table.hand_over()
    return made


def hears(party: Party, of: bytes, name: str, groups: tuple[str, ...]) -> bool:
    heard = Heard(unit=name, groups=groups, role=ROLE)

    def work(tx: Transaction, pen: Pen) -> bool:
        subject = relayed_subject(tx, of)
        passed = passing(tx, agreed(tx, pen.origin, pen.now_us), subject)
        now = Showable(subject=subject, passed=passed)
        return hear(tx, pen, terms(party, tx, pen), now, heard)

    right = party.do(work)
    party.table.hand_over()
    return right


def states(party: Party, subject: bytes) -> dict[str, str]:
    """The newest state of each unit for a subject."""
    tasks = party.read(lambda r: r.relay.tasks_of(subject))
    return {task.unit: task.state for task in tasks}


def open_risks(party: Party) -> tuple[UnitRow, ...]:
    return party.read(lambda r: r.people.open_risks())


def given_to(sender: Party, to: Party) -> bytes:
    """Every byte that one party handed to another."""
    return b"".join(handed.data for handed in sender.table.between(sender, to))
