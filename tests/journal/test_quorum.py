"""The arithmetic of quorums against a count of every set: nothing is estimated."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.journal.quorum import Group, Quorum, Voter, at_least
from comity.model.fault import Malformed
from comity.trust.keys import KeyType, VerifierKey
from tests.journal.two_nodes import seeded

KEYS = [seeded(f"w{i}.example/w", KeyType.COSIGNATURE_V1).verifier() for i in range(28)]
VOTERS = [Voter(name=f"w{i}", key=key) for i, key in enumerate(KEYS)]


@st.composite
def quorums(draw: st.DrawFn) -> Quorum:
    """Trees of two or three ranks with at most seven witnesses, each once."""
    left = list(VOTERS[: draw(st.integers(1, 7))])
    nodes: list[Voter | Group] = []
    while left:
        taken = [left.pop() for _ in range(draw(st.integers(1, len(left))))]
        if len(taken) == 1 and draw(st.booleans()):
            nodes += taken
        else:
            need = draw(st.integers(1, len(taken)))
            nodes.append(Group(name=f"g{len(nodes)}", need=need, members=tuple(taken)))
    root = Group(name="root", need=draw(st.integers(1, len(nodes))), members=tuple(nodes))
    return Quorum(root=root)


def sets(of: Iterable[VerifierKey]) -> Iterator[frozenset[VerifierKey]]:
    known = list(of)
    return (frozenset(s) for size in range(len(known) + 1) for s in combinations(known, size))


def keys_of(quorum: Quorum) -> list[VerifierKey]:
    return [voter.key for voter in quorum.voters]


@given(quorums())
def test_what_two_quorums_share_is_counted_exactly(quorum: Quorum) -> None:
    met = [each for each in sets(keys_of(quorum)) if quorum.met(each)]
    assert quorum.shared == min(len(a & b) for a in met for b in met)
    assert quorum.smallest == min(len(each) for each in met)


@given(quorums())
def test_who_may_be_silent_is_counted_exactly(quorum: Quorum) -> None:
    everyone = frozenset(keys_of(quorum))
    blocking = [each for each in sets(everyone) if not quorum.met(everyone - each)]
    assert quorum.may_be_silent == min(len(each) for each in blocking) - 1


@given(quorums(), st.lists(st.integers(0, 2), min_size=7, max_size=7))
def test_operators_fall_together_and_are_counted_exactly(quorum: Quorum, of: list[int]) -> None:
    operator = {voter.key: f"o{of[at]}" for at, voter in enumerate(quorum.voters)}
    names = sorted(set(operator.values()))
    everyone = frozenset(operator)
    met = [each for each in sets(everyone) if quorum.met(each)]

    def fewest(enough: Callable[[frozenset[VerifierKey]], bool]) -> int:
        for size in range(len(names) + 1):
            for some in combinations(names, size):
                if enough(frozenset(key for key in everyone if operator[key] in some)):
                    return size
        raise AssertionError

    split = fewest(lambda bad: any((a & b) <= bad for a in met for b in met))
    silent = fewest(lambda bad: not quorum.met(everyone - bad))
    assert quorum.operators_tolerated(lambda voter: operator[voter.key]) == split - 1
    assert quorum.operators_silent(lambda voter: operator[voter.key]) == silent - 1


@given(quorums(), st.lists(st.integers(0, 2), min_size=7, max_size=7))
def test_keys_of_one_name_are_one_witness(quorum: Quorum, of: list[int]) -> None:
    """The same numbers as of operators, for keys renamed so that some have one name."""

    def renamed(node: Voter | Group) -> Voter | Group:
        if isinstance(node, Group):
            return replace(node, members=tuple(map(renamed, node.members)))
        return replace(node, key=replace(node.key, name=name_of[node.key]))

    name_of = {voter.key: f"o{of[at]}.example/w" for at, voter in enumerate(quorum.voters)}
    assert quorum.root is not None
    merged = Quorum(root=renamed(quorum.root))
    assert merged.tolerates == quorum.operators_tolerated(lambda voter: name_of[voter.key])
    assert merged.may_be_silent == quorum.operators_silent(lambda voter: name_of[voter.key])
    met = [each for each in sets(keys_of(quorum)) if quorum.met(each)]
    assert merged.smallest == min(len({name_of[key] for key in each}) for each in met)
    assert merged.witnesses == set(name_of.values())


def test_the_upper_time_holds_if_as_many_lie_as_it_tolerates() -> None:
    quorum = at_least(3, KEYS[:4])  # tolerates one
    times = dict(zip(KEYS[:4], (50, 10, 40, 30), strict=True))
    assert quorum.surest(times) == (30, (KEYS[1], KEYS[3]))
    assert quorum.surest({KEYS[0]: 50}) == (50, (KEYS[0],))


def test_one_that_needs_more_than_there_are_is_never_met() -> None:
    quorum = at_least(3, KEYS[:2])
    assert (quorum.met(KEYS), quorum.smallest) == (False, 3)


def test_more_operators_than_can_be_tried_are_refused() -> None:
    quorum = at_least(14, KEYS[:28])
    with pytest.raises(Malformed):
        quorum.operators_tolerated(lambda voter: str(KEYS.index(voter.key) // 2))
