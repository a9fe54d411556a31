"""Vectors of the hotline: messages, duty, lines, relays, dispatches. Called by `vectors`."""

from comity.model.duty import (
    ChainStep,
    Escalated,
    Level,
    RosterAct,
    RosterChange,
    Unanswered,
)
from comity.model.lifecycle import LifeState
from comity.model.line import Contact, LineFact, LineState, Span
from comity.model.message import Message, MessageAnswer, ReadBack
from comity.model.notice import (
    Code,
    Craft,
    Domain,
    Purpose,
)
from comity.model.quantity import Position, instant_us
from comity.model.relay import (
    Because,
    Means,
    PassedOn,
    ReachableUnit,
    RelayPage,
    RelayState,
    RelayWord,
    UnitKind,
)
from comity.wire.canonical import sha256
from comity.wire.dispatch_v1 import DispatchRecord
from comity.wire.duty_v1 import (
    fields_of_escalation,
    fields_of_roster_change,
    fields_of_unanswered,
)
from comity.wire.fields import (
    Field,
)
from comity.wire.line_v1 import fields_of_line
from comity.wire.message_v1 import fields_of_message, fields_of_message_answer
from comity.wire.relay_v1 import (
    fields_of_page_made,
    fields_of_unit,
    fields_of_unit_removed,
    fields_of_words,
)
from comity.wire.voice_code import code_groups
from tests.wire.vector_samples import BRAVO, CIRCLE, at, seed

__all__ = [
    "dispatched",
    "of_a_line",
    "relay_page",
    "relayed",
    "said_of_duty",
    "said_on_the_hotline",
]


def dispatched(of: bytes) -> DispatchRecord:
    """What a mail server took."""
    return DispatchRecord(
        state="accepted",
        id=sha256(b"dispatch"),
        of=sha256(b"warning"),
        about=of,
        kind="unit_not_reached",
        outlet="night",
        channel="mail",
        to="duty@alpha.example",
        attempts=2,
        sent=sha256(b"mail"),
        answer="250 2.0.0 taken",
    )


def said_of_duty(of: bytes, role: str) -> dict[str, tuple[Field, ...]]:
    noon_us = instant_us("2018-09-17T19:00:00Z")
    due_us = noon_us + 180_000_000
    taken = RosterChange(
        act=RosterAct.TAKE, by="admin", roles=(role,), person="A. Levi", from_us=noon_us
    )
    went_on = Escalated(
        of=of,
        step=ChainStep.SEEN,
        level=Level.ALTERNATES,
        role="alternate",
        reason="not seen by our people since 2018-09-17T19:00:00Z",
        ground="nothing else being agreed, receipt_seen_us is 1 min",
        due_us=noon_us + 60_000_000,
        fired_us=noon_us + 60_000_250,
    )
    nobody = Unanswered(of=of, step=ChainStep.READ_BACK, due_us=due_us, at_us=due_us + 250)
    return {
        "roster-take": fields_of_roster_change(taken),
        "escalation": fields_of_escalation(went_on),
        "nobody-answered": fields_of_unanswered(nobody),
    }


def said_on_the_hotline(of: bytes, role: str) -> dict[str, tuple[Field, ...]]:
    values: tuple[tuple[str, int | str | Position], ...] = (
        ("danger-to", "our-people"),
        ("radius", 5_000_000),
        ("where", at(353_000_000, 401_400_000)),
    )
    stop = Message(code="X", role=role, values=values, about=of, language="ru", words="на месте")
    wilco = MessageAnswer(
        code="W", of=of, role=role, language="en", read_back=ReadBack(id=of, values=values)
    )
    wait = MessageAnswer(code="S", of=of, role=role, values=(("minutes", 10),), words="ringing")
    return {
        "stop": fields_of_message(stop),
        "line-check": fields_of_message(Message(code="L1", role=role)),
        "stop-wilco": fields_of_message_answer(wilco),
        "wait": fields_of_message_answer(wait),
    }


def of_a_line() -> tuple[Field, ...]:
    """A line that is up again after a gap, in which this node was down for a while."""
    gap = Span(from_us=CIRCLE.window.start_us, until_us=CIRCLE.window.end_us)
    down = Span(from_us=gap.from_us + 60_000_000, until_us=gap.until_us - 60_000_000)
    return fields_of_line(
        LineFact(
            party=BRAVO,
            state=LineState.UP,
            since_us=gap.until_us,
            contact=Contact(at_us=gap.until_us, index=4_242),
            gap=gap,
            down=down,
        )
    )


def relayed(of: bytes, role: str) -> dict[str, tuple[Field, ...]]:
    battery = ReachableUnit(
        name="Battery 2",
        kind=UnitKind.AIR_DEFENCE,
        means=Means.TELEPHONE,
        channel="room 4",
        expected_us=90_000_000,
    )
    missed = RelayWord(
        name=battery.name,
        handle=seed("handle not-reached"),
        state=RelayState.NOT_REACHED,
        at_us=CIRCLE.window.start_us,
        means=battery.means,
        channel=battery.channel,
    )
    return {
        "relay-unit": fields_of_unit(battery),
        "relay-unit-removed": fields_of_unit_removed(battery.name),
        "relay-words": fields_of_words(Because.SAID, of, role, (missed,)),
        "relay-page-made": fields_of_page_made(of, battery.name, of, CIRCLE.window.end_us),
    }


def relay_page() -> RelayPage:
    """A page that bravo makes of a protected presence of its own."""
    passed = PassedOn(
        notice=seed("a notice"),
        declared_by=BRAVO,
        code=Code.PROTECT,
        state=LifeState.DECLARED,
        purpose=Purpose.MEDICAL,
        domain=Domain.GROUND,
        craft=Craft.NONE,
        confidence=None,
        believed_until_us=None,
        volumes=(CIRCLE,),
    )
    return RelayPage(
        made_by=BRAVO,
        passed=passed,
        made_us=CIRCLE.window.start_us,
        until_us=CIRCLE.window.end_us,
        code=code_groups(range(8)),
    )
