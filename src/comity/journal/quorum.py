"""How many must cosign, and what that withstands: k-of-n groups of groups, computed exactly.

A quorum is a tree in which each key stands once, so its arithmetic is exact and cheap: for any two
quorums, how many witnesses they must share; how many may be silent before none is left. Keys of one
name are one witness's. Where one operator runs several, or one witness stands at several leaves,
these fall together: every set of such operators is tried (of a witness at several leaves the answer
errs to the safe side). Pure. Called by `journal.policy`, which reads quorums, by the verifier, and
by `journal.policy_lint`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from comity.model.fault import Malformed
from comity.trust.keys import VerifierKey

__all__ = ["Group", "Quorum", "Voter", "at_least", "leaves", "walk"]

# Operators of two or more witnesses each: 2^12 sets of them are tried, each in a millisecond.
_SHARED_OPERATORS_MAX = 12
_NEVER = 1 << 30  # more witnesses than any policy has: this way does not exist


@dataclass(frozen=True, slots=True, kw_only=True)
class Voter:
    """One witness, as a leaf of the tree; `name` is what the policy calls it.

    With `every` it counts only if it cosigned by all of its keys, which are of different types.
    """

    name: str
    key: VerifierKey
    others: tuple[VerifierKey, ...] = ()  # of another type, or had before, or to come
    every: bool = False

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """By any of which it counts, once; or by all."""
        return (self.key, *self.others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Met if `need` (1 or more) of its members are; one that needs more than it has never is."""

    name: str
    need: int
    members: tuple["Voter | Group", ...]


Node = Voter | Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorum:
    """What must be met; `root` None asks for nobody."""

    root: Node | None

    @property
    def voters(self) -> tuple[Voter, ...]:
        """The leaves, in the order of the file."""
        return () if self.root is None else tuple(leaves(self.root))

    @property
    def witnesses(self) -> frozenset[str]:
        """The names of the witnesses that count."""
        return frozenset(_witness_of(voter) for voter in self.voters)

    def met(self, keys: Collection[VerifierKey]) -> bool:
        """Whether these cosigners are a quorum."""
        return self.root is None or _met(self.root, keys)

    @property
    def smallest(self) -> int:
        """How many witnesses the smallest quorum has; the number asked for if it cannot be had."""
        if self.root is None:
            return 0
        found = _by_operator(self.root, _witness_of, _cheapest)
        return self.root.need if found == _NEVER and isinstance(self.root, Group) else found

    @property
    def shared(self) -> int:
        """How many witnesses any two quorums have in common at least; 0 for none."""
        return 0 if self.root is None else _by_operator(self.root, _witness_of, _shared)

    @property
    def tolerates(self) -> int:
        """How many lying witnesses cannot split it; -1: two quorums need not share a witness."""
        return self.shared - 1

    @property
    def may_be_silent(self) -> int:
        """How many witnesses, whichever they are, may be silent with a quorum left."""
        return 0 if self.root is None else _by_operator(self.root, _witness_of, _blocking) - 1

    def operators_tolerated(self, operator_of: Callable[[Voter], str]) -> int:
        """As `tolerates`, in operators: all witnesses of a lying operator lie together."""
        return 0 if self.root is None else _by_operator(self.root, operator_of, _shared) - 1

    def operators_silent(self, operator_of: Callable[[Voter], str]) -> int:
        """As `may_be_silent`, in operators."""
        return 0 if self.root is None else _by_operator(self.root, operator_of, _blocking) - 1

    def surest(self, times: Mapping[VerifierKey, int]) -> tuple[int, tuple[VerifierKey, ...]]:
        """The earliest time that holds even if as many witnesses lie as the quorum tolerates.

        Of f + 1 cosignatures one at least is honest, and the latest of them is not before it.
        """
        lying = max(0, self.tolerates)
        earliest: dict[str, tuple[VerifierKey, int]] = {}
        for key, time_s in sorted(times.items(), key=lambda each: (each[1], each[0].name)):
            earliest.setdefault(key.name, (key, time_s))
        first = list(earliest.values())[: lying + 1]
        return first[-1][1], tuple(key for key, _ in first)


def at_least(need: int, keys: Iterable[VerifierKey]) -> Quorum:
    """The simple form: `need` of these witnesses; keys of one name are of one witness."""
    if need < 1:
        return Quorum(root=None)
    named: dict[str, list[VerifierKey]] = {}
    for key in keys:
        named.setdefault(key.name, []).append(key)
    members = tuple(Voter(name=n, key=k[0], others=tuple(k[1:])) for n, k in named.items())
    return Quorum(root=Group(name="quorum", need=need, members=members))


def leaves(node: Node) -> Iterable[Voter]:
    """The witnesses under a node."""
    return (each for each in walk(node) if isinstance(each, Voter))


def walk(node: Node) -> Iterable[Node]:
    """A node and all below it."""
    yield node
    if isinstance(node, Group):
        for member in node.members:
            yield from walk(member)


def _met(node: Node, keys: Collection[VerifierKey]) -> bool:
    if isinstance(node, Voter):
        return (all if node.every else any)(key in keys for key in node.keys)
    return sum(_met(member, keys) for member in node.members) >= node.need


_Cost = Callable[[Voter], int]


def _least(node: Node, cost: _Cost, need: Callable[[Group], int]) -> int:
    """The cheapest way to take `need(group)` members in every group on the way down."""
    if isinstance(node, Voter):
        return cost(node)
    wanted = max(0, need(node))
    costs = sorted(_least(member, cost, need) for member in node.members)
    return _NEVER if wanted > len(costs) else min(_NEVER, sum(costs[:wanted]))


def _cheapest(node: Node, cost: _Cost) -> int:
    """The cheapest quorum."""
    return _least(node, cost, lambda group: group.need)


def _shared(node: Node, cost: _Cost) -> int:
    """The cheapest intersection of two quorums: k of n twice meet in 2k - n members at least."""
    return _least(node, cost, lambda group: 2 * group.need - len(group.members))


def _blocking(node: Node, cost: _Cost) -> int:
    """The cheapest set without which no quorum is left: n - k + 1 members."""
    return _least(node, cost, lambda group: len(group.members) - group.need + 1)


def _witness_of(voter: Voter) -> str:
    """Who signs with a key: the name in it, whatever the policy calls the leaf."""
    return voter.key.name


def _by_operator(
    root: Node, operator_of: Callable[[Voter], str], least: Callable[[Node, _Cost], int]
) -> int:
    """The fewest operators whose witnesses together are enough for `least`; exact.

    Operators of one witness are counted by the tree. For those of several, every set is tried: its
    members cost nothing below, and what stays outside cannot be taken at all.
    """
    of = {voter.name: operator_of(voter) for voter in leaves(root)}
    named = list(of.values())
    several = sorted({operator for operator in named if named.count(operator) > 1})
    if len(several) > _SHARED_OPERATORS_MAX:
        raise Malformed(
            f"more than {_SHARED_OPERATORS_MAX} operators run several witnesses", code="bad_policy"
        )

    @cache
    def with_(taken: frozenset[str]) -> int:
        def cost(voter: Voter) -> int:
            operator = of[voter.name]
            if operator in taken:
                return 0
            return _NEVER if operator in several else 1

        return len(taken) + least(root, cost)

    sets = (set_ for size in range(len(several) + 1) for set_ in combinations(several, size))
    return min(with_(frozenset(each)) for each in sets)
