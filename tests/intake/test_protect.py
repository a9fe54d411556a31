"""The owner's side of the register: floors, renewal, withdrawal, and who can read what is given."""

from dataclasses import replace

import pytest
from nacl.public import PrivateKey, SealedBox
from nacl.signing import SigningKey as NaclKey

from comity.airspace.heights import with_heights
from comity.airspace.narrow import meets
from comity.intake.agree import sign
from comity.intake.guard import lapse
from comity.intake.order import MoveOrder
from comity.intake.protect import extend
from comity.journal.pen import Pen
from comity.model.fault import Refused
from comity.model.given import GivenHeights, HeightDatum, HeightLimit, Qnh
from comity.model.notice import Code
from comity.model.quantity import Position
from comity.model.volume import Circle, Polygon, Uncertainty, Volume4D, Window
from comity.storage.register import WITHDRAWN
from comity.storage.store import Transaction
from comity.wire.agreement_v1 import agreement_text
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import serialise_fields
from comity.wire.limits import LIVE_SUBJECTS_MAX
from comity.wire.register_v1 import clear_from, sealed_from
from tests.agreement.samples import agreement, clause, principal
from tests.intake.guarded import (
    DAY_US,
    LAT,
    LON,
    SECRETS,
    files,
    give,
    hospital,
    let_go,
    renew,
    rows,
    show,
    site,
    withdraw,
)
from tests.intake.table import MORNING_US, Party, Table
from tests.model.samples import MINUTE_US, NOON_US, declaration, volume
from tests.model.saying_no import says_no

Three = tuple[Party, Party, Party]


@pytest.fixture
def three(table: Table) -> Three:
    """A relief agency and two parties that fly, agreed with both."""
    relief, alpha, bravo = (table.seat(name) for name in ("relief", "alpha", "bravo"))
    table.join(relief, alpha)
    table.join(relief, bravo)
    table.join(alpha, bravo)
    return relief, alpha, bravo


def within(shape: Circle) -> Volume4D:
    return replace(site(), footprint=shape)


def fine() -> Circle:
    return Circle(centre=Position(lat_e7=LAT, lon_e7=LON), radius_mm=500_000)


# --- to chosen recipients only -------------------------------------------------------------------


def test_each_recipient_gets_its_own_text_under_its_own_id(three: Three) -> None:
    relief, alpha, bravo = three
    outcome = give(relief, hospital(), alpha, bravo)
    kinds = [(EntryType.AGREEMENT, "accepted"), (EntryType.REGISTER, "accepted")]
    texts = set()
    for peer in (alpha, bravo):
        assert relief.table.verdicts(relief, peer) == kinds
        [row] = rows(peer)
        handed = relief.table.between(relief, peer)[-1]
        assert (row.id, row.owner, row.ours) == (handed.id, relief.origin, False)
        assert row.id != outcome.subject
        texts.add(sealed_from(handed.fields).data)
        assert show(peer, row.id).declaration == hospital()
    assert len(texts) == 2
    assert [row.id for row in rows(relief)] == [outcome.subject]


def test_who_is_not_named_gets_nothing(three: Three) -> None:
    relief, alpha, bravo = three
    give(relief, hospital(), alpha)
    assert rows(bravo) == ()
    assert relief.table.verdicts(relief, bravo) == [(EntryType.AGREEMENT, "accepted")]


def test_what_is_carried_is_a_sealed_box_of_libsodium_and_says_nothing(three: Three) -> None:
    """Opened here by another program's reading of the same key; closed to everybody else's."""
    relief, alpha, bravo = three
    give(relief, hospital(name="clinic of the river"), alpha)
    handed = relief.table.between(relief, alpha)[-1]
    assert {field.path for field in handed.fields} == {"sealed", "key", "commitment"}
    assert b"clinic" not in handed.data
    sealed = sealed_from(handed.fields)
    clear = SealedBox(x25519(alpha)).decrypt(sealed.data)
    assert clear_from(clear).declaration.name == "clinic of the river"
    assert len(clear) == 1_024
    for stranger in (relief, bravo):
        with pytest.raises(Exception, match="decrypt"):
            SealedBox(x25519(stranger)).decrypt(sealed.data)


def x25519(party: Party) -> PrivateKey:
    key: PrivateKey = NaclKey(party.identity.entry.seed).to_curve25519_private_key()
    return key


def test_an_entry_of_one_circle_and_one_of_a_route_look_the_same(three: Three) -> None:
    relief, alpha, _ = three
    route = Polygon(
        vertices=tuple(
            Position(lat_e7=355_000_000 + 100_000 * north, lon_e7=357_000_000 + 100_000 * east)
            for north, east in (*((i, i % 2) for i in range(10)), *((9 - i, 5) for i in range(10)))
        )
    )
    for shape in (site().footprint, route):
        give(relief, hospital(replace(site(), footprint=shape)), alpha)
    handed = relief.table.between(relief, alpha)[-2:]
    assert [each.verdict for each in handed] == ["accepted", "accepted"]
    assert len({len(serialise_fields(each.fields)) for each in handed}) == 1


# --- the floors of the agreement -----------------------------------------------------------------


def refused(owner: Party, *given: Party, code: str, given_as: Volume4D) -> Refused:
    notice = hospital(given_as)
    with pytest.raises(Refused) as caught:
        give(owner, notice, *given)
    assert caught.value.code == code
    assert rows(owner) == ()
    return caught.value


def test_what_is_finer_or_smaller_than_agreed_is_refused_by_name(three: Three) -> None:
    relief, alpha, _ = three
    no = refused(relief, alpha, code="precision_below_floor", given_as=within(fine()))
    assert no.refusal.basis == "defaults/0#-:register_grid_e7"
    small = Circle(centre=Position(lat_e7=355_100_000, lon_e7=357_700_000), radius_mm=999_999)
    no = refused(relief, alpha, code="area_too_small", given_as=within(small))
    assert no.refusal.basis == "defaults/0#-:register_radius_min_mm"
    month = site(until_us=MORNING_US + 30 * DAY_US + 1)
    no = refused(relief, alpha, code="expiry_too_long", given_as=month)
    assert no.refusal.basis == "defaults/0#-:register_expiry_max_us"
    past = replace(site(), window=Window(start_us=MORNING_US - 2, end_us=MORNING_US - 1))
    refused(relief, alpha, code="expired", given_as=past)


def test_a_month_to_the_microsecond_is_taken_by_both_sides(three: Three) -> None:
    relief, alpha, _ = three
    give(relief, hospital(site(until_us=MORNING_US + 30 * DAY_US)), alpha)
    assert len(rows(relief)) == len(rows(alpha)) == 1


def test_a_stricter_clause_of_any_recipient_counts(three: Three, table: Table) -> None:
    relief, alpha, bravo = three
    text = agreement_text(
        agreement(
            clause(
                "register",
                register_grid_e7=1_000_000,
                register_radius_min_mm=5_000_000,
                register_expiry_max_us=DAY_US,
            ),
            parties=(principal(relief.origin), principal(alpha.origin)),
            name="humanitarian",
        )
    )
    for seat in (relief, alpha):
        seat.do(lambda tx, pen: sign(tx, pen, text))
        table.hand_over()
    no = refused(relief, bravo, alpha, code="precision_below_floor", given_as=site())
    assert no.refusal.basis == "humanitarian/1#register:register_grid_e7"
    refused(relief, bravo, alpha, code="area_too_small", given_as=site(35.5, 35.7))
    wide = site(35.5, 35.7, 5_000_000)
    long = replace(wide, window=Window(start_us=NOON_US, end_us=MORNING_US + DAY_US + 1))
    with says_no("expiry_too_long", Refused):
        give(relief, hospital(long), alpha)
    give(relief, hospital(), bravo)  # with bravo alone nothing of it holds
    assert len(rows(bravo)) == 1


def test_snapped_it_is_coarse_everywhere_and_the_true_area_is_inside(three: Three) -> None:
    relief, alpha, _ = three
    true = within(fine())
    outcome = give(relief, hospital(true), alpha, snap=True)
    [row] = rows(alpha)
    for party, id_ in ((relief, outcome.subject), (alpha, row.id)):
        [shown] = show(party, id_).declaration.volumes
        assert shown.footprint == Circle(
            centre=Position(lat_e7=355_100_000, lon_e7=357_700_000), radius_mm=1_300_000
        )
        assert meets(true, shown)


def test_without_an_agreement_nothing_is_given(table: Table) -> None:
    relief, alpha = table.seat("relief"), table.seat("alpha")
    table.enrol(relief, alpha)
    with says_no("no_agreement", Refused):
        give(relief, hospital(), alpha)
    assert rows(relief) == ()


def test_nobody_has_more_than_so_many(three: Three) -> None:
    relief, alpha, _ = three
    give(relief, hospital(), alpha)
    [row] = rows(relief)

    def fill(tx: Transaction, _: Pen) -> None:
        for number in range(LIVE_SUBJECTS_MAX - 1):
            tx.register.save_protected(replace(row, id=sha256(str(number).encode())))

    relief.do(fill)
    with says_no("too_many_subjects", Refused):
        give(relief, hospital(), alpha)


# --- renewal and the end -------------------------------------------------------------------------


def test_a_renewal_converts_given_heights_again(three: Three) -> None:
    relief, alpha, _ = three
    plain = site(until_us=NOON_US + 60 * MINUTE_US)
    given = GivenHeights(
        lower=HeightLimit(datum=HeightDatum.MSL, height_mm=0),
        upper=HeightLimit(datum=HeightDatum.PRESSURE, height_mm=300_000),
        qnh=Qnh(pressure_pa=100_800, at_us=MORNING_US),
    )
    made = with_heights(plain.footprint, given, plain.window, Uncertainty(vertical_mm=9_000))
    outcome = give(relief, hospital(made), alpha)
    renew(relief, outcome.subject, NOON_US + 600 * MINUTE_US)
    [volume] = show(alpha, rows(alpha)[0].id).declaration.volumes
    assert volume.uncertainty.vertical_mm > made.uncertainty.vertical_mm + 100_000  # 9 h older
    assert volume == with_heights(
        plain.footprint, given, volume.window, Uncertainty(vertical_mm=9_000)
    )
    with says_no("qnh_too_old"):
        renew(relief, outcome.subject, NOON_US + 2 * DAY_US)


def test_a_renewal_keeps_the_handle_and_moves_the_end(three: Three) -> None:
    relief, alpha, _ = three
    convoy = replace(site(), window=Window(start_us=NOON_US, end_us=NOON_US + MINUTE_US))
    outcome = give(relief, hospital(convoy, site()), alpha)
    [before] = rows(alpha)
    until_us = NOON_US + 3 * DAY_US
    again = renew(relief, outcome.subject, until_us)
    [after] = rows(alpha)
    assert (again.subject, after.id) == (outcome.subject, before.id)
    assert after.sealed != before.sealed
    assert (after.expires_us, after.issued_us) == (until_us, before.issued_us)
    ends = [v.window.end_us for v in show(alpha, after.id).declaration.volumes]
    assert ends == [NOON_US + MINUTE_US, until_us]  # what was to end earlier still does
    assert alpha.read(lambda r: r.journal.opening(before.leaf)) is None
    assert alpha.read(lambda r: r.journal.opening(after.leaf)) is not None
    with says_no("expiry_too_long", Refused):
        renew(relief, outcome.subject, NOON_US + 400 * DAY_US)
    with says_no("expired", Refused):
        renew(relief, outcome.subject, MORNING_US)
    with says_no("not_found", Refused):
        renew(alpha, after.id, until_us)


def test_withdrawn_it_is_over_at_once_everywhere(three: Three) -> None:
    relief, alpha, bravo = three
    outcome = give(relief, hospital(), alpha)
    alpha.declare(declaration(volume(lat=35.51, lon=35.77)), bravo)
    [conflict] = alpha.read(lambda r: r.sky.conflicts())
    [row] = rows(alpha)
    withdraw(relief, outcome.subject)
    assert relief.table.verdicts(relief, alpha)[-1][1] == "accepted"
    assert rows(alpha) == rows(relief) == ()
    [over] = alpha.read(lambda r: r.sky.conflicts())
    assert (over.id, over.over_us) == (conflict.id, alpha.table.now_us)
    kept = alpha.read(lambda r: r.register.protected(row.id))
    assert kept is not None
    assert (kept.state, kept.sealed) == (WITHDRAWN, b"")
    assert alpha.read(lambda r: r.journal.opening(row.leaf)) is None
    with says_no("not_found", Refused):
        show(alpha, row.id)
    for again in (withdraw, lambda owner, id_: renew(owner, id_, NOON_US + 2 * DAY_US)):
        with says_no("no_such_move", Refused):
            again(relief, outcome.subject)


def test_the_end_overtakes_nothing_that_was_not_taken_and_waits_for_nothing_that_was(
    three: Three,
) -> None:
    """In its own lane if the entry is there already, else behind it."""
    relief, alpha, bravo = three
    outcome = give(relief, hospital(), alpha, bravo)
    written = withdraw(relief, outcome.subject).written
    assert {each.entry.type for each in written} == {
        EntryType.NOTICE
    }  # the table sends no receipts
    assert [each.entry.audience for each in written] == [
        alpha.origin,
        bravo.origin,
        relief.origin,
    ]


def test_what_has_expired_is_gone_before_it_is_cleared_up_and_after(three: Three) -> None:
    relief, alpha, bravo = three
    outcome = give(relief, hospital(), alpha)
    [row] = rows(alpha)
    alpha.table.now_us = NOON_US + DAY_US
    for party in (relief, alpha):
        assert rows(party) == ()
    with says_no("not_found", Refused):
        show(alpha, row.id)
    meeting = volume(lat=35.51, lon=35.77, start_us=NOON_US + DAY_US - MINUTE_US)
    assert alpha.declare(declaration(meeting), bravo).conflicts == ()
    with says_no("expired", Refused):
        renew(relief, outcome.subject, NOON_US + 2 * DAY_US)
    assert let_go(alpha) == let_go(relief) == 1
    assert let_go(alpha) == 0
    kept = alpha.read(lambda r: r.register.protected(row.id))
    assert kept is not None
    assert kept.sealed == b""
    assert alpha.read(lambda r: r.journal.opening(row.leaf)) is None
    size = alpha.read(lambda r: r.journal.size())
    purge = alpha.read(lambda r: r.journal.entry(size - 1))
    assert purge is not None
    assert b"comity/purge@v1" in purge.body
    withdraw(relief, outcome.subject)  # late, and taken all the same
    assert relief.table.verdicts(relief, alpha)[-1][1] == "accepted"


def test_a_renewal_that_comes_after_the_expiry_lets_it_stand_again(three: Three) -> None:
    relief, alpha, _ = three
    outcome = give(relief, hospital(), alpha)
    relief.do(lambda tx, pen: extend(tx, pen, outcome.subject, NOON_US + 2 * DAY_US))
    alpha.table.now_us = NOON_US + DAY_US
    alpha.do(lapse)
    assert rows(alpha) == ()
    alpha.table.hand_over()
    assert relief.table.verdicts(relief, alpha)[-1] == (EntryType.REGISTER, "accepted")
    assert len(rows(alpha)) == 1


# --- what is on the disk -------------------------------------------------------------------------


def test_no_file_of_owner_or_recipient_ever_holds_a_coordinate(three: Three) -> None:
    """While it stands, met by operations, opened, renewed, withdrawn: in no file at any time."""
    relief, alpha, bravo = three
    snapped = [value.to_bytes(4, "big") for value in (355_100_000, 357_700_000)]
    words = (*SECRETS, *snapped, b"CLINIC-OF-THE-RIVER")

    def nowhere() -> None:
        for party in three:
            held = files(party)
            assert [word for word in words if word in held] == []

    true = within(fine())
    outcome = give(relief, hospital(true, name="CLINIC-OF-THE-RIVER"), alpha, snap=True)
    nowhere()
    operation = alpha.declare(declaration(volume(lat=35.4, lon=35.7)), bravo)
    assert len(operation.conflicts) == 1
    order = MoveOrder(
        subject=operation.subject,
        code=Code.AMEND,
        at_us=NOON_US,
        volumes=(volume(lat=35.45, lon=35.75),),
    )
    alpha.move(order)
    [row] = rows(alpha)
    show(alpha, row.id)
    nowhere()
    renew(relief, outcome.subject, NOON_US + 2 * DAY_US)
    nowhere()
    withdraw(relief, outcome.subject)
    nowhere()
    point = volume(lat=35.4, lon=35.7).footprint
    assert isinstance(point, Circle)
    assert point.centre.lat_e7.to_bytes(4, "big") in files(alpha)  # the search finds what is there


def test_an_uncertain_time_counts_to_the_expiry(three: Three) -> None:
    relief, alpha, _ = three
    unsure = replace(site(), uncertainty=Uncertainty(time_us=MINUTE_US))
    outcome = give(relief, hospital(unsure), alpha)
    assert [row.expires_us for row in rows(alpha)] == [NOON_US + DAY_US + MINUTE_US]
    renew(relief, outcome.subject, NOON_US + 2 * DAY_US)
    assert [row.expires_us for row in rows(alpha)] == [NOON_US + 2 * DAY_US]
