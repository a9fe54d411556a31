"""What the checks catch: tried whole where it can be, proved by syndromes where it is too much."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise
from math import comb
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.fault import Malformed
from comity.wire.voice_code import (
    BASE,
    DATA_LETTERS,
    GROUP_LETTERS,
    GROUPS_MAX,
    LETTERS,
    checked_symbols,
    groups_of,
)

TYPICAL = 15  # groups of a notice of one circle
LENGTHS = (2, 5, TYPICAL, 23, 24, GROUPS_MAX)


def message(count: int, seed: int = 1) -> tuple[str, ...]:
    """Groups that say something by chance."""
    chance = random.Random(seed)
    symbols = [chance.randrange(BASE) for _ in range((count - 1) * DATA_LETTERS)]
    return groups_of(symbols)


def regrouped(letters: Sequence[str]) -> list[str]:
    text = "".join(letters)
    return [text[at : at + GROUP_LETTERS] for at in range(0, len(text), GROUP_LETTERS)]


def caught(groups: Sequence[str]) -> str:
    """Why it is refused; fails if it is not."""
    with pytest.raises(Malformed) as error:
        checked_symbols(groups)
    assert error.value.code in {"voice_check", "voice_length"}
    return error.value.reason


def passes(groups: Sequence[str]) -> bool:
    try:
        checked_symbols(groups)
    except Malformed:
        return False
    return True


@given(st.lists(st.integers(0, BASE - 1), min_size=3, max_size=(GROUPS_MAX - 1) * DATA_LETTERS))
def test_what_is_grouped_is_read(symbols: list[int]) -> None:
    read = list(checked_symbols(groups_of(symbols)))
    assert read[1] == (len(read) // DATA_LETTERS + 1) % BASE
    read[1] = symbols[1]
    assert read[: len(symbols)] == symbols
    assert not any(read[len(symbols) :])


@pytest.mark.parametrize("count", LENGTHS)
def test_every_single_wrong_letter_is_caught_and_its_group_is_named(count: int) -> None:
    letters = list("".join(message(count)))
    for at, right in enumerate(letters):
        for wrong in LETTERS:
            if wrong != right:
                letters[at] = wrong
                group = at // GROUP_LETTERS + 1
                assert f"group {group} does not check" in caught(regrouped(letters))
        letters[at] = right


@pytest.mark.parametrize("count", LENGTHS)
def test_neighbours_that_changed_places_are_caught(count: int) -> None:
    letters = list("".join(message(count, seed=2)))
    for at, (one, other) in enumerate(pairwise(letters)):
        if one != other:
            caught(regrouped([*letters[:at], other, one, *letters[at + 2 :]]))


def test_any_two_letters_that_changed_places_are_caught() -> None:
    letters = list("".join(message(TYPICAL, seed=3)))
    for one, other in combinations(range(len(letters)), 2):
        if letters[one] != letters[other]:
            changed = letters.copy()
            changed[one], changed[other] = letters[other], letters[one]
            caught(regrouped(changed))


@pytest.mark.parametrize("count", LENGTHS)
def test_two_groups_that_changed_places_are_caught(count: int) -> None:
    groups = list(message(count, seed=4))
    for one, other in combinations(range(count), 2):
        changed = groups.copy()
        changed[one], changed[other] = groups[other], groups[one]
        caught(changed)


def test_groups_that_changed_places_are_named() -> None:
    groups = list(message(TYPICAL))
    groups[4], groups[8] = groups[8], groups[4]
    assert "groups 5 and 9 stand in each other's place" in caught(groups)


@pytest.mark.parametrize("count", LENGTHS)
def test_lost_and_repeated_groups_are_caught(count: int) -> None:
    groups = list(message(count, seed=5))
    for at in range(count):
        caught([*groups[:at], *groups[at + 1 :]])
        caught([*groups[: at + 1], *groups[at:]])


def test_the_place_of_a_lost_group_is_told() -> None:
    groups = list(message(TYPICAL))
    assert "1 group is missing before group 7" in caught([*groups[:6], *groups[7:]])
    assert "3 groups are missing before group 7" in caught([*groups[:6], *groups[9:]])
    assert "1 group is too many before group 8" in caught([*groups[:7], *groups[6:]])
    assert "has 15 groups, and 14 were read" in caught(groups[:-1])
    assert "has 15 groups, and 4 were read" in caught(groups[:4])


def test_several_wrong_groups_are_all_named() -> None:
    groups = list(message(TYPICAL))
    for at in (2, 7, 11):
        groups[at] = groups[at][:4] + LETTERS[(LETTERS.index(groups[at][4]) + 1) % BASE]
    assert "groups 3, 8, 12 do not check" in caught(groups)


def test_anything_wrong_within_one_group_is_caught() -> None:
    """20,000 of the 23^4 others that check as group 3 alone."""
    groups = list(message(5))
    place = 3
    right = [LETTERS.index(letter) for letter in groups[place - 1][:DATA_LETTERS]]
    chance = random.Random(6)
    for _ in range(20_000):
        row = [chance.randrange(BASE) for _ in range(DATA_LETTERS)]
        if row == right:
            continue
        check = (sum(weight * x for weight, x in enumerate(row, start=1)) + place) % BASE
        groups[place - 1] = "".join(LETTERS[x] for x in (*row, check))
        assert "all together do not" in caught(groups)


def syndrome(groups: Sequence[str]) -> tuple[int, ...]:
    """By how much each check fails, computed anew from the page: n rows and 4 columns."""
    rows = [[LETTERS.index(letter) for letter in group] for group in groups]
    checks = [
        (a + 2 * b + 3 * c + 4 * d + p - check) % BASE
        for p, (a, b, c, d, check) in enumerate(rows, start=1)
    ]
    columns = [
        (sum(((p - 1) % 22 + 1) * row[j] for p, row in enumerate(rows[:-1], 1)) - rows[-1][j]) % 23
        for j in range(DATA_LETTERS)
    ]
    return (*checks, *columns)


def single_errors(groups: Sequence[str]) -> Iterator[tuple[int, ...]]:
    """The syndrome of every single wrong letter."""
    letters = list("".join(groups))
    for at, right in enumerate(letters):
        for wrong in LETTERS:
            if wrong != right:
                letters[at] = wrong
                yield syndrome(regrouped(letters))
        letters[at] = right


@given(st.data())
def test_a_message_passes_exactly_if_its_syndrome_is_naught(data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 6))
    groups = list(message(count, data.draw(st.integers(0, 99))))
    letters = list("".join(groups))
    for at in data.draw(st.lists(st.integers(0, len(letters) - 1), max_size=4, unique=True)):
        letters[at] = data.draw(st.sampled_from(LETTERS))
    changed = regrouped(letters)
    same_count = changed[0][1] == groups[0][1]
    assert passes(changed) == (not any(syndrome(changed)) and same_count)


@pytest.mark.parametrize("count", LENGTHS)
def test_no_two_wrong_letters_pass(count: int) -> None:
    """Checks are linear, so two slips pass only if their syndromes are opposite.

    They are all different, and the opposite of a slip's is that of the opposite slip in its place.
    """
    found = Counter(single_errors(message(count)))
    assert len(found) == count * GROUP_LETTERS * (BASE - 1)
    assert max(found.values()) == 1
    assert not any(not any(each) for each in found)
    assert all(tuple(-x % BASE for x in each) in found for each in found)


def test_double_errors_that_the_decoder_lets_pass() -> None:
    """Measured through the decoder: all pairs of places, three pairs of slips at each."""
    groups = message(TYPICAL)
    letters = list("".join(groups))
    chance = random.Random(7)
    tried = missed = 0
    for places in combinations(range(len(letters)), 2):
        for _ in range(3):
            changed = letters.copy()
            for at in places:
                changed[at] = chance.choice(LETTERS.replace(letters[at], ""))
            tried += 1
            missed += passes(regrouped(changed))
    assert tried == 3 * comb(75, 2)
    assert missed == 0


def all_singles(count: int) -> tuple[Any, list[int]]:
    """The syndromes of all single errors, and the places of the letters."""
    found = np.array(list(single_errors(message(count))), dtype=np.int64)
    places = [at for at in range(count * GROUP_LETTERS) for _ in range(BASE - 1)]
    return found, places


def test_triples_and_quadruples_are_counted() -> None:
    """All of them, for a message of 5 groups: no triple passes, quadruples as the page says."""
    count = 5
    found, places = all_singles(count)
    weights = BASE ** np.arange(found.shape[1], dtype=np.int64)
    at = np.array(places)
    one, other = np.triu_indices(len(found), k=1)
    apart = at[one] != at[other]
    one, other = one[apart], other[apart]
    sums = ((found[one] + found[other]) % BASE) @ weights
    singles = ((-found) % BASE) @ weights
    assert not np.isin(sums, singles).any()
    opposite = ((-(found[one] + found[other])) % BASE) @ weights
    ordered = np.sort(sums)
    hits = np.searchsorted(ordered, opposite, "right") - np.searchsorted(ordered, opposite, "left")
    # Each set of four is met once for each of its 6 halves. A pair of slips has its opposite at the
    # same two places too: that is no four.
    same_places = len(sums)
    passing, rest = divmod(int(hits.sum()) - same_places, 6)
    assert rest == 0
    assert passing == comb(count, 2) * comb(GROUP_LETTERS, 2) * (BASE - 1)


@pytest.mark.parametrize("count", [0, 1, GROUPS_MAX + 1])
def test_too_few_and_too_many_groups_are_refused(count: int) -> None:
    assert "a message has 2 to 44 groups" in caught(count * ["AAAAA"])


def test_a_message_that_is_too_long_is_not_made() -> None:
    with pytest.raises(Malformed, match="at most 44 groups"):
        groups_of([0] * (GROUPS_MAX * DATA_LETTERS - DATA_LETTERS + 1))


@pytest.mark.parametrize("group", ["AAAA", "AAAAAA", "AAOAA", "aaaaa", "AAA0A", ""])
def test_what_is_no_group_is_refused(group: str) -> None:
    with pytest.raises(Malformed, match="group 2 is not 5 letters") as error:
        checked_symbols(["AAAAB", group])
    assert error.value.code == "voice_letter"
