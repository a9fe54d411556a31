"""Agreements: in force when both signed the same bytes, and not a moment before or after."""

from dataclasses import replace

import pytest

from comity.agreement.resolve import Case
from comity.intake.enrol import enrol, take_agreement
from comity.intake.terms import agreed, parameters_of
from comity.journal.pen import Pen
from comity.model.agreement import DEFAULT, Parameters, Terms
from comity.model.fault import Refused
from comity.storage.rows import AgreementRow
from comity.storage.store import Transaction
from comity.trust.card import card_note, open_card
from comity.trust.roster import peer_of
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import Field, text_field
from comity.wire.terms_v1 import terms_text
from tests.intake.table import MORNING_US, Party, Table, origin_of
from tests.model.saying_no import says_no

STRICT = replace(DEFAULT, clearance_lateral_mm=10_000_000, margin_us=0)


def agreement(party: Party, peer: Party) -> AgreementRow:
    row = party.read(lambda r: r.post.agreement(peer.origin))
    assert row is not None
    return row


def holding(party: Party) -> dict[str, bool]:
    """With whom ordinary notices pass."""
    found = party.read(lambda r: agreed(r, party.origin, party.table.now_us))
    return {origin: consent.code is None for origin, consent in found.consents().items()}


def take(party: Party, by: str, *fields: Field) -> None:
    def work(tx: Transaction, pen: Pen) -> None:
        take_agreement(tx, pen, by, fields)

    party.do(work)


def test_both_sign_and_it_is_in_force_on_both_sides(table: Table) -> None:
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.join(alpha, bravo, STRICT)
    for here, there in ((alpha, bravo), (bravo, alpha)):
        row = agreement(here, there)
        assert row.in_force_us == MORNING_US
        assert row.ours == row.theirs
        assert holding(here) == {there.origin: True}
        found = here.read(lambda r, o=here.origin: agreed(r, o, table.now_us))  # type: ignore[misc]
        assert parameters_of(found.with_party(there.origin), Case()) == STRICT
    assert agreement(alpha, bravo).ours == agreement(bravo, alpha).ours
    assert table.verdicts(alpha, bravo) == [(EntryType.AGREEMENT, "accepted")]


def test_one_signature_is_no_agreement(table: Table) -> None:
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.enrol(alpha, bravo)
    table.hand_over()  # bravo does not know alpha yet: its word waits
    assert table.between(alpha, bravo) == []
    assert holding(alpha) == {bravo.origin: False}
    table.now_us += 1
    table.enrol(bravo, alpha)
    table.hand_over()
    assert agreement(alpha, bravo).in_force_us == agreement(bravo, alpha).in_force_us
    assert agreement(alpha, bravo).in_force_us == MORNING_US + 1


def test_terms_that_differ_are_pointed_at_and_not_in_force(table: Table) -> None:
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.enrol(alpha, bravo)
    table.enrol(bravo, alpha, STRICT)
    table.hand_over()
    for here, there in ((alpha, bravo), (bravo, alpha)):
        assert holding(here) == {there.origin: False}
        [warning] = here.warnings()
        assert (warning.kind, warning.party) == ("agreement_differs", there.origin)
        assert warning.text == "terms differ: clearance_lateral_mm, margin_us"


def test_it_comes_into_force_when_they_come_to_agree_and_ends_when_they_cease(
    table: Table,
) -> None:
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.enrol(alpha, bravo)
    table.enrol(bravo, alpha, STRICT)
    table.hand_over()
    table.now_us += 5
    take(bravo, alpha.origin, text_field("terms", text_of(STRICT)))
    assert agreement(bravo, alpha).in_force_us == MORNING_US + 5
    assert bravo.warnings() == []
    table.now_us += 5
    take(bravo, alpha.origin, text_field("terms", text_of(STRICT)))
    assert agreement(bravo, alpha).in_force_us == MORNING_US + 5  # said again: since then
    take(bravo, alpha.origin, text_field("terms", text_of(DEFAULT)))
    assert holding(bravo) == {alpha.origin: False}
    assert [row.kind for row in bravo.warnings()] == ["agreement_differs"]


def text_of(parameters: Parameters, *names: str) -> str:
    low, high = sorted(origin_of(name) for name in (names or ("alpha", "bravo")))
    return terms_text(Terms(parties=(low, high), version=1, parameters=parameters))


def test_an_agreement_is_between_the_two(table: Table) -> None:
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.join(alpha, bravo)
    with says_no("bad_parties"):
        take(bravo, alpha.origin, text_field("terms", text_of(DEFAULT, "alpha", "host")))
    with says_no("unknown_field"):
        terms = text_field("terms", text_of(DEFAULT))
        take(bravo, alpha.origin, terms, text_field("side-letter", ""))
    with says_no("missing_field"):
        take(bravo, alpha.origin, text_field("side-letter", ""))
    assert holding(bravo) == {alpha.origin: True}


def test_whoever_signed_nothing_is_asked_to(table: Table) -> None:
    bravo = table.seat("bravo")
    with says_no("no_terms_here", Refused):
        take(bravo, origin_of("alpha"), text_field("terms", text_of(DEFAULT)))


def test_enrolling_leaves_the_card_and_its_hash(table: Table) -> None:
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    card = card_note(bravo.identity, "http://127.0.0.1:7102", b"")
    peer = peer_of(open_card(card))
    alpha.do(lambda tx, pen: enrol(tx, pen, peer, card, DEFAULT))
    row = alpha.read(lambda r: r.post.peer(bravo.origin))
    assert row is not None
    assert (row.card, row.added_us, row.acked_size, row.contact_us) == (card, MORNING_US, 0, None)

    def own_words(tx: Transaction, _: Pen) -> list[bytes]:
        bodies = [entry.body for entry in tx.journal.entries(0, tx.journal.size())]
        assert [body.split(b"@")[0] for body in bodies] == [
            *(b"comity/keys", b"comity/party", b"comity/agreement")
        ]
        found = tx.journal.opening(tx.journal.entries(1, 2)[0].leaf)
        assert found is not None
        return [found.fields]

    [fields] = alpha.do(own_words)
    assert sha256(card) in fields


@pytest.mark.parametrize("changed", ["margin_us", "heartbeat_us", "clearance_time_us"])
def test_every_number_counts(table: Table, changed: str) -> None:
    alpha, bravo = table.seat("alpha"), table.seat("bravo")
    table.enrol(alpha, bravo)
    table.enrol(bravo, alpha, Parameters(**{changed: 7_000_000}))
    table.hand_over()
    assert holding(alpha) == {bravo.origin: False}
    assert [row.text for row in alpha.warnings()] == [f"terms differ: {changed}"]
