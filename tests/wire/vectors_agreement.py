"""The golden vectors of agreements: two versions of one, signed; what is given; what it decides.

`tools/make_vectors.py` writes them down. The border is invented, in the open Atlantic.
"""

from dataclasses import dataclass

from comity.agreement.resolve import Case, Rules, Ruling, book_of
from comity.model.clause import Agreement, Clause, Party, PartyRole, Scope
from comity.model.notice import Craft, Domain, Purpose, SubjectKind
from comity.model.quantity import Position, instant_us
from comity.trust.note import serialise, sign_note
from comity.wire.agreement_v1 import (
    Standing,
    StandingChange,
    agreement_hash,
    agreement_text,
    fields_of_note,
    fields_of_standing,
)
from comity.wire.canonical import sha256
from tests.wire.vectors import ALPHA, BRAVO, Vector, identity

__all__ = ["CASES", "HOST", "UN", "agreed", "agreement_contents", "agreement_note", "rulings"]

HOST, UN = "host.example/comity/2026", "un.example/comity/2026"
_PARTIES = (
    Party(origin=ALPHA, role=PartyRole.PRINCIPAL),
    Party(origin=BRAVO, role=PartyRole.PRINCIPAL),
    Party(origin=HOST, role=PartyRole.BOUND, bound_by=BRAVO),
    Party(origin=UN, role=PartyRole.MEDIATOR),
)
_SEPARATION = Clause(
    id="separation",
    title="Distance between operations",
    basis="the rule of threes: 3 NM, 3,000 ft, 3 min",
    values=(
        ("clearance_lateral_mm", 5_556_000),
        ("clearance_time_us", 180_000_000),
        ("clearance_vertical_mm", 914_400),
        ("disclosure_step", 2),
    ),
)
_COMBAT = Clause(
    id="combat-craft",
    title="Combat craft keep further off",
    scope=Scope(crafts=frozenset({Craft.COMBAT})),
    values=(("clearance_lateral_mm", 37_040_000), ("lead_short_notice_us", 900_000_000)),
)
_RESCUE = Clause(
    id="rescue",
    title="Rescue is told whole, and comes as near as it must",
    scope=Scope(
        kinds=frozenset({SubjectKind.OPERATION}),
        purposes=frozenset({Purpose.SEARCH_RESCUE, Purpose.MEDICAL}),
        domains=frozenset({Domain.AIR, Domain.MARITIME}),
    ),
    over=("combat-craft", "separation"),
    values=(
        ("clearance_lateral_mm", 0),
        ("disclosure_step", 4),
        ("lead_short_notice_us", 0),
        ("onward_max", 2),
    ),
)
_BORDER = Clause(
    id="line",
    title="Nothing of alpha's within 10 km of the line",
    scope=Scope(by=frozenset({ALPHA}), to=frozenset({BRAVO, HOST})),
    values=(("buffer_combat_mm", 10_000_000), ("buffer_uav_mm", 15_000_000)),
    line=(
        Position(lat_e7=450_000_000, lon_e7=-300_000_000),
        Position(lat_e7=455_000_000, lon_e7=-300_000_000),
        Position(lat_e7=460_000_000, lon_e7=-297_500_000),
    ),
)
_DEADLINES = Clause(
    id="deadlines",
    title="When an answer is due",
    values=(
        ("escalate_alternates_us", 60_000_000),
        ("escalate_next_echelon_us", 120_000_000),
        ("escalate_witness_us", 180_000_000),
        ("receipt_delivered_us", 5_000_000),
        ("receipt_readback_us", 120_000_000),
        ("receipt_relayed_us", 180_000_000),
        ("receipt_seen_us", 60_000_000),
    ),
)


def agreed() -> tuple[Agreement, Agreement]:
    """Version 1, and the version that takes its place a year later and adds languages."""
    first = Agreement(
        name="atlantic",
        version=1,
        previous=None,
        parties=_PARTIES,
        from_us=instant_us("2026-10-01T00:00:00Z"),
        until_us=None,
        languages=("en",),
        clauses=(_SEPARATION, _COMBAT, _RESCUE, _BORDER, _DEADLINES),
    )
    second = Agreement(
        name="atlantic",
        version=2,
        previous=agreement_hash(agreement_text(first)),
        parties=_PARTIES,
        from_us=instant_us("2027-10-01T00:00:00Z"),
        until_us=instant_us("2028-10-01T00:00:00Z"),
        languages=("en", "ru"),
        clauses=(_SEPARATION, _RESCUE, _COMBAT, _DEADLINES),
    )
    return first, second


def agreement_note(agreement: Agreement) -> bytes:
    """Signed by both principals."""
    text = agreement_text(agreement)
    first, second = (sign_note(text, identity(each).entry) for each in (ALPHA, BRAVO))
    return serialise(first) + second.signatures[0].line().encode()


def agreement_contents() -> tuple[Vector, ...]:
    """What an entry of type `agreement` carries beside a parameter block."""
    first, _ = agreed()
    standing = Standing(
        of=agreement_hash(agreement_text(first)),
        change=StandingChange.SUSPEND,
        reason="the line was misused",
        at_us=instant_us("2026-11-05T09:30:00Z"),
    )
    said = {
        "note": fields_of_note(agreement_note(first).decode()),
        "standing": fields_of_standing(standing),
    }
    return tuple(
        Vector(name=name, seed=sha256(f"comity test seed: {name}".encode()), fields=fields)
        for name, fields in said.items()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A case, and the parameter that is asked about."""

    parameter: str
    case: Case


CASES = (
    _Asked(parameter="clearance_lateral_mm", case=Case()),
    _Asked(parameter="clearance_lateral_mm", case=Case(craft=Craft.COMBAT)),
    _Asked(parameter="clearance_lateral_mm", case=Case(craft=Craft.UAV)),
    _Asked(
        parameter="clearance_lateral_mm",
        case=Case(
            by=ALPHA,
            to=BRAVO,
            kind=SubjectKind.OPERATION,
            purpose=Purpose.MEDICAL,
            domain=Domain.AIR,
            craft=Craft.COMBAT,
        ),
    ),
    _Asked(
        parameter="disclosure_step",
        case=Case(kind=SubjectKind.OPERATION, purpose=Purpose.TRAINING, domain=Domain.AIR),
    ),
    _Asked(parameter="lead_short_notice_us", case=Case(craft=Craft.COMBAT)),
    _Asked(parameter="buffer_uav_mm", case=Case(by=ALPHA, to=HOST)),
    _Asked(parameter="buffer_uav_mm", case=Case(by=BRAVO, to=ALPHA)),
    _Asked(parameter="margin_us", case=Case()),
)


def rulings() -> tuple[tuple[_Asked, Ruling], ...]:
    """What version 1 decides in each case."""
    rules = Rules(books=(book_of(agreed()[0]),))
    return tuple((asked, rules.ruling(asked.parameter, asked.case)) for asked in CASES)
