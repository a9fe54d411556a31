"""Agreements measured: one decision against 200 clauses, and notices to 20 parties, each its step.

The decision is the pure one that every desk asks for. The notices go through the desk, the pen and
the disk: permit, flags, disclosure, conflicts, an entry and an outbox row for each recipient, one
commit a notice. Called by `comity bench agreement`.
"""

import time
from dataclasses import dataclass
from functools import partial

from comity.agreement.resolve import Case, Rules, book_of, deciding
from comity.bench.figure import Aim, Bound, Figure, Measured
from comity.bench.ground import Ground
from comity.bench.works import OWN, counted_seeds, identity_of
from comity.intake.enrol import enrol
from comity.intake.order import DeclareOrder, Outcome
from comity.intake.receive import declare
from comity.journal.pen import Pen
from comity.journal.scribe import Scribe
from comity.model.agreement import DEFAULT
from comity.model.clause import Agreement, Clause, Party, PartyRole, Scope
from comity.model.fault import must
from comity.model.notice import Code, Craft, Declaration, Domain, Onward, Purpose
from comity.model.parameter import PARAMETERS
from comity.model.quantity import Position
from comity.model.volume import Circle, HeightBand, Volume4D, Window
from comity.storage.accords import AccordRow
from comity.storage.store import Transaction
from comity.trust.card import card_note, open_card
from comity.trust.roster import peer_of
from comity.wire.agreement_v1 import agreement_hash, agreement_text

__all__ = ["FULL", "QUICK", "AgreementPlan", "measure_agreement", "sample_agreement"]

_NS_PER_S, _NS_PER_US = 1_000_000_000, 1_000
_CLAUSES = 200
_RECIPIENTS = 20
_STEPS = 4
_IN_FLIGHT = 64
_HOUR_US = 3_600_000_000
_NOW_US = 1_767_225_600_000_000  # 2026-01-01
_CRAFTS = (Craft.COMBAT, Craft.UNARMED, Craft.ROTARY, Craft.UAV, Craft.BALLOON)
_DECISION_US = Aim(bound=Bound.AT_MOST, value=1_000)
_NOTICES_AIMED = 10_000
_ALL_NOTICES_S = Aim(bound=Bound.AT_MOST, value=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementPlan:
    """How much is measured: decisions a round, and notices a round."""

    rounds: int
    decisions: int
    notices: int


QUICK = AgreementPlan(rounds=3, decisions=2_000, notices=100)
FULL = AgreementPlan(rounds=4, decisions=20_000, notices=_NOTICES_AIMED // 4)


def measure_agreement(ground: Ground, plan: AgreementPlan) -> Measured:
    """All figures of agreements."""
    ground.progress.begin(2 * plan.rounds + 1)
    agreement = sample_agreement()
    deciding = tuple(_decide_us(ground, agreement, plan) for _ in range(plan.rounds))
    folder = ground.folder / "agreement"
    folder.mkdir()
    store = ground.open_store(folder)
    scribe = Scribe(
        store=store,
        identity=identity_of(OWN),
        seeds=counted_seeds("content"),
        witnesses=(),
        on_commit=lambda: None,
        on_fatal=lambda _: None,  # the works' futures carry the fault
    )
    try:
        scribe.submit(lambda tx, pen: _agree(tx, pen, agreement), _NOW_US).result()
        ground.progress.step(f"{_RECIPIENTS} parties enrolled")
        spent_s = tuple(_tell_s(ground, scribe, plan, number) for number in range(plan.rounds))
        size = store.read(lambda r: r.journal.size())
    finally:
        scribe.close()
        store.close()
    must(size > plan.rounds * plan.notices * _RECIPIENTS, "every recipient got an entry")
    whole = tuple(each * _NOTICES_AIMED / plan.notices for each in spent_s)
    return Measured(
        figures={
            "decision_200_clauses": Figure(
                unit="us", rounds=deciding, samples=plan.decisions, aim=_DECISION_US
            ),
            "notices_10000_to_20": Figure(
                unit="s", rounds=whole, samples=plan.notices, aim=_ALL_NOTICES_S
            ),
            "entries_of_notices": Figure(
                unit="entries/s",
                rounds=tuple(plan.notices * _RECIPIENTS / each for each in spent_s),
                samples=plan.notices * _RECIPIENTS,
            ),
        },
        peers={},
    )


def sample_agreement() -> Agreement:
    """200 clauses between us and 20 parties: each at one of four steps, and by class of craft."""
    parties = [_origin(number) for number in range(_RECIPIENTS)]
    steps = [
        Clause(
            id=f"step-{number}",
            title="Disclosure",
            scope=Scope(by=frozenset({OWN}), to=frozenset({party})),
            values=(("disclosure_step", 1 + number % _STEPS),),
        )
        for number, party in enumerate(parties)
    ]
    names = [name for name in sorted(PARAMETERS) if not PARAMETERS[name].names]
    others = [
        Clause(
            id=f"clause-{number}",
            title="A clause",
            scope=Scope(crafts=frozenset({_CRAFTS[number % len(_CRAFTS)]})),
            values=((name := names[number // len(_CRAFTS)], PARAMETERS[name].default),),
        )
        for number in range(_CLAUSES - _RECIPIENTS)
    ]
    return Agreement(
        name="bench",
        version=1,
        previous=None,
        parties=tuple(
            Party(origin=origin, role=PartyRole.PRINCIPAL) for origin in sorted([OWN, *parties])
        ),
        from_us=_NOW_US - _HOUR_US,
        until_us=None,
        languages=("en",),
        clauses=(*steps, *others),
    )


def _origin(number: int) -> str:
    return f"party{number:02}.example/comity/2026"


def _decide_us(ground: Ground, agreement: Agreement, plan: AgreementPlan) -> float:
    """Microseconds for one ruling, over every parameter and party in turn."""
    rules = Rules(books=(book_of(agreement),))
    cases = [
        Case(by=OWN, to=_origin(number), craft=_CRAFTS[number % len(_CRAFTS)])
        for number in range(_RECIPIENTS)
    ]
    names = sorted(PARAMETERS)
    began_ns = time.perf_counter_ns()
    for number in range(plan.decisions):
        deciding.cache_clear()  # each is decided, and not remembered
        rules.ruling(names[number % len(names)], cases[number % len(cases)])
    spent_ns = time.perf_counter_ns() - began_ns
    ground.progress.step(f"{plan.decisions} decisions")
    return spent_ns / plan.decisions / _NS_PER_US


def _agree(tx: Transaction, pen: Pen, agreement: Agreement) -> None:
    """Enrol the parties and put the agreement into force; the signatures are not measured."""
    for number in range(_RECIPIENTS):
        card = card_note(identity_of(_origin(number)), "http://127.0.0.1:7101", b"")
        enrol(tx, pen, peer_of(open_card(card)), card, DEFAULT)
    text = agreement_text(agreement)
    hash_ = agreement_hash(text)
    tx.accords.save_accord(
        AccordRow(
            hash=hash_,
            lineage=hash_,
            name=agreement.name,
            version=agreement.version,
            text=text,
            known_us=_NOW_US,
            complete_us=_NOW_US,
        )
    )


def _tell_s(ground: Ground, scribe: Scribe, plan: AgreementPlan, round_: int) -> float:
    """Seconds to declare the round's notices to all parties, until the last is durable."""
    to = tuple(_origin(number) for number in range(_RECIPIENTS))
    orders = [
        DeclareOrder(notice=_notice(round_ * plan.notices + number), to=to)
        for number in range(plan.notices)
    ]
    began_ns = time.perf_counter_ns()
    waiting = [scribe.submit(partial(_declared, order=orders[0]), _NOW_US)]
    for number, order in enumerate(orders[1:], 1):
        waiting.append(scribe.submit(partial(_declared, order=order), _NOW_US + number))
        if len(waiting) >= _IN_FLIGHT:
            waiting.pop(0).result()
    for each in waiting:
        each.result()
    spent_ns = time.perf_counter_ns() - began_ns
    ground.progress.step(f"{plan.notices} notices to {_RECIPIENTS} parties")
    return spent_ns / _NS_PER_S


def _declared(tx: Transaction, pen: Pen, order: DeclareOrder) -> Outcome:
    return declare(tx, pen, order)


def _notice(number: int) -> Declaration:
    """Circles of 20 km over the sea, each elsewhere, so that no two are one content."""
    volume = Volume4D(
        footprint=Circle(
            centre=Position(lat_e7=340_000_000 + number * 1_000, lon_e7=340_000_000),
            radius_mm=20_000_000,
        ),
        heights=HeightBand(lower_mm=0, upper_mm=9_000_000),
        window=Window(start_us=_NOW_US + _HOUR_US, end_us=_NOW_US + 2 * _HOUR_US),
    )
    return Declaration(
        code=Code.NOTIFY,
        purpose=Purpose.MILITARY_ACTIVITY,
        domain=Domain.AIR,
        craft=_CRAFTS[number % len(_CRAFTS)],
        onward=Onward.NONE,
        name=f"bench {number}",
        volumes=(volume,),
    )
