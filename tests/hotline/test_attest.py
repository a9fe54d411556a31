"""Attestations: a peer learns states and handles; names stay at home, and handles do not match."""

import hashlib
import itertools

import pytest

from comity.hotline.attest import NamedUnit
from comity.model.answer import Attestation, UnitReport, UnitState
from comity.model.fault import Refused
from comity.model.notice import Code, Onward
from comity.storage.rows import UnitRow
from comity.wire.answer_v1 import fields_of_attestation
from comity.wire.entry_v1 import EntryType
from comity.wire.limits import HANDLES_MAX
from tests.intake.table import MORNING_US, Party, Table
from tests.model.samples import ID, MINUTE_US, NOON_US, declaration, volume
from tests.model.saying_no import says_no

TOLD, MISSED, ANSWERED = UnitState.TOLD, UnitState.NOT_REACHED, UnitState.ANSWERED
Three = tuple[Party, Party, Party]


@pytest.fixture
def three(table: Table) -> Three:
    """Alpha and host both know bravo, and not each other."""
    alpha, bravo, host = (table.seat(name) for name in ("alpha", "bravo", "host"))
    table.join(alpha, bravo)
    table.join(bravo, host)
    return alpha, bravo, host


def named(name: str, state: UnitState = TOLD) -> NamedUnit:
    return NamedUnit(name=name, state=state, at_us=MORNING_US)


def units(party: Party, of: bytes) -> tuple[UnitRow, ...]:
    return party.read(lambda r: r.people.units_of(of))


def given_by(table: Table, sender: Party) -> bytes:
    """Every byte that a party handed to anyone."""
    return b"".join(
        handed.data
        for (by, _), all_handed in table.handed.items()
        if by == sender.origin
        for handed in all_handed
    )


def test_the_owner_learns_states_and_handles(three: Three, table: Table) -> None:
    alpha, bravo, _ = three
    notice = alpha.declare(declaration(), bravo).notice
    rows = bravo.attest(notice, named("Falcon 1"), named("Falcon 2", MISSED))
    assert [row.name for row in rows] == ["Falcon 1", "Falcon 2"]
    assert table.verdicts(bravo, alpha)[-1] == (EntryType.ATTESTATION, "accepted")
    heard = {row.handle: row for row in units(alpha, notice)}
    assert set(heard) == {row.handle for row in rows}
    for row in rows:
        assert heard[row.handle].state == row.state
        assert (heard[row.handle].name, heard[row.handle].party) == (None, bravo.origin)


def test_no_name_leaves(three: Three, table: Table) -> None:
    alpha, bravo, _ = three
    names = [f"Falcon {number}" for number in range(64)]
    notice = alpha.declare(declaration(), bravo).notice
    bravo.attest(notice, *(named(name, MISSED) for name in names))
    given = given_by(table, bravo)
    assert all(name.encode() not in given for name in names)
    assert b"not-reached" in given  # the check looks at the right bytes
    text = " ".join(row.text for row in alpha.warnings())
    assert "Falcon" not in text
    assert "Falcon 7 of bravo was not reached" in [row.text for row in bravo.warnings()]


def test_handles_of_two_notices_recipients_or_units_do_not_match(
    three: Three, table: Table
) -> None:
    alpha, bravo, host = three
    first = alpha.declare(declaration(), bravo).notice
    second = alpha.declare(declaration(volume(lat=30)), bravo).notice
    third = host.declare(declaration(volume(lat=25)), bravo).notice
    for notice in (first, second, third):
        bravo.attest(notice, named("Falcon 1"), named("Falcon 2"))
    attested = [*table.attested(bravo, alpha), *table.attested(bravo, host)]
    handles = [unit.handle for each in attested for unit in each.units]
    assert len(handles) == len(set(handles)) == 6


def test_the_same_unit_keeps_its_handle_for_a_notice(three: Three) -> None:
    alpha, bravo, _ = three
    notice = alpha.declare(declaration(), bravo).notice
    [before] = bravo.attest(notice, named("Falcon 1", MISSED))
    [after] = bravo.attest(notice, named("Falcon 1", ANSWERED))
    assert before.handle == after.handle
    assert [row.state for row in units(alpha, notice)] == [ANSWERED]


def test_another_secret_makes_other_handles(three: Three) -> None:
    alpha, bravo, _ = three
    notice = alpha.declare(declaration(), bravo).notice
    [before] = bravo.attest(notice, named("Falcon 1"))
    bravo.secret = bytes(32)
    [after] = bravo.attest(notice, named("Falcon 1"))
    assert before.handle != after.handle


def test_who_was_not_reached_is_an_open_risk_until_he_is(three: Three) -> None:
    alpha, bravo, _ = three
    notice = alpha.declare(declaration(), bravo).notice
    [row] = bravo.attest(notice, named("battery", MISSED))
    for party, who in ((bravo, "battery"), (alpha, f"unit {row.handle.hex()[:8]}")):
        [warning] = party.warnings()
        assert (warning.kind, warning.party) == ("unit_not_reached", bravo.origin)
        assert warning.text == f"{who} of bravo was not reached"
    bravo.attest(notice, named("battery"))
    assert alpha.warnings() == bravo.warnings() == []


def test_states_pass_on_to_the_party_whose_notice_prompted_ours(three: Three, table: Table) -> None:
    alpha, bravo, host = three
    cause = alpha.declare(declaration(onward=Onward.DERIVED), bravo).notice
    own = volume(lat=35.1, radius_m=20_000, start_us=NOON_US + MINUTE_US)
    derived = bravo.declare(declaration(own, code=Code.PROTECT), host, prompted_by=cause).notice
    [row] = host.attest(derived, named("battery", MISSED))
    [passed] = table.attested(bravo, alpha)
    assert passed.of == cause
    [unit] = passed.units
    assert (unit.state, unit.at_us) == (MISSED, MORNING_US)
    assert unit.handle != row.handle
    [known] = units(alpha, cause)
    assert (known.party, known.handle, known.name) == (bravo.origin, unit.handle, None)
    assert [w.kind for w in alpha.warnings()] == ["unit_not_reached"]
    given = given_by(table, bravo)
    for secret in (row.handle, b"battery", b"host.example"):
        to_alpha = b"".join(handed.data for handed in table.between(bravo, alpha))
        assert secret not in to_alpha
    assert cause in given  # of course: it says which notice it is about
    assert derived not in b"".join(handed.data for handed in table.between(bravo, alpha))


@pytest.mark.parametrize("state", [TOLD, MISSED])
def test_units_of_others_take_no_room_of_ours(three: Three, table: Table, state: UnitState) -> None:
    alpha, bravo, host = three
    cause = alpha.declare(declaration(onward=Onward.FULL), bravo).notice
    derived = bravo.declare(declaration(), host, prompted_by=cause).notice
    host.attest(derived, *(named(f"u{number}", state) for number in range(64)))
    host.attest(derived, *(named(f"v{number}", state) for number in range(64)))
    own = bravo.attest(cause, *(named(f"w{number}", MISSED) for number in range(64)))
    assert {verdict for _, verdict in table.verdicts(bravo, alpha)} == {"accepted"}
    missed = {row.handle for row in units(alpha, cause) if row.state == MISSED}
    assert {row.handle for row in own} <= missed
    assert len(missed) == 64 + (65 if state is MISSED else 0)


def test_two_large_parties_are_passed_on_and_nobody_missed_is_lost(table: Table) -> None:
    """Beyond 64 of theirs one handle stands for all: missed while one of them is."""
    alpha, bravo, host, carol = (table.seat(name) for name in ("alpha", "bravo", "host", "carol"))
    for other in (alpha, host, carol):
        table.join(bravo, other)
    cause = alpha.declare(declaration(onward=Onward.FULL), bravo).notice
    derived = bravo.declare(declaration(), host, carol, prompted_by=cause).notice
    host.attest(derived, *(named(f"u{number}") for number in range(60)))
    names = [f"v{number}" for number in range(60)]
    carol.attest(derived, *(named(name) for name in names))
    assert len(units(alpha, cause)) == 65
    assert alpha.warnings() == []
    carol.attest(derived, named(names[0], MISSED), named(names[59], MISSED))
    missed = [row for row in units(alpha, cause) if row.state == MISSED]
    assert len(alpha.warnings()) == len(missed)
    assert 1 <= len(missed) <= 2  # one for each of the two, or one for both
    carol.attest(derived, named(names[0]))
    assert len(alpha.warnings()) >= 1
    carol.attest(derived, named(names[59], ANSWERED))
    assert alpha.warnings() == []
    assert {verdict for _, verdict in table.verdicts(bravo, alpha)} == {"accepted"}


def test_a_party_has_so_many_handles_for_a_notice(three: Three, table: Table) -> None:
    alpha, bravo, _ = three
    notice = alpha.declare(declaration(), bravo).notice
    handles = [number.to_bytes(32, "big") for number in range(HANDLES_MAX + 1)]
    for first in range(0, len(handles), 64):
        reports = tuple(
            UnitReport(handle=handle, state=TOLD, at_us=MORNING_US)
            for handle in handles[first : first + 64]
        )
        fields = fields_of_attestation(Attestation(of=notice, units=reports))
        bravo.do(
            lambda _, pen, f=fields: pen.write_content(  # type: ignore[misc]
                EntryType.ATTESTATION, alpha.origin, pen.seal(f)
            )
        )
    table.hand_over()
    said = [verdict for _, verdict in table.verdicts(bravo, alpha)]
    assert said[-3:] == ["accepted", "accepted", "too_many_units"]


def test_nothing_passes_on_where_nothing_prompted(three: Three, table: Table) -> None:
    alpha, bravo, host = three
    alpha.declare(declaration(onward=Onward.FULL), bravo)
    notice = bravo.declare(declaration(code=Code.PROTECT), host).notice
    host.attest(notice, named("battery"))
    assert table.attested(bravo, alpha) == []


def test_one_attests_what_a_peer_gave_and_nothing_else(three: Three) -> None:
    alpha, bravo, _ = three
    own = bravo.declare(declaration(), alpha).notice
    for unknown in (own, bytes(32)):
        with says_no("not_found", Refused):
            bravo.attest(unknown, named("Falcon 1"))


def test_units_are_named_1_to_64_each_once(three: Three) -> None:
    alpha, bravo, _ = three
    notice = alpha.declare(declaration(), bravo).notice
    for many in ((), [named(str(n)) for n in range(65)], [named("one"), named("one", MISSED)]):
        with says_no("bad_units"):
            bravo.attest(notice, *many)
    with says_no("bad_units"):
        named("")
    with says_no("text_too_long"):
        named("x" * 41)
    with says_no("bad_text"):
        named("a\nb")


def test_nobody_attests_what_was_not_given_to_him(three: Three, table: Table) -> None:
    alpha, bravo, host = three
    secret = bravo.declare(declaration(), alpha).notice
    report = UnitReport(handle=ID, state=TOLD, at_us=MORNING_US)
    for of in (secret, bytes(32)):
        fields = fields_of_attestation(Attestation(of=of, units=(report,)))
        host.do(
            lambda _, pen, f=fields: pen.write_content(  # type: ignore[misc]
                EntryType.ATTESTATION, bravo.origin, pen.seal(f)
            )
        )
    table.hand_over()
    assert table.verdicts(host, bravo)[-2:] == [(EntryType.ATTESTATION, "not_found")] * 2
    assert units(bravo, secret) == ()


def test_two_peers_may_use_one_handle(three: Three, table: Table) -> None:
    alpha, bravo, host = three
    notice = bravo.declare(declaration(), alpha, host).notice
    for sender, state in ((alpha, TOLD), (host, MISSED)):
        report = UnitReport(handle=ID, state=state, at_us=MORNING_US)
        fields = fields_of_attestation(Attestation(of=notice, units=(report,)))
        sender.do(
            lambda _, pen, f=fields: pen.write_content(  # type: ignore[misc]
                EntryType.ATTESTATION, bravo.origin, pen.seal(f)
            )
        )
    table.hand_over()
    assert {(row.party, row.state) for row in units(bravo, notice)} == {
        *((alpha.origin, "told"), (host.origin, "not-reached")),
    }


def test_handles_say_nothing_to_who_knows_the_names(three: Three, table: Table) -> None:
    alpha, bravo, _ = three
    notice = alpha.declare(declaration(), bravo).notice
    bravo.attest(notice, named("Falcon 1"))
    [attested] = table.attested(bravo, alpha)
    words = (b"Falcon 1", notice, alpha.origin.encode(), bravo.origin.encode(), b"\0")
    guesses = {
        hashlib.sha256(b"".join(order)).digest() for order in itertools.permutations(words, 3)
    }
    assert attested.units[0].handle not in guesses
