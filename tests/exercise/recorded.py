"""Answers as nodes gave them, shortened: one variant in which a battery is first not reached."""

from comity.exercise.answers import (
    Alarm,
    Assessment,
    Conflict,
    Delivery,
    KeyFields,
    Notice,
    Risk,
    Status,
)
from comity.exercise.record import Happened, Outcome, PartyRecord, Record, Sighting
from comity.model.quantity import instant_us

ACTIVITY, APPROACH = "a" * 64, "b" * 64
ORIGINS = {name: f"{name}.example/comity/2018/exercise/x" for name in ("alpha", "bravo", "host")}


def at(clock: str) -> int:
    return instant_us(f"2018-09-17T{clock}Z")


def text(clock: str) -> str:
    return f"2018-09-17T{clock}Z"


def risk(notice: str, who: str, handle: str, state: str, clock: str) -> Risk:
    """`who` is a unit by name, `host:battery-1`, or a party whose unit is only a handle, `host`."""
    party, _, unit = who.partition(":")
    return Risk(
        notice=notice,
        party=ORIGINS[party],
        unit=unit or None,
        handle=handle,
        state=state,
        at=text(clock),
        known=text(clock),
        open=state == "not-reached",
    )


def seen(party: str, clock: str, found: Risk) -> Sighting:
    return Sighting(party=party, at_us=at(clock), risk=found)


SIGHTINGS = (
    seen("bravo", "18:21:15", risk(ACTIVITY, "bravo:transport-1", "1a", "answered", "18:21:15")),
    seen("alpha", "18:21:15", risk(ACTIVITY, "bravo", "1a", "answered", "18:21:15")),
    seen("host", "18:22:40", risk(APPROACH, "host:battery-1", "2b", "not-reached", "18:22:40")),
    seen("bravo", "18:22:41", risk(APPROACH, "host", "2b", "not-reached", "18:22:40")),
    seen("alpha", "18:22:42", risk(ACTIVITY, "bravo", "3c", "not-reached", "18:22:40")),
    seen("host", "19:12:00", risk(APPROACH, "host:battery-1", "2b", "told", "19:12:00")),
    seen("bravo", "19:12:00", risk(APPROACH, "host", "2b", "told", "19:12:00")),
    seen("alpha", "19:12:00", risk(ACTIVITY, "bravo", "3c", "told", "19:12:00")),
)

ASSESSMENT = Assessment(
    lead_s=1200.0,
    time_to_clear_s=638.7,
    terms_s={
        "delivery": 15.0,
        "human": 60.0,
        "relay": 90.0,
        "decision": 30.0,
        "turn": 60.0,
        "distance": 263.7,
        "margin": 120.0,
    },
    verdict="sufficient",
    reason="time_to_clear_met",
    for_presence="c" * 64,
)


def notice(
    id_: str, owner: str, to: str, delivered: str | None, prompted_by: str | None = None
) -> Notice:
    return Notice(
        id=id_,
        kind="operation",
        code="N1",
        owner=ORIGINS[owner],
        state="declared",
        issued=text("18:20:00"),
        delivered=None,
        prompted_by=prompted_by,
        flags=(),
        deliveries=(Delivery(to=ORIGINS[to], delivered=delivered, seen=None, read_back=None),),
        answers=(),
        assessment=None,
        read_back_to_give=KeyFields(start="", end="", points=(), lower_m=0.0, upper_m=0.0),
    )


def conflict(id_: str, clause: str, found: str) -> Conflict:
    return Conflict(
        id=id_,
        a="c" * 64,
        b=ACTIVITY,
        clause=clause,
        closest_m=0.0,
        meets=True,
        found=text(found),
        over=None,
    )


def party(
    name: str,
    notices: tuple[Notice, ...] = (),
    conflicts: tuple[Conflict, ...] = (),
    alarms: tuple[Alarm, ...] = (),
) -> PartyRecord:
    status = Status(
        name=name,
        origin=ORIGINS[name],
        now=text("19:50:00"),
        journal_size=10 + len(name),
        root=f"root-of-{name}",
        witnessed=1,
        parties=(),
        open_risks=0,
        open_warnings=0,
    )
    return PartyRecord(
        party=name, status=status, notices=notices, conflicts=conflicts, alarms=alarms, calls=()
    )


WARNING = Alarm(
    id="w",
    kind="unit_not_reached",
    about=APPROACH,
    party=None,
    text="battery-1 was not reached",
    raised=text("18:22:40"),
    cleared=text("19:12:00"),
)


def happened(outcome: Outcome, by: str = "alpha", words: str = "declares activity") -> Happened:
    return Happened(
        at_us=at("18:20:00"),
        by=by,
        do="declare",
        name="activity",
        of=None,
        outcome=outcome,
        text=words,
        where="variants[0].steps[0]",
        claims=("C1",),
    )


RECORD = Record(
    variant="one",
    parties=(
        party("alpha", notices=(notice(ACTIVITY, "alpha", "bravo", text("18:20:00")),)),
        party(
            "bravo",
            notices=(
                notice(ACTIVITY, "alpha", "bravo", text("18:20:00")),
                notice(APPROACH, "bravo", "host", text("18:21:30"), prompted_by=ACTIVITY),
            ),
            conflicts=(conflict("x", "clearance", "18:20:00"),),
            alarms=(WARNING,),
        ),
        party("host", conflicts=(conflict("y", "clearance", "18:21:00"),), alarms=(WARNING,)),
    ),
    sightings=SIGHTINGS,
    happened=(
        happened(Outcome.DONE),
        happened(Outcome.REFUSED_AS_EXPECTED, words="no_area: words are no area (draw it)"),
        happened(Outcome.NOTE, by="host", words="a remark | with a bar"),
    ),
    labels={ACTIVITY: "alpha/activity", APPROACH: "bravo/approach", "c" * 64: "bravo/own-survey"},
    judged=ACTIVITY,
    assessment=ASSESSMENT,
)
