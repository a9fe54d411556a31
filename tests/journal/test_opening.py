"""One form for an opening; each field holds alone; what is read was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.journal.content import Disclosure, check_disclosure, commit_content, disclose
from comity.journal.opening import disclose_all, opening_text, parse_opening
from comity.model.fault import Malformed
from comity.wire.fields import Field, FieldType, text_field

SEED = bytes(range(32))
FIELDS = tuple(text_field(path, "v" * number) for number, path in enumerate(("a", "b/c", "d")))
SHOWN = disclose_all(FIELDS, SEED)
TEXT = opening_text(SHOWN)

CONTENTS = st.lists(st.binary(max_size=40), min_size=1, max_size=40).map(
    lambda values: tuple(
        Field(path=f"f/{number}", type=FieldType.TEXT, value=value)
        for number, value in enumerate(values)
    )
)


@given(fields=CONTENTS)
def test_every_leaf_is_shown_as_disclose_shows_it(fields: tuple[Field, ...]) -> None:
    shown = disclose_all(fields, SEED)
    body = commit_content(fields, SEED)
    assert shown == tuple(disclose(fields, SEED, i) for i in range(len(fields) + 1))
    for each in shown:
        check_disclosure(body, each)
    assert parse_opening(opening_text(shown).encode()) == shown


def test_any_field_can_be_left_out_but_not_the_manifest() -> None:
    for left_out in range(1, len(SHOWN)):
        shown = SHOWN[:left_out] + SHOWN[left_out + 1 :]
        assert parse_opening(opening_text(shown).encode()) == shown
    with pytest.raises(Malformed):
        parse_opening(opening_text(SHOWN[1:]).encode())


@pytest.mark.parametrize("shown", [(), SHOWN[::-1], SHOWN + SHOWN[-1:], SHOWN[:1] * 2])
def test_leaves_stand_in_order_and_once(shown: tuple[Disclosure, ...]) -> None:
    with pytest.raises(Malformed):
        parse_opening(opening_text(shown).encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@v1", "@v2"),
        ("leaf 1", "leaf 01"),
        ("leaf 1", "leaf -1"),
        ("salt ", "salz "),
        ("path a", "path a\nhash x"),
        ("path a", "path é"),
        ("path a", "path " + "a" * 129),
        ("value -", "value "),
        ("value dg==", "value dh=="),
        ("hash ", "hash  "),
    ],
)
def test_there_is_one_form(old: str, new: str) -> None:
    assert old in TEXT
    with pytest.raises(Malformed):
        parse_opening(TEXT.replace(old, new, 1).encode())


def test_a_cut_or_endless_opening_is_refused() -> None:
    data, whole = TEXT.encode(), 0
    for cut in range(len(data)):
        try:
            shown = parse_opening(data[:cut])
        except Malformed:
            continue
        assert shown == SHOWN[: len(shown)]  # cut between two leaves: fewer are shown
        whole += 1
    assert whole == len(SHOWN) - 1
    line = TEXT.splitlines(keepends=True)[-1]
    with pytest.raises(Malformed):
        parse_opening((TEXT + line * 20).encode())
