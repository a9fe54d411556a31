"""Verdicts: is a peer's notice early enough for what we had there, and for that alone?"""

from dataclasses import replace

import pytest

from comity.airspace.reach import TimeToClear, Unable, UnableReason
from comity.intake import assess as desk
from comity.intake.assess import Assessment, assessment_of, needed_by
from comity.intake.order import MoveOrder
from comity.model.agreement import DEFAULT
from comity.model.fault import Malformed
from comity.model.notice import Code, Craft, Declaration
from comity.model.verdict import VerdictWord
from tests.intake.table import MORNING_US, Party, Table
from tests.model.samples import MINUTE_US, NOON_US, declaration, volume

SECOND_US = 1_000_000
# 15 + 60 + 90 + 30 s of agreed delays, 60 s for half a turn, 120 s of margin.
CHAIN_US = 375 * SECOND_US
SPEEDS_MM_S = {
    Craft.COMBAT: 222_000,
    Craft.UNARMED: 125_000,
    Craft.ROTARY: 61_000,
    Craft.UAV: 33_000,
}


@pytest.fixture
def pair(table: Table) -> tuple[Party, Party]:
    """Alpha and bravo, agreed."""
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.join(alpha, bravo)
    return alpha, bravo


Pair = tuple[Party, Party]


def verdict_of(party: Party, subject: bytes) -> Assessment:
    found = party.read(lambda r: assessment_of(r, subject))
    assert found is not None
    return found


def orbit(bravo: Party, craft: Craft = Craft.UNARMED, code: Code = Code.PROTECT) -> bytes:
    """Bravo's presence: a circle of 10 km about the middle of alpha's area of 40 km."""
    return bravo.declare(declaration(volume(radius_m=10_000), code=code, craft=craft)).subject


@pytest.mark.parametrize("craft", SPEEDS_MM_S)
def test_the_time_to_clear_is_the_sum_of_its_terms(pair: Pair, craft: Craft) -> None:
    alpha, bravo = pair
    presence = orbit(bravo, craft)
    subject = alpha.declare(declaration(), bravo).subject
    found = verdict_of(bravo, subject)
    assert (found.presence, found.lead_us) == (presence, 60 * MINUTE_US)
    assert isinstance(found.needed, TimeToClear)
    # From the middle to the rim of 40 km and 5.556 km of clearance: no way is longer.
    distance_us = found.needed.total_us - CHAIN_US
    assert found.needed.distance_us == distance_us
    assert distance_us * SPEEDS_MM_S[craft] / SECOND_US == pytest.approx(45_556_000, rel=1e-4)
    assert found.verdict.word is VerdictWord.SUFFICIENT
    assert found.verdict.reason == "time_to_clear_met"


def lead_for(pair: Pair, table: Table, lead_us: int) -> Assessment:
    alpha, bravo = pair
    orbit(bravo)
    table.now_us = NOON_US - lead_us
    return verdict_of(bravo, alpha.declare(declaration(), bravo).subject)


def test_a_lead_suffices_to_the_microsecond(table: Table) -> None:
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.join(alpha, bravo, replace(DEFAULT, lead_cleartext_min_us=0))
    orbit(bravo)
    needed = verdict_of(bravo, alpha.declare(declaration(), bravo).subject).needed
    assert isinstance(needed, TimeToClear)
    for lead_us, word in ((needed.total_us, "sufficient"), (needed.total_us - 1, "insufficient")):
        table.now_us = NOON_US - lead_us
        found = verdict_of(bravo, alpha.declare(declaration(), bravo).subject)
        assert (found.lead_us, found.verdict.word) == (lead_us, word)


@pytest.mark.parametrize(
    ("lead_us", "word", "reason"),
    [
        (15 * MINUTE_US, "sufficient", "time_to_clear_met"),
        (15 * MINUTE_US - 1, "short", "lead_below_agreed"),
        (MINUTE_US, "insufficient", "lead_below_time_to_clear"),
        (-MINUTE_US, "insufficient", "lead_below_time_to_clear"),
    ],
)
def test_words_and_reasons(pair: Pair, table: Table, lead_us: int, word: str, reason: str) -> None:
    found = lead_for(pair, table, lead_us)
    assert (found.verdict.word, found.verdict.reason, found.lead_us) == (word, reason, lead_us)


def test_who_has_nothing_there_needs_no_time(pair: Pair) -> None:
    alpha, bravo = pair
    bravo.declare(declaration(volume(lat=30), code=Code.PROTECT, craft=Craft.UNARMED))
    found = verdict_of(bravo, alpha.declare(declaration(), bravo).subject)
    assert (found.needed, found.presence) == (None, None)
    assert found.verdict.reason == "nothing_inside"


def test_what_cannot_leave_is_unable_whatever_the_lead(pair: Pair) -> None:
    alpha, bravo = pair
    orbit(bravo)
    balloon = orbit(bravo, Craft.BALLOON)
    found = verdict_of(bravo, alpha.declare(declaration(), bravo).subject)
    assert found.needed == Unable(reason=UnableReason.NO_SPEED)
    assert found.presence == balloon
    assert (found.verdict.word, found.verdict.reason) == ("insufficient", "unable_no_speed")


def test_the_slowest_decides(pair: Pair) -> None:
    alpha, bravo = pair
    ours = {craft: orbit(bravo, craft) for craft in (Craft.COMBAT, Craft.UAV, Craft.UNARMED)}
    subject = alpha.declare(declaration(), bravo).subject
    assert verdict_of(bravo, subject).presence == ours[Craft.UAV]


def test_what_was_declared_because_of_the_notice_does_not_count(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    subject = alpha.declare(declaration(), bravo).subject
    table.now_us += 1
    orbit(bravo)
    assert verdict_of(bravo, subject).verdict.reason == "nothing_inside"


def test_what_was_called_off_or_has_no_craft_does_not_count(pair: Pair) -> None:
    alpha, bravo = pair
    gone = orbit(bravo)
    bravo.move(MoveOrder(subject=gone, code=Code.CANCEL, at_us=MORNING_US))
    orbit(bravo, Craft.NONE)
    subject = alpha.declare(declaration(), bravo).subject
    assert verdict_of(bravo, subject).verdict.reason == "nothing_inside"


def test_our_own_notice_is_not_assessed(pair: Pair) -> None:
    alpha, bravo = pair
    subject = alpha.declare(declaration(), bravo).subject
    assert alpha.read(lambda r: assessment_of(r, subject)) is None


def test_the_agreements_delays_count(table: Table) -> None:
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.join(alpha, bravo, replace(DEFAULT, delay_relay_us=0, margin_us=1))
    orbit(bravo)
    found = verdict_of(bravo, alpha.declare(declaration(), bravo).subject)
    assert isinstance(found.needed, TimeToClear)
    assert (found.needed.relay_us, found.needed.margin_us) == (0, 1)
    assert found.needed.human_us == DEFAULT.delay_human_us


def test_what_we_do_because_of_the_notice_does_not_change_what_it_was_worth(
    pair: Pair, table: Table
) -> None:
    alpha, bravo = pair
    presence = orbit(bravo)
    subject = alpha.declare(declaration(), bravo).subject
    before = verdict_of(bravo, subject)
    table.now_us += MINUTE_US
    away = MoveOrder(
        subject=presence, code=Code.AMEND, at_us=NOON_US, volumes=(volume(lat=30, radius_m=10_000),)
    )
    bravo.move(away)
    assert verdict_of(bravo, subject) == before


def test_an_amendment_is_judged_from_its_own_delivery(pair: Pair, table: Table) -> None:
    alpha, bravo = pair
    orbit(bravo)
    subject = alpha.declare(declaration(volume(lat=30)), bravo).subject
    assert verdict_of(bravo, subject).verdict.reason == "nothing_inside"
    table.now_us = NOON_US - MINUTE_US
    move = MoveOrder(subject=subject, code=Code.AMEND, at_us=NOON_US, volumes=(volume(),))
    alpha.move(move)
    found = verdict_of(bravo, subject)
    assert (found.lead_us, found.verdict.word) == (MINUTE_US, "insufficient")
    assert "insufficient_notice" in [row.kind for row in bravo.warnings()]
    alpha.move(replace(move, volumes=(volume(lat=30),)))
    assert "insufficient_notice" not in [row.kind for row in bravo.warnings()]


def test_a_shape_that_cannot_be_measured_counts_as_the_widest(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    alpha, bravo = pair
    orbit(bravo)

    def refuses(*_: object) -> int:
        raise Malformed("a hazard that would take minutes", code="too_intricate")

    monkeypatch.setattr(desk, "distance_to_clear", refuses)
    found = verdict_of(bravo, alpha.declare(declaration(), bravo).subject)
    assert isinstance(found.needed, TimeToClear)
    assert found.needed.distance_us > 11 * 3_600 * SECOND_US  # 5,000 km at 125 m/s
    assert found.verdict.word is VerdictWord.INSUFFICIENT


def published(craft: Craft, minutes: int) -> Declaration:
    """A presence in the middle of alpha's area, whose owner has published a clearing time."""
    said = declaration(volume(radius_m=10_000), code=Code.PROTECT, craft=craft)
    return replace(said, needs_us=minutes * MINUTE_US)


@pytest.mark.parametrize(
    ("craft", "minutes", "word", "reason"),
    [
        (Craft.UNARMED, 1, "sufficient", "time_to_clear_met"),
        (Craft.UNARMED, 60, "sufficient", "time_to_clear_met"),
        (Craft.UNARMED, 61, "insufficient", "lead_below_clear_needs"),
        (Craft.NONE, 60, "sufficient", "clear_needs_met"),
        (Craft.NONE, 61, "insufficient", "lead_below_clear_needs"),
    ],
)
def test_what_we_published_counts_too(
    pair: Pair, craft: Craft, minutes: int, word: str, reason: str
) -> None:
    alpha, bravo = pair
    presence = bravo.declare(published(craft, minutes)).subject
    found = verdict_of(bravo, alpha.declare(declaration(), bravo).subject)
    assert (found.verdict.word, found.verdict.reason) == (word, reason)
    assert found.presence == presence
    assert (found.needed is None) is (craft is Craft.NONE)


def test_nothing_but_the_one_number_leaves_the_node(pair: Pair) -> None:
    alpha, bravo = pair
    said = published(Craft.UNARMED, 8)
    bravo.declare(said, alpha)
    subject = alpha.declare(declaration(), bravo).subject
    alpha.move(
        MoveOrder(subject=subject, code=Code.AMEND, at_us=0, volumes=(volume(radius_m=41_000),))
    )
    bravo.table.hand_over()
    found = verdict_of(bravo, subject)
    assert isinstance(found.needed, TimeToClear)
    given = bravo.table.between(bravo, alpha)
    # The one number: in the declaration, in a field of that name, as it was typed.
    fields = {field.path: field.value for handed in given for field in handed.fields}
    assert int.from_bytes(fields["needs"], "big") == 8 * MINUTE_US
    assert {"delivery", "turn", "distance", "margin", "speed", "reach"}.isdisjoint(fields)
    # What was computed: in no byte of what was given, neither as a number nor as text.
    whole = b"".join(handed.data + b"".join(f.value for f in handed.fields) for handed in given)
    assert (8 * MINUTE_US).to_bytes(8, "big") in whole
    for value in (found.needed.total_us, found.needed.distance_us):
        for form in (value, value // 1_000, value // 1_000_000):
            assert form.to_bytes(8, "big") not in whole
        assert str(value).encode() not in whole
    for word in (found.verdict.reason, "time_to_clear", "insufficient", "sufficient"):
        assert word.encode() not in whole


def test_a_search_for_what_leaks_would_find_it(pair: Pair) -> None:
    """The search above sees a number that is there."""
    alpha, bravo = pair
    orbit(bravo)
    subject = alpha.declare(declaration(), bravo).subject
    found = verdict_of(bravo, subject)
    assert isinstance(found.needed, TimeToClear)
    leak = replace(published(Craft.UNARMED, 8), needs_us=found.needed.total_us)
    bravo.declare(leak, alpha)
    bravo.table.hand_over()
    given = bravo.table.between(bravo, alpha)
    whole = b"".join(f.value for handed in given for f in handed.fields)
    assert found.needed.total_us.to_bytes(8, "big") in whole


@pytest.mark.parametrize(("km", "minutes"), [(25, 10), (50, 13), (90, 18), (100, 20)])
def test_the_table_of_a_large_turboprop_by_its_class(km: int, minutes: int) -> None:
    """From the middle of a hazard of that radius, at 450 km/h, with the delays of the default."""
    here, there = volume(radius_m=1), volume(radius_m=km * 1_000)
    parameters = replace(DEFAULT, clearance_lateral_mm=0)
    found = needed_by(Craft.UNARMED, ((here, there),), parameters)
    assert isinstance(found, TimeToClear)
    assert found.total_us - found.distance_us - found.margin_us == 255 * SECOND_US  # 4.25 min
    assert found.distance_us == pytest.approx(km * 1e9 / 125, rel=1e-4)
    assert round(found.total_us / MINUTE_US) == minutes
    assert needed_by(Craft.NONE, ((here, there),), parameters) is None
    unable = Unable(reason=UnableReason.NO_SPEED)
    assert needed_by(Craft.BALLOON, ((here, there),), parameters) == unable
