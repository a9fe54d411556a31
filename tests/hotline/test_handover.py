"""Handovers: every open item is on the list by its hash; a list that changed is shown anew."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.hotline.answer import key_fields
from comity.hotline.attest import NamedUnit
from comity.hotline.handover import (
    accept_handover,
    begin_handover,
    changes_between,
    signed_items,
)
from comity.hotline.open_items import line_item, open_items, unrecorded_item
from comity.intake.order import MoveOrder
from comity.model.answer import Answer, Reason, Step, UnitState
from comity.model.fault import Refused
from comity.model.handover import Acceptance, Handover, ItemKind, OpenItem
from comity.model.notice import Code
from comity.model.quantity import INSTANT_US_MAX
from comity.model.volume import Uncertainty, Window
from comity.storage.handovers import HandoverRow
from comity.trust.note import parse_note
from comity.wire.entry_v1 import EntryType, parse_entry
from comity.wire.fields import parse_fields
from comity.wire.handover_v1 import (
    ITEMS_NAMED_MAX,
    fields_of_acceptance,
    fields_of_handover,
    item_hash,
    list_hash,
)
from tests.hotline.talking import Pair, answers, reply, says, short, suspend, watch
from tests.intake.table import Party
from tests.model.samples import ID, MINUTE_US, NOON_US, declaration, ids, volume
from tests.model.saying_no import says_no

UNIT = NamedUnit(name="Falcon 1", state=UnitState.NOT_REACHED, at_us=1_900_000_000_000_000)
ITEM = OpenItem(
    kind=ItemKind.MESSAGE, id=ID, state="X from alpha to bravo, no answer", due_us=NOON_US
)
items = st.builds(
    OpenItem,
    kind=st.sampled_from(ItemKind),
    id=ids,
    state=st.text("abc ", max_size=5).filter(lambda text: text == text.strip()),
    due_us=st.none() | st.integers(946_684_800_000_000, 946_684_800_000_009),
)


def test_an_end_that_may_be_in_another_century_is_an_open_item_all_the_same(pair: Pair) -> None:
    """A window ends in this century at the latest; how uncertain its end is may reach beyond."""
    alpha, bravo = pair
    last_us = INSTANT_US_MAX - 1
    far = replace(
        volume(),
        window=Window(start_us=last_us - 60 * MINUTE_US, end_us=last_us),
        uncertainty=Uncertainty(time_us=30 * MINUTE_US),
    )
    alpha.declare(declaration(far), bravo)
    for party in pair:
        [item] = opened(party)
        assert (item.kind, item.due_us) == (ItemKind.NOTICE, INSTANT_US_MAX)


@pytest.fixture
def busy(pair: Pair) -> Pair:
    """A notice that nobody read, a unit not reached, an UNABLE, a message, a suspension."""
    alpha, bravo = pair
    notice = alpha.declare(declaration(), bravo).notice
    bravo.answer(Answer(of=notice, step=Step.UNABLE, role="duty", reason=Reason.LOW_FUEL))
    bravo.attest(notice, UNIT)
    says(alpha, bravo, short("X"))
    suspend(bravo, alpha)
    return pair


def opened(party: Party, *also: OpenItem) -> tuple[OpenItem, ...]:
    return party.read(lambda r: open_items(r, party.origin, also))


def begun(party: Party, taker: str = "B. Sade") -> HandoverRow:
    handover = Handover(giver="A. Ivri", taker=taker, items=opened(party), note="the line is slow")
    return party.do(lambda tx, pen: begin_handover(tx, pen, handover))


def takes(party: Party, of: bytes, seen: bytes, by: str = "B. Sade") -> HandoverRow:
    acceptance = Acceptance(of=of, by=by, items=opened(party))
    return party.do(lambda tx, pen: accept_handover(tx, pen, acceptance, seen))


def test_everything_that_is_open_is_on_the_list(busy: Pair) -> None:
    alpha, bravo = busy
    line = line_item(bravo.origin, "silent")
    said = unrecorded_item(ID, bravo.origin)
    for party in busy:
        found = opened(party, line, said)
        kinds = [item.kind for item in found]
        assert kinds == sorted(kinds, key=[*ItemKind].index)
        assert set(kinds) == {*ItemKind} - {ItemKind.REQUEST, ItemKind.CONFLICT}
    states = {item.kind: item.state for item in opened(alpha)}
    assert states[ItemKind.MESSAGE] == "X from alpha to bravo, no answer"
    assert "; bravo: not delivered, not seen, not read back" in states[ItemKind.NOTICE]
    assert (
        "; here: not seen, not read back"
        in {item.kind: item.state for item in opened(bravo)}[ItemKind.NOTICE]
    )
    assert "unable about" in {item.state[:12] for item in opened(alpha)}
    assert states[ItemKind.AGREEMENT].startswith("suspended by bravo since")


def test_no_name_of_a_unit_is_signed(busy: Pair) -> None:
    for party in busy:
        content = fields_of_handover(Handover(giver="a", taker="b", items=opened(party)))
        text = b"".join(field.value for field in content)
        text += "".join(item.state for item in opened(party)).encode()
        assert b"Falcon" not in text


@pytest.mark.parametrize("step", [Step.SEEN, Step.READ_BACK])
def test_what_was_done_is_on_the_list_no_more(pair: Pair, step: Step) -> None:
    alpha, bravo = pair
    notice = alpha.declare(declaration(), bravo).notice
    read_back = key_fields(declaration().volumes) if step is Step.READ_BACK else None
    bravo.answer(Answer(of=notice, step=step, role="duty", read_back=read_back))
    for party in pair:
        (item,) = opened(party)
        assert ("not seen" in item.state, "not read back" in item.state) == (
            step is not Step.SEEN,
            step is not Step.READ_BACK,
        )


@pytest.mark.parametrize("code", [Code.END, Code.CANCEL])
def test_who_was_not_reached_is_on_the_list_until_the_notice_is_over(
    pair: Pair, code: Code
) -> None:
    alpha, bravo = pair
    notice = alpha.declare(declaration(), bravo).notice
    bravo.attest(notice, UNIT)
    for party in pair:
        assert ItemKind.UNIT in [item.kind for item in opened(party)]
    if code is Code.END:
        alpha.move(MoveOrder(subject=notice, code=Code.START, at_us=alpha.table.now_us))
    alpha.move(MoveOrder(subject=notice, code=code, at_us=alpha.table.now_us))
    for party in pair:
        watch(party, party.table.now_us)
        assert [item.state for item in opened(party)] == []


def test_both_statements_are_our_own_entries_and_name_every_hash(busy: Pair) -> None:
    alpha, _ = busy
    row = begun(alpha)
    after = takes(alpha, row.id, list_hash(opened(alpha)))
    assert after.acceptance is not None
    for id_, word in ((row.id, "begin"), (after.acceptance, "accept")):
        index = alpha.read(lambda r, i=id_: r.journal.index_of_content(i, alpha.origin))  # type: ignore[misc]
        assert index is not None
        written = alpha.read(lambda r, at=index: r.journal.entry(at))  # type: ignore[misc]
        assert written is not None
        entry = parse_entry(parse_note(written.body).text)
        assert (entry.type, entry.audience) == (EntryType.HANDOVER, alpha.origin)
        opening = alpha.read(lambda r, leaf=written.leaf: r.journal.opening(leaf))  # type: ignore[misc]
        assert opening is not None
        fields = {field.path: field.value for field in parse_fields(opening.fields)}
        assert fields["handover"] == word.encode()
        hashes = [item_hash(item) for item in opened(alpha)]
        assert [fields[f"item/{at}"] for at in range(len(hashes))] == hashes
        assert signed_items(alpha.store.read(lambda r: r), id_) == opened(alpha)


def test_a_list_that_changed_must_be_shown_again(busy: Pair) -> None:
    alpha, bravo = busy
    row = begun(alpha)
    seen = list_hash(opened(alpha))
    message = says(alpha, bravo, short("KC"))
    with pytest.raises(Refused) as caught:
        takes(alpha, row.id, seen)
    assert caught.value.code == "items_changed"
    assert "new: message KC from alpha to bravo" in caught.value.reason
    after = takes(alpha, row.id, list_hash(opened(alpha)))
    assert after.acceptance is not None
    was, became = (
        alpha.read(lambda r, i=i: signed_items(r, i))  # type: ignore[misc]
        for i in (row.id, after.acceptance)
    )
    changes = changes_between(was, became)
    assert [item.id for item in changes.added] == [message]
    assert changes.gone == ()


def test_an_answer_changes_the_list(pair: Pair) -> None:
    alpha, bravo = pair
    of = says(alpha, bravo, short("Q"))
    before = opened(alpha)
    answers(bravo, reply(of, "S", minutes=5))
    changes = changes_between(before, opened(alpha))
    assert [item.state for item in changes.gone] == ["Q from alpha to bravo, no answer"]
    assert [item.state for item in changes.added] == ["Q from alpha to bravo, newest answer S"]


def test_who_may_not_accept(pair: Pair) -> None:
    alpha, _ = pair
    first = begun(alpha)
    nothing = list_hash(opened(alpha))
    with says_no("not_found", Refused):
        takes(alpha, ID, nothing)
    with says_no("another_person", Refused):
        takes(alpha, first.id, nothing, by="C. Or")
    second = begun(alpha)
    with says_no("handover_replaced", Refused):
        takes(alpha, first.id, nothing)
    takes(alpha, second.id, nothing)
    with says_no("already_accepted", Refused):
        takes(alpha, second.id, nothing)
    assert alpha.read(lambda r: r.handovers.waiting()) == ()
    with says_no("same_person"):
        begun(alpha, taker="A. Ivri")


def test_nothing_of_it_leaves_the_node(busy: Pair) -> None:
    alpha, bravo = busy
    row = begun(alpha)
    takes(alpha, row.id, list_hash(opened(alpha)))
    alpha.table.hand_over()
    kinds = {handed.kind for handed in alpha.table.between(alpha, bravo)}
    assert EntryType.HANDOVER not in kinds


@given(st.lists(items, max_size=4), st.lists(items, max_size=4))
def test_lists_have_one_hash_only_if_they_are_the_same(
    one: list[OpenItem], other: list[OpenItem]
) -> None:
    same = list_hash(tuple(one)) == list_hash(tuple(other))
    assert same == (one == other)
    changes = changes_between(one, other)
    assert {*one} - {*changes.gone} | {*changes.added} == {*other}


@pytest.mark.parametrize(
    "changed",
    [
        replace(ITEM, kind=ItemKind.REQUEST),
        replace(ITEM, id=bytes(32)),
        replace(ITEM, due_us=None),
        replace(ITEM, due_us=ITEM.due_us),
        replace(ITEM, state="X from alpha to bravo, newest answer S"),
    ],
)
def test_whatever_changes_in_an_item_changes_its_hash(changed: OpenItem) -> None:
    assert (item_hash(changed) == item_hash(ITEM)) == (changed == ITEM)


def test_a_long_list_is_signed_as_a_whole() -> None:
    many = tuple(replace(ITEM, id=at.to_bytes(32, "big")) for at in range(ITEMS_NAMED_MAX + 9))
    handover = Handover(giver="a", taker="b", items=many)
    last = replace(many[-1], state="other")
    changed = replace(handover, items=(*many[:-1], last))
    assert fields_of_handover(handover) != fields_of_handover(changed)
    accepted = Acceptance(of=ID, by="b", items=many)
    for fields in (fields_of_handover(handover), fields_of_acceptance(accepted)):
        assert sum(field.path.startswith("item/") for field in fields) == ITEMS_NAMED_MAX
