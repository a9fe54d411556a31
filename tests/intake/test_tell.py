"""Disclosure: each recipient at its step, byte by byte; nothing above it, no conflict lost."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.airspace.narrow import meets
from comity.hotline.answer import compared, key_fields
from comity.intake.agree import sign
from comity.intake.ladder import as_told
from comity.intake.order import MoveOrder
from comity.intake.tell import tellings, told_to
from comity.intake.terms import agreed
from comity.model.answer import Answer, Step
from comity.model.disclosure import DisclosureStep
from comity.model.fault import Malformed
from comity.model.notice import Code, Craft, Declaration, Purpose, SubjectKind
from comity.model.parameter import STEP_NAMES
from comity.wire.agreement_v1 import agreement_text
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import parse_fields, serialise_fields
from comity.wire.notice_v1 import fields_of, notice_from
from tests.agreement.samples import ALPHA, agreement, clause, principal
from tests.intake.table import Handed, Party, Table
from tests.model.samples import MINUTE_US, NOON_US, declaration, declarations, volume

GRID = (10_000_000, 3_600_000_000)
PLAN = replace(
    declaration(volume(start_us=NOON_US + 7 * MINUTE_US)),
    name="blue line",
    purpose=Purpose.TRAINING,
    craft=Craft.COMBAT,
)


@pytest.fixture
def four(table: Table) -> tuple[Party, dict[DisclosureStep, Party]]:
    """Alpha, and a party for each step, by an agreement of the two."""
    alpha = table.seat("alpha")
    peers: dict[DisclosureStep, Party] = {}
    for step in DisclosureStep:
        peer = peers[step] = table.seat(STEP_NAMES[step - 1])
        table.join(alpha, peer)
        text = agreement_text(
            agreement(
                clause("disclosure", disclosure_step=int(step)),
                parties=(principal(ALPHA), principal(peer.origin)),
                name=f"with-{STEP_NAMES[step - 1]}",
            )
        )
        for seat in (alpha, peer):
            seat.do(lambda tx, pen, text=text: sign(tx, pen, text))  # type: ignore[misc]
            table.hand_over()
    return alpha, peers


def notices(alpha: Party, peer: Party) -> list[Handed]:
    kinds = (EntryType.NOTICE, EntryType.SAFETY)
    return [each for each in alpha.table.between(alpha, peer) if each.kind in kinds]


def got(alpha: Party, peer: Party) -> Declaration:
    handed = notices(alpha, peer)
    assert [each.verdict for each in handed] == ["accepted"] * len(handed)
    found = notice_from(handed[0].fields)
    assert isinstance(found, Declaration)
    return found


def test_each_gets_its_step_and_nothing_above_it(
    four: tuple[Party, dict[DisclosureStep, Party]],
) -> None:
    alpha, peers = four
    outcome = alpha.declare(PLAN, *peers.values())
    told = {step: got(alpha, peer) for step, peer in peers.items()}
    for step, notice in told.items():
        assert fields_of(notice) == fields_of(as_told(PLAN, step, GRID))
    assert told[DisclosureStep.ENDED] == PLAN
    assert told[DisclosureStep.ACTIVE] == replace(PLAN, name="")
    area = replace(PLAN, name="", purpose=Purpose.DANGER_AREA, craft=Craft.NONE)
    assert told[DisclosureStep.AREA] == area
    caution = told[DisclosureStep.CAUTION]
    assert replace(caution, volumes=PLAN.volumes) == area
    assert meets(caution.volumes[0], PLAN.volumes[0])
    ids = {notices(alpha, peer)[0].id for peer in peers.values()}
    assert len(ids) == 4
    assert outcome.subject == notices(alpha, peers[DisclosureStep.ENDED])[0].id


def test_what_a_step_withholds_is_in_no_byte_that_is_given(
    four: tuple[Party, dict[DisclosureStep, Party]],
) -> None:
    alpha, peers = four
    alpha.declare(PLAN, *peers.values())
    exact = [
        field.value for field in fields_of(PLAN) if field.path.endswith(("/centre", "/polygon"))
    ]
    instants = [f.value for f in fields_of(PLAN) if f.path.endswith(("/start", "/end"))]
    for step, peer in peers.items():
        [handed] = notices(alpha, peer)
        assert (b"blue line" in handed.data) is (step is DisclosureStep.ENDED)
        assert (b"training" in handed.data) is (step >= DisclosureStep.ACTIVE)
        assert (b"combat" in handed.data) is (step >= DisclosureStep.ACTIVE)
        for value in exact:
            assert (value in handed.data) is (step >= DisclosureStep.AREA)
        if step is DisclosureStep.CAUTION:
            assert instants[0] not in handed.data
            odd = [value for value in instants if int.from_bytes(value, "big") % 3_600_000_000]
            assert all(value not in handed.data for value in odd)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(declarations(), st.sampled_from(DisclosureStep))
def test_no_field_is_above_its_step_and_no_area_is_smaller(
    notice: Declaration, step: DisclosureStep
) -> None:
    try:
        told = as_told(notice, step, GRID)
    except Malformed as no:  # what has no coarser form is not told at all
        if no.code not in {"cannot_coarsen", "too_wide", "bad_time"}:
            raise
        return
    assert notice_from(fields_of(told)) == told
    if notice.kind is not SubjectKind.OPERATION or step is DisclosureStep.ENDED:
        assert told == notice
        return
    assert told.name == ""
    assert (told.volumes == notice.volumes) or step is DisclosureStep.CAUTION
    if step < DisclosureStep.ACTIVE:
        assert (told.purpose, told.craft) == (Purpose.DANGER_AREA, Craft.NONE)


def test_hazards_and_presences_are_told_whole(
    four: tuple[Party, dict[DisclosureStep, Party]],
) -> None:
    alpha, peers = four
    hazard = replace(declaration(code=Code.HAZARD), name="smoke")
    alpha.declare(hazard, *peers.values())
    assert {got(alpha, peer) for peer in peers.values()} == {hazard}


def test_a_start_is_told_from_active_on_and_an_end_always(
    four: tuple[Party, dict[DisclosureStep, Party]],
) -> None:
    alpha, peers = four
    subject = alpha.declare(PLAN, *peers.values()).subject
    now = alpha.table.now_us
    alpha.move(MoveOrder(subject=subject, code=Code.START, at_us=now))
    states = {}
    for step, peer in peers.items():
        states[step] = peer.subject(notices(alpha, peer)[0].id).state
    active = DisclosureStep.ACTIVE
    assert {step: state == "active" for step, state in states.items()} == {
        step: step >= active for step in DisclosureStep
    }
    alpha.move(MoveOrder(subject=subject, code=Code.END, at_us=now))
    for peer in peers.values():
        assert peer.subject(notices(alpha, peer)[0].id).state == "ended"


def replaced(party: Party, notice: bytes) -> bool:
    return party.read(lambda r: r.sky.replaced_us(notice)) is not None


def test_an_amendment_that_a_caution_does_not_show_is_not_sent_to_it(
    four: tuple[Party, dict[DisclosureStep, Party]],
) -> None:
    alpha, peers = four
    caution = peers[DisclosureStep.CAUTION]
    subject = alpha.declare(PLAN, *peers.values()).subject
    [one] = PLAN.volumes
    near = replace(one, heights=replace(one.heights, upper_mm=one.heights.upper_mm - 1))
    alpha.move(MoveOrder(subject=subject, code=Code.AMEND, at_us=0, volumes=(near,)))
    assert [len(notices(alpha, peer)) for peer in peers.values()] == [1, 2, 2, 2]
    first = [notices(alpha, peer)[0].id for peer in peers.values()]
    assert [replaced(alpha, of) for of in first] == [False, True, True, True]
    later = replace(one, window=replace(one.window, end_us=one.window.end_us + 120 * MINUTE_US))
    alpha.move(MoveOrder(subject=subject, code=Code.AMEND, at_us=0, volumes=(later,)))
    assert [len(notices(alpha, peer)) for peer in peers.values()] == [2, 3, 3, 3]
    assert all(replaced(alpha, of) for of in first)
    known = caution.subject(notices(alpha, caution)[0].id)
    said = notice_from(parse_fields(known.volumes))
    assert said.volumes[0].window.end_us >= later.window.end_us  # type: ignore[union-attr]


def test_a_read_back_is_held_against_what_was_told(
    four: tuple[Party, dict[DisclosureStep, Party]],
) -> None:
    alpha, peers = four
    subject = alpha.declare(PLAN, *peers.values()).subject
    for peer in peers.values():
        [handed] = notices(alpha, peer)
        heard = key_fields(got(alpha, peer).volumes)
        peer.answer(Answer(of=handed.id, step=Step.READ_BACK, role="duty", read_back=heard))
    rows = alpha.read(lambda r: r.people.answers_about(subject))
    assert len(rows) == 4
    for row in rows:
        found = alpha.read(lambda r, row=row: compared(r, row))  # type: ignore[misc]
        assert found is not None
        assert found.agrees


def test_the_whole_stays_in_our_own_journal_where_nobody_gets_it(
    four: tuple[Party, dict[DisclosureStep, Party]],
) -> None:
    alpha, peers = four
    area = peers[DisclosureStep.AREA]
    outcome = alpha.declare(PLAN, area)
    assert [written.entry.audience for written in outcome.written] == [area.origin, alpha.origin]
    index = alpha.read(lambda r: r.journal.index_of_content(outcome.subject, alpha.origin))
    assert index is not None
    assert alpha.read(lambda r: r.journal.index_of_content(outcome.subject, area.origin)) is None


def test_the_step_says_which_clause_it_rests_on(
    four: tuple[Party, dict[DisclosureStep, Party]],
) -> None:
    alpha, peers = four
    subject = alpha.declare(PLAN, *peers.values()).subject
    row = alpha.subject(subject)
    for step, peer in peers.items():
        told = alpha.read(lambda r, p=peer: told_to(r, row, p.origin))  # type: ignore[misc]
        assert told.step == step
        assert told.basis == (
            f"by clause disclosure of with-{STEP_NAMES[step - 1]}, version 1, "
            f"disclosure_step is {STEP_NAMES[step - 1]}"
        )


def test_a_preview_is_what_is_given(four: tuple[Party, dict[DisclosureStep, Party]]) -> None:
    alpha, peers = four
    found = alpha.read(lambda r: agreed(r, alpha.origin, alpha.table.now_us))
    preview = tellings(found, PLAN, [peer.origin for peer in peers.values()])
    alpha.declare(PLAN, *peers.values())
    for telling, peer in zip(preview, peers.values(), strict=True):
        [handed] = notices(alpha, peer)
        assert serialise_fields(fields_of(telling.declaration)) == serialise_fields(handed.fields)


def test_volumes_that_a_grid_makes_equal_are_told_once() -> None:
    one = volume()
    twin = replace(one, heights=replace(one.heights, upper_mm=one.heights.upper_mm - 1))
    told = as_told(replace(PLAN, volumes=(one, twin)), DisclosureStep.CAUTION, GRID)
    assert len(told.volumes) == 1
