"""The recipients' side: named reads that the owner sees, limits, foreign texts, lost keys."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.intake.agree import sign
from comity.intake.guard import unopenable
from comity.intake.protect import warn_exposed
from comity.intake.sealed import opened, presence_of
from comity.journal.pen import Pen
from comity.model.fault import Malformed, Refused, Untrusted
from comity.model.notice import Code, Onward
from comity.model.protected import EntryRead, Protected, Sealed
from comity.storage.register import LIVE, ReadRow
from comity.storage.store import Transaction
from comity.trust.identity import Role
from comity.trust.keys import KeyType, SigningKey
from comity.trust.sealed_box import BOX_BYTES, box_name, seal_to, unsealed
from comity.wire.agreement_v1 import agreement_text
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import Field, parse_fields
from comity.wire.key_v1 import KeyText, RevokeText
from comity.wire.register_v1 import (
    clear_text,
    commitment_of,
    fields_of_read,
    fields_of_sealed,
    sealed_from,
)
from tests.agreement.samples import agreement, clause, principal
from tests.intake.guarded import DAY_US, give, hospital, let_go, renew, rows, show, site, withdraw
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


# --- reads ---------------------------------------------------------------------------------------


def test_the_owner_sees_who_opened_it_as_what_when_and_why(three: Three) -> None:
    relief, alpha, bravo = three
    outcome = give(relief, hospital(), alpha, bravo)
    [row] = rows(alpha)
    shown = show(alpha, row.id, "route of convoy 7")
    assert shown.declaration == hospital()
    handed = relief.table.between(alpha, relief)[-1]
    assert (handed.kind, handed.verdict) == (EntryType.READ, "accepted")
    [seen] = relief.read(lambda r: r.register.reads(b"", 10))
    assert (seen.of, seen.party, seen.role, seen.reason) == (
        *(outcome.subject, alpha.origin),
        *("duty officer", "route of convoy 7"),
    )
    assert (seen.at_us, seen.known_us) == (MORNING_US, MORNING_US)
    assert alpha.read(lambda r: r.register.reads(b"", 10)) == ()  # its own are not others' reads


def test_ones_own_entry_is_opened_without_a_statement(three: Three) -> None:
    relief, alpha, _ = three
    outcome = give(relief, hospital(), alpha)
    size = relief.read(lambda r: r.journal.size())
    assert show(relief, outcome.subject).declaration == hospital()
    assert relief.read(lambda r: r.journal.size()) == size


@pytest.mark.parametrize(
    ("role", "reason", "code"), [("", "why", "no_role"), ("x", "", "no_reason")]
)
def test_nobody_opens_without_saying_as_what_and_why(role: str, reason: str, code: str) -> None:
    with says_no(code):
        EntryRead(of=bytes(32), role=role, reason=reason, at_us=NOON_US)


def test_so_many_a_day_and_no_more(three: Three, table: Table) -> None:
    relief, alpha, _ = three
    text = agreement_text(
        agreement(
            clause("register", register_reads_max=2),
            parties=(principal(relief.origin), principal(alpha.origin)),
            name="humanitarian",
        )
    )
    for seat in (relief, alpha):
        seat.do(lambda tx, pen: sign(tx, pen, text))
        table.hand_over()
    give(relief, hospital(), alpha)
    [row] = rows(alpha)
    show(alpha, row.id)
    table.now_us += MINUTE_US
    show(alpha, row.id)
    with pytest.raises(Refused) as caught:
        show(alpha, row.id)
    assert caught.value.code == "too_many_reads"
    assert caught.value.refusal.basis == "humanitarian/1#register:register_reads_max"
    table.now_us += DAY_US - MINUTE_US
    renewed = show(alpha, row.id)  # a day after the first
    assert renewed.row.id == row.id
    assert len(relief.read(lambda r: r.register.reads(b"", 10))) == 3
    assert [w for w in relief.warnings() if w.kind == "register_read_often"] == []


def test_who_reads_more_than_agreed_is_named_to_the_owner(three: Three) -> None:
    """A node that does not keep the limit is seen to."""
    relief, alpha, _ = three
    give(relief, hospital(), alpha)
    [row] = rows(alpha)
    read = EntryRead(of=row.id, role="x", reason="y", at_us=MORNING_US)

    def say(_: Transaction, pen: Pen) -> None:
        for _number in range(51):
            pen.write_content(EntryType.READ, relief.origin, pen.seal(fields_of_read(read)))

    alpha.do(say)
    relief.table.hand_over()
    [warning] = [w for w in relief.warnings() if w.kind == "register_read_often"]
    assert warning.party == alpha.origin


def test_a_word_about_an_entry_that_was_not_given_is_refused_and_leaves_its_receipt(
    three: Three,
) -> None:
    relief, alpha, bravo = three
    give(relief, hospital(), alpha)
    [row] = rows(alpha)
    read = EntryRead(of=row.id, role="x", reason="y", at_us=MORNING_US)
    bravo.do(
        lambda _, pen: pen.write_content(
            EntryType.READ, relief.origin, pen.seal(fields_of_read(read))
        )
    )
    relief.table.hand_over()
    assert relief.table.verdicts(bravo, relief)[-1] == (EntryType.READ, "not_found")
    assert relief.read(lambda r: r.register.reads(b"", 10)) == ()


def test_reads_come_page_by_page_and_none_is_left_out(three: Three) -> None:
    relief, alpha, _ = three
    give(relief, hospital(), alpha)
    [row] = rows(alpha)
    for number in range(7):
        show(alpha, row.id, f"{number}")
    found: list[ReadRow] = []
    after = b""
    while page := relief.read(lambda r: r.register.reads(after, 3)):  # noqa: B023 - at once
        found += page
        after = page[-1].leaf
    assert sorted(each.reason for each in found) == [str(number) for number in range(7)]


# --- texts that are not what they should be ------------------------------------------------------


def told(sender: Party, to: Party, fields: tuple[Field, ...]) -> str:
    """What the recipient's receipt says of a content of the register."""
    sender.do(lambda _, pen: pen.write_content(EntryType.REGISTER, to.origin, pen.seal(fields)))
    sender.table.hand_over()
    return to.table.verdicts(sender, to)[-1][1]


def content(
    sender: Party, to: Party, *, sealed_to: Party | None = None, clear: bytes | None = None
) -> tuple[Field, ...]:
    """A content as the owner makes it, or with something in it that is another's."""
    entry = Protected(owner=sender.origin, to=to.origin, salt=bytes(32), declaration=hospital())
    text = clear_text(entry) if clear is None else clear
    key = (sealed_to or to).identity.entry.verifier()
    data = seal_to(key, text, bytes(range(32)))
    return fields_of_sealed(Sealed(key=box_name(key), commitment=commitment_of(text), data=data))


def test_a_text_of_or_for_another_is_refused_by_name(three: Three) -> None:
    relief, alpha, bravo = three
    theirs = Protected(owner=relief.origin, to=alpha.origin, salt=bytes(32), declaration=hospital())
    assert told(bravo, alpha, content(bravo, alpha)) == "accepted"
    copied = content(bravo, alpha, clear=clear_text(theirs))
    assert told(bravo, alpha, copied) == "wrong_sender"
    elsewhere = replace(theirs, owner=bravo.origin, to=relief.origin)
    assert (
        told(bravo, alpha, content(bravo, alpha, clear=clear_text(elsewhere))) == "wrong_audience"
    )
    for_relief = content(bravo, alpha, sealed_to=relief)
    assert told(bravo, alpha, for_relief) == "sealed_to_other_key"
    assert len(rows(alpha)) == 1


def test_a_copy_of_what_another_was_given_opens_nothing(three: Three) -> None:
    """Bravo carried the bytes that relief sealed to alpha, and gives them on as its own."""
    relief, alpha, bravo = three
    give(relief, hospital(), alpha)
    carried = relief.table.between(relief, alpha)[-1].fields
    assert told(bravo, alpha, carried) == "wrong_sender"
    assert told(alpha, bravo, carried) == "sealed_to_other_key"


@pytest.mark.parametrize("part", ["data", "commitment"])
def test_a_changed_text_or_commitment_is_refused(three: Three, part: str) -> None:
    _, alpha, bravo = three
    sealed = sealed_from(content(bravo, alpha))
    value = getattr(sealed, part)
    changed = replace(sealed, **{part: bytes([value[0] ^ 1]) + value[1:]})
    codes = {"data": "not_for_us", "commitment": "content_mismatch"}
    assert told(bravo, alpha, fields_of_sealed(changed)) == codes[part]


def test_a_clear_text_that_is_none_is_refused(three: Three) -> None:
    _, alpha, bravo = three
    assert told(bravo, alpha, content(bravo, alpha, clear=b"x")) == "bad_field"
    entry = Protected(owner=bravo.origin, to=alpha.origin, salt=bytes(32), declaration=hospital())
    dirty = clear_text(entry)[:-1] + b"x"
    assert told(bravo, alpha, content(bravo, alpha, clear=dirty)) == "bad_field"


@pytest.mark.parametrize(
    "notice",
    [declaration(), declaration(code=Code.HAZARD), replace(hospital(), onward=Onward.FULL)],
)
def test_only_presences_that_are_passed_on_by_nobody_are_protected(notice: object) -> None:
    with pytest.raises(Malformed):
        Protected(owner="a.example/b", to="c.example/d", salt=bytes(32), declaration=notice)  # type: ignore[arg-type]


def test_an_owner_that_asks_for_too_long_is_refused(three: Three) -> None:
    _, alpha, bravo = three
    long = hospital(site(until_us=MORNING_US + 30 * DAY_US + 1))
    entry = Protected(owner=bravo.origin, to=alpha.origin, salt=bytes(32), declaration=long)
    refused = content(bravo, alpha, clear=clear_text(entry))
    assert told(bravo, alpha, refused) == "expiry_too_long"
    past = Protected(
        owner=bravo.origin,
        to=alpha.origin,
        salt=bytes(32),
        declaration=hospital(site(until_us=NOON_US)),
    )
    alpha.table.now_us = NOON_US
    assert told(bravo, alpha, content(bravo, alpha, clear=clear_text(past))) == "expired"


def test_what_is_anothers_is_neither_renewed_nor_withdrawn(three: Three) -> None:
    relief, alpha, bravo = three
    give(relief, hospital(), alpha)
    [row] = rows(alpha)
    entry = Protected(
        owner=bravo.origin, to=alpha.origin, salt=bytes(32), declaration=hospital(), of=row.id
    )
    assert told(bravo, alpha, content(bravo, alpha, clear=clear_text(entry))) == "not_found"
    assert [each.sealed for each in rows(alpha)] == [row.sealed]


@settings(deadline=None, max_examples=25)
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), st.binary())
def test_no_other_key_opens_a_box(one: bytes, other: bytes, clear: bytes) -> None:
    mine, theirs = (
        SigningKey(name="a.example/b/desk", key_type=KeyType.ED25519, seed=seed)
        for seed in (one, other)
    )
    data = seal_to(mine.verifier(), clear, bytes(32))
    assert (unsealed(mine, data), len(data)) == (clear, len(clear) + BOX_BYTES)
    if one != other:
        with says_no("not_for_us", Untrusted):
            unsealed(theirs, data)
    sealed = Sealed(key=box_name(mine.verifier()), commitment=commitment_of(clear), data=data)
    with pytest.raises((Refused, Malformed)):
        opened(sealed, [theirs])


# --- keys that change ----------------------------------------------------------------------------


def next_entry_key(party: Party) -> SigningKey:
    return SigningKey(name=f"{party.origin}/desk", key_type=KeyType.ED25519, seed=b"n" * 31 + b"x")


def test_an_entry_that_was_sealed_to_the_key_before_still_counts(three: Three) -> None:
    relief, alpha, _ = three
    give(relief, hospital(), alpha)
    [row] = rows(alpha)
    alpha.identity.use(Role.ENTRY, next_entry_key(alpha))
    assert presence_of(row, alpha.identity.entry_keys) is not None
    assert alpha.read(lambda r: unopenable(r, alpha.identity.entry_keys, MORNING_US)) == ()
    assert len(alpha.identity.entry_keys) == 2
    assert alpha.declare(declaration(volume(lat=35.51, lon=35.77))).conflicts


def test_what_no_key_opens_counts_nowhere_and_is_said(three: Three) -> None:
    relief, alpha, _ = three
    give(relief, hospital(), alpha)
    [row] = rows(alpha)
    keys = (next_entry_key(alpha),)  # restored without the earlier key
    assert [each.id for each in alpha.read(lambda r: unopenable(r, keys, MORNING_US))] == [row.id]
    assert presence_of(row, keys) is None


def test_a_lost_key_of_a_recipient_is_said_to_the_owner_until_it_renews(three: Three) -> None:
    relief, alpha, bravo = three
    outcome = give(relief, hospital(), alpha, bravo)
    key = alpha.identity.entry.verifier().text()
    rotated = KeyText(
        origin=alpha.origin,
        role="entry",
        because="rotation",
        old=key,
        new=next_entry_key(alpha).verifier().text(),
        made_us=MORNING_US,
    )
    revoked = RevokeText(
        origin=alpha.origin, role="entry", key=key, to=None, since_us=None, made_us=MORNING_US
    )

    def exposed() -> list[bytes]:
        return [each.about for each in relief.warnings() if each.kind == "register_exposed"]

    relief.do(lambda tx, pen: warn_exposed(tx, pen, alpha.origin, rotated))
    assert exposed() == []  # a routine change gives nothing away
    for lost in (replace(rotated, because="loss"), revoked):
        relief.do(lambda tx, pen, lost=lost: warn_exposed(tx, pen, alpha.origin, lost))  # type: ignore[misc]
        assert exposed() == [outcome.subject]
    renew(relief, outcome.subject, NOON_US + 2 * DAY_US)
    assert exposed() == []


# --- clearing up ---------------------------------------------------------------------------------


def test_letting_go_takes_only_what_is_over(three: Three) -> None:
    relief, alpha, _ = three
    give(relief, hospital(site(until_us=NOON_US)), alpha)
    give(relief, hospital(), alpha)
    assert alpha.read(lambda r: r.register.next_expiry_us()) == NOON_US
    alpha.table.now_us = NOON_US
    assert let_go(alpha) == 1
    [row] = rows(alpha)
    assert (row.state, row.expires_us) == (LIVE, NOON_US + DAY_US)
    assert alpha.read(lambda r: r.register.next_expiry_us()) == NOON_US + DAY_US
    assert sealed_from(parse_fields(row.sealed)).data


def test_withdrawing_one_leaves_the_others(three: Three) -> None:
    relief, alpha, _ = three
    first = give(relief, hospital(), alpha)
    second = give(relief, hospital(name="second"), alpha)
    withdraw(relief, first.subject)
    assert [show(alpha, row.id).declaration.name for row in rows(alpha)] == ["second"]
    assert [row.id for row in rows(relief)] == [second.subject]
