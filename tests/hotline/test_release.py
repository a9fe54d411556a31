"""Two-person release: off unless agreed; then a STOP waits for another person, and not for long."""

import asyncio
from pathlib import Path

import pytest

from comity.exchange.watch_due import DueWatcher
from comity.hotline.release import hold_message, release_message, withdraw_held
from comity.intake.agree import sign
from comity.intake.terms import agreed
from comity.model.fault import Refused
from comity.model.message import Message
from comity.storage.messages import MessageRow
from comity.storage.releases import HeldRow
from comity.trust.note import parse_note
from comity.wire.agreement_v1 import agreement_text
from comity.wire.entry_v1 import EntryType, parse_entry
from comity.wire.fields import parse_fields
from tests.agreement.samples import agreement, clause
from tests.hotline.duty import fill_disk
from tests.hotline.talking import ROLE, STOP, Pair, row, says, short, suspend, watch
from tests.intake.table import Party
from tests.model.samples import ID, MINUTE_US
from tests.model.saying_no import says_no

FIVE_US = 5 * MINUTE_US
X = Message(code="X", role=ROLE, values=STOP)


@pytest.fixture
def two(pair: Pair) -> Pair:
    """It is agreed that two persons release."""
    sets = clause("release", release_persons=2)
    parties = tuple(
        type(each)(origin=party.origin, role=each.role)
        for each, party in zip(agreement().parties, pair, strict=True)
    )
    text = agreement_text(agreement(sets, parties=parties))
    for party in pair:
        party.do(lambda tx, pen: sign(tx, pen, text))
        party.table.hand_over()
    return pair


def holds(party: Party, other: Party, message: Message = X, by: str = "A. Ivri") -> HeldRow:
    return party.do(
        lambda tx, pen: hold_message(
            tx, pen, message, agreed(tx, pen.origin, pen.now_us).toward(other.origin), by
        )
    )


def releases(party: Party, other: Party, of: bytes, by: str = "B. Sade") -> MessageRow:
    said = party.do(
        lambda tx, pen: release_message(
            tx, pen, of, agreed(tx, pen.origin, pen.now_us).toward(other.origin), by
        )
    )
    party.table.hand_over()
    return said


def warned(party: Party) -> list[str]:
    return [w.kind for w in party.warnings() if w.kind in {"waiting_for_release", "not_released"}]


def contents(party: Party) -> set[bytes]:
    return {held.content for held in party.read(lambda r: r.releases.newest(9))}


def test_another_way_to_write_a_name_is_no_other_person(two: Pair) -> None:
    alpha, bravo = two
    held = holds(alpha, bravo)
    for by in ("a. ivri", "A.  Ivri"):
        with says_no("same_person", Refused):
            releases(alpha, bravo, held.id, by)


def test_a_clock_that_is_set_back_keeps_no_stop_alive(two: Pair) -> None:
    """Five minutes by a clock that nobody sets, also over a full disk."""
    alpha, bravo = two
    held, table = holds(alpha, bravo), alpha.table
    passed_us = [0]
    watcher = DueWatcher(alpha.store, alpha.scribe, elapsed_us=lambda: passed_us[0])
    asyncio.run(watcher.tick(table.now_us))
    table.now_us -= 60 * MINUTE_US
    for _ in range(5):
        passed_us[0] += MINUTE_US
        table.now_us += MINUTE_US
        asyncio.run(watcher.tick(table.now_us))
    assert warned(alpha) == ["not_released"]
    with says_no("release_expired", Refused):
        releases(alpha, bravo, held.id)


@pytest.mark.usefixtures("two")
def test_on_a_full_disk_it_is_said_that_nothing_was_said(two: Pair, tmp_path: Path) -> None:
    alpha, bravo = two
    held, other = holds(alpha, bravo), holds(alpha, bravo)
    fill_disk(alpha, tmp_path)
    alpha.do(lambda tx, pen: withdraw_held(tx, pen, other.id, "B. Sade"))
    alpha.table.now_us += FIVE_US
    watch(alpha, alpha.table.now_us)
    assert warned(alpha) == ["not_released"]
    assert alpha.read(lambda r: r.releases.held(held.id)) is not None


def test_one_person_says_stop_unless_two_are_agreed(pair: Pair) -> None:
    alpha, bravo = pair
    with says_no("no_release_needed", Refused):
        holds(alpha, bravo)
    says(alpha, bravo, X)


def test_a_stop_waits_for_another_person(two: Pair) -> None:
    alpha, bravo = two
    with pytest.raises(Refused) as caught:
        says(alpha, bravo, X)
    assert caught.value.code == "needs_release"
    assert "by clause release" in caught.value.reason
    held = holds(alpha, bravo)
    alpha.table.hand_over()
    assert alpha.read(lambda r: r.messages.open_count()) == 0
    assert bravo.read(lambda r: r.messages.open_count()) == 0
    assert warned(alpha) == ["waiting_for_release"]
    with says_no("same_person", Refused):
        releases(alpha, bravo, held.id, by="A. Ivri")
    with says_no("no_person"):
        releases(alpha, bravo, held.id, by="")
    said = releases(alpha, bravo, held.id)
    assert row(bravo, said.id).code == "X"
    assert alpha.table.verdicts(alpha, bravo)[-1] == (EntryType.SAFETY, "accepted")
    assert warned(alpha) == []
    assert contents(alpha) == {b""}
    with says_no("already_released", Refused):
        releases(alpha, bravo, held.id)


def test_both_persons_are_on_our_own_record_alone(two: Pair) -> None:
    alpha, bravo = two
    said = releases(alpha, bravo, holds(alpha, bravo).id)
    index = alpha.read(lambda r: r.journal.size()) - 1
    written = alpha.read(lambda r: r.journal.entry(index))
    assert written is not None
    entry = parse_entry(parse_note(written.body).text)
    assert (entry.type, entry.audience) == (EntryType.HANDOVER, alpha.origin)
    opening = alpha.read(lambda r: r.journal.opening(written.leaf))
    assert opening is not None
    fields = {field.path: field.value for field in parse_fields(opening.fields)}
    assert fields == {"release": b"X", "of": said.id, "first": b"A. Ivri", "second": b"B. Sade"}
    given = b"".join(handed.data for handed in alpha.table.between(alpha, bravo))
    assert b"Ivri" not in given
    assert b"Sade" not in given


@pytest.mark.parametrize("code", ["E1", "E2", "E3", "L1", "L2"])
def test_who_is_in_distress_waits_for_nobody(two: Pair, code: str) -> None:
    alpha, bravo = two
    with says_no("no_release_needed", Refused):
        holds(alpha, bravo, short(code))
    says(alpha, bravo, short(code))


@pytest.mark.parametrize("code", ["X", "KC", "C"])
def test_what_is_received_is_never_delayed(two: Pair, code: str) -> None:
    alpha, bravo = two
    said = releases(bravo, alpha, holds(bravo, alpha, short(code)).id)
    assert row(alpha, said.id).receiver == alpha.origin
    assert alpha.read(lambda r: r.releases.newest(9)) == ()


def test_what_nobody_releases_expires_and_is_named(two: Pair) -> None:
    alpha, bravo = two
    held = holds(alpha, bravo)
    alpha.table.now_us += FIVE_US - 1
    watch(alpha, alpha.table.now_us)
    assert warned(alpha) == ["waiting_for_release"]
    alpha.table.now_us += 1
    with says_no("release_expired", Refused):
        releases(alpha, bravo, held.id)
    watch(alpha, alpha.table.now_us)
    assert warned(alpha) == ["not_released"]
    assert contents(alpha) == {b""}
    with says_no("release_expired", Refused):
        releases(alpha, bravo, held.id)
    alpha.do(lambda tx, pen: withdraw_held(tx, pen, held.id, "A. Ivri"))
    assert warned(alpha) == []
    assert bravo.read(lambda r: r.messages.open_count()) == 0


def test_what_is_withdrawn_is_not_said(two: Pair) -> None:
    alpha, bravo = two
    held = holds(alpha, bravo)
    alpha.do(lambda tx, pen: withdraw_held(tx, pen, held.id, "A. Ivri"))
    assert warned(alpha) == []
    for act in (
        lambda: releases(alpha, bravo, held.id),
        lambda: alpha.do(lambda tx, pen: withdraw_held(tx, pen, held.id, "B. Sade")),
    ):
        with says_no("already_released", Refused):
            act()
    with says_no("not_found", Refused):
        releases(alpha, bravo, ID)


def test_a_release_passes_whatever_the_agreements_state(two: Pair) -> None:
    """The parameter block is suspended; the agreement of two persons stands."""
    alpha, bravo = two
    held = holds(alpha, bravo)
    suspend(bravo, alpha)
    assert row(bravo, releases(alpha, bravo, held.id).id).code == "X"


def test_only_what_could_be_said_is_held(two: Pair) -> None:
    alpha, bravo = two
    with says_no("not_known_there", Refused):
        holds(alpha, bravo, Message(code="X", role=ROLE, about=ID))
    with says_no("no_place"):
        holds(alpha, bravo, Message(code="X", role=ROLE))
    for _ in range(64):
        holds(alpha, bravo)
    with says_no("too_many_held", Refused):
        holds(alpha, bravo)
