"""Accounts of calls: kept at home, worth what they say, and silent where they are silent."""

import pytest

from comity.hotline.call import assess_call, call_lead_us, file_call
from comity.model.answer import VoiceCall
from comity.storage.rows import CallRow
from comity.wire.entry_v1 import EntryType
from tests.intake.table import MORNING_US, Party, Table
from tests.model.samples import MINUTE_US, NOON_US


@pytest.fixture
def bravo(table: Table) -> Party:
    """Bravo, agreed with alpha."""
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.join(alpha, bravo)
    return bravo


def call(
    received_us: int | None,
    start_us: int | None,
    area_stated: bool | None,  # noqa: FBT001 - a case
) -> VoiceCall:
    return VoiceCall(
        other="alpha",
        received_us=received_us,
        start_us=start_us,
        area_stated=area_stated,
        words="in the north of the country",
        account_of="bravo",
    )


def file(party: Party, said: VoiceCall) -> CallRow:
    return party.do(lambda tx, pen: file_call(tx, pen, said))


EARLY = NOON_US - 999 * MINUTE_US


@pytest.mark.parametrize(
    ("received_us", "start_us", "area", "word", "reason"),
    [
        (NOON_US - MINUTE_US, NOON_US, False, "insufficient", "no_area"),
        (EARLY, NOON_US, False, "insufficient", "no_area"),  # whatever the lead
        (None, None, False, "insufficient", "no_area"),
        (None, NOON_US, True, "unknown", "lead_unknown"),
        (NOON_US, None, True, "unknown", "lead_unknown"),
        (NOON_US, NOON_US, None, "unknown", "area_unknown"),
        (None, None, None, "unknown", "lead_and_area_unknown"),
        (EARLY, NOON_US, True, "sufficient", "nothing_inside"),
    ],
)
def test_an_account_is_worth_what_it_says(
    bravo: Party,
    *,
    received_us: int | None,
    start_us: int | None,
    area: bool | None,
    word: str,
    reason: str,
) -> None:
    row = file(bravo, call(received_us, start_us, area))
    found = assess_call(row)
    assert (found.word, found.reason) == (word, reason)
    assert [w.kind for w in bravo.warnings()] == (["no_area"] if area is False else [])


def test_lead_needs_both_times(bravo: Party) -> None:
    assert call_lead_us(file(bravo, call(NOON_US - MINUTE_US, NOON_US, True))) == MINUTE_US
    assert call_lead_us(file(bravo, call(NOON_US, NOON_US - 1, True))) == -1
    assert call_lead_us(file(bravo, call(None, NOON_US, True))) is None
    assert call_lead_us(file(bravo, call(NOON_US, None, True))) is None


def test_an_account_stays_at_home(bravo: Party, table: Table) -> None:
    row = file(bravo, call(NOON_US, NOON_US, False))
    table.hand_over()
    alpha = next(party for party in table.parties.values() if party is not bravo)
    assert [kind for kind, _ in table.verdicts(bravo, alpha)] == [EntryType.AGREEMENT]
    assert alpha.read(lambda r: r.people.calls()) == ()
    assert bravo.read(lambda r: r.people.calls()) == (row,)
    assert (row.other, row.account_of, row.filed_us) == ("alpha", "bravo", MORNING_US)
    size = bravo.read(lambda r: r.journal.size())
    [entry] = bravo.read(lambda r: r.journal.entries(size - 1, size))
    assert entry.body.startswith(b"comity/call@v1\n")
    assert f"to {bravo.origin}\n".encode() in entry.body


def test_the_same_account_twice_is_two_accounts(bravo: Party) -> None:
    said = call(NOON_US, None, None)
    assert file(bravo, said).id != file(bravo, said).id
