"""An agreement: its parties, its clauses, what each clause sets and where it holds.

A `Clause` sets parameters within a `Scope`; one clause may stand `over` others. The nouns hold what
makes an agreement whole (names, ranges, no circle of precedence); whether it is wise is the lint's
question, and which clause decides is `agreement.resolve`'s. Called by wire, agreement and intake.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from comity.model.fault import Malformed
from comity.model.notice import Craft, Domain, Purpose, SubjectKind, checked_text
from comity.model.parameter import parameter
from comity.model.party import check_origin, exercise_of
from comity.model.quantity import Position, checked_instant_us

__all__ = [
    "CLAUSES_MAX",
    "LANGUAGES",
    "PARTIES_MAX",
    "Agreement",
    "Clause",
    "Party",
    "PartyRole",
    "Scope",
    "checked_name",
]

CLAUSES_MAX = 256  # figures are stated for 200
PARTIES_MAX = 32
_LINE_POINTS_MAX = 200  # a border that needs more is drawn in several clauses
_OVER_MAX = 16
_TITLE_CHARS_MAX = 80
_BASIS_CHARS_MAX = 280
_HASH_BYTES = 32
_VERSION_MAX = 1_000_000
LANGUAGES = ("en", "ru", "he", "ar")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)


class PartyRole(StrEnum):
    """What a party is to an agreement."""

    PRINCIPAL = "principal"  # signs; without each principal nothing is in force
    BOUND = "bound"  # a coalition member: the principal that it names signs for it
    MEDIATOR = "mediator"  # reads it and is told of escalations; has no vote


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A party to an agreement; `bound_by` is the principal that signs for a bound one."""

    origin: str
    role: PartyRole
    bound_by: str | None = None

    def __post_init__(self) -> None:
        """Hold the names."""
        check_origin(self.origin)
        if (self.bound_by is not None) != (self.role is PartyRole.BOUND):
            raise Malformed("a bound party names who binds it, no other", code="bad_parties")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where a clause holds; what is empty holds for all. The more it names, the more it weighs."""

    kinds: frozenset[SubjectKind] = frozenset()
    purposes: frozenset[Purpose] = frozenset()
    domains: frozenset[Domain] = frozenset()
    crafts: frozenset[Craft] = frozenset()
    by: frozenset[str] = frozenset()
    to: frozenset[str] = frozenset()

    @property
    def weight(self) -> int:
        """How many conditions it makes."""
        parts = (self.kinds, self.purposes, self.domains, self.crafts, self.by, self.to)
        return sum(map(bool, parts))

    def meets(self, other: "Scope") -> bool:
        """Whether some case falls under both."""
        pairs = (
            (self.kinds, other.kinds),
            (self.purposes, other.purposes),
            (self.domains, other.domains),
            (self.crafts, other.crafts),
            (self.by, other.by),
            (self.to, other.to),
        )
        return all(not a or not b or a & b for a, b in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """Sets parameters within a scope. `line` is a border from which the buffers are measured."""

    id: str
    title: str
    basis: str = ""
    scope: Scope = Scope()
    over: tuple[str, ...] = ()
    values: tuple[tuple[str, int], ...]
    line: tuple[Position, ...] = ()

    def __post_init__(self) -> None:
        """Hold names, ranges and counts; values stand in alphabetical order."""
        checked_name(self.id)
        checked_text(self.title, _TITLE_CHARS_MAX, "title")
        checked_text(self.basis, _BASIS_CHARS_MAX, "basis")
        names = [name for name, _ in self.values]
        if not names or names != sorted(set(names)):
            raise Malformed("a clause sets each parameter once, in order", code="bad_clause")
        for name, value in self.values:
            parameter(name).checked(value)
        if len(self.over) > _OVER_MAX or list(self.over) != sorted(set(self.over)):
            raise Malformed("a clause stands over others once each, in order", code="bad_clause")
        if len(self.line) == 1 or len(self.line) > _LINE_POINTS_MAX:
            raise Malformed(f"a line has 2 to {_LINE_POINTS_MAX} points", code="bad_clause")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One version of one agreement: what all principals sign, to the byte.

    In force from `from_us`, or from the last signature if that is later, until `until_us` if there
    is one. `previous` is the SHA-256 of the version before: only all of its principals amend it.
    """

    name: str
    version: int
    previous: bytes | None
    parties: tuple[Party, ...]
    from_us: int
    until_us: int | None
    languages: tuple[str, ...]
    clauses: tuple[Clause, ...]

    def __post_init__(self) -> None:
        """Hold what makes it whole."""
        checked_name(self.name)
        if type(self.version) is not int or not 1 <= self.version <= _VERSION_MAX:
            raise Malformed("a version is 1 or more", code="bad_agreement")
        if (self.version == 1) != (self.previous is None):
            raise Malformed("only version 1 follows nothing", code="bad_agreement")
        if self.previous is not None and len(self.previous) != _HASH_BYTES:
            raise Malformed("the version before is named by its hash", code="bad_agreement")
        checked_instant_us(self.from_us)
        if self.until_us is not None and checked_instant_us(self.until_us) <= self.from_us:
            raise Malformed("it ends before it begins", code="bad_agreement")
        _check_languages(self.languages)
        _check_parties(self.parties)
        _check_clauses(self.clauses, {party.origin for party in self.parties})

    @property
    def principals(self) -> tuple[str, ...]:
        """Who signs, in order."""
        return tuple(p.origin for p in self.parties if p.role is PartyRole.PRINCIPAL)

    def party(self, origin: str) -> Party | None:
        """The party of that origin."""
        return next((party for party in self.parties if party.origin == origin), None)

    def binds(self, origin: str) -> bool:
        """Whether its clauses hold for a party: a mediator is not bound by them."""
        found = self.party(origin)
        return found is not None and found.role is not PartyRole.MEDIATOR


def checked_name(text: str) -> str:
    """A name that people type: 1 to 40 of a-z, 0-9 and hyphens."""
    if not _NAME.fullmatch(text):
        raise Malformed(f"{text[:40]!r} is no name: a-z, 0-9, hyphens", code="bad_agreement")
    return text


def _check_languages(languages: tuple[str, ...]) -> None:
    if languages[:1] != ("en",) or len(set(languages)) != len(languages):
        raise Malformed("languages begin with en, each once", code="bad_agreement")
    if not set(languages) <= set(LANGUAGES):
        raise Malformed(f"languages are {', '.join(LANGUAGES)}", code="bad_agreement")


def _check_parties(parties: tuple[Party, ...]) -> None:
    origins = [party.origin for party in parties]
    if not 2 <= len(origins) <= PARTIES_MAX or origins != sorted(set(origins)):  # noqa: PLR2004
        raise Malformed(
            f"2 to {PARTIES_MAX} parties, each once, in ascending order", code="bad_parties"
        )
    principals = {party.origin for party in parties if party.role is PartyRole.PRINCIPAL}
    if len(principals) < 2:  # noqa: PLR2004
        raise Malformed("an agreement has two principals or more", code="bad_parties")
    if any(party.bound_by not in {None, *principals} for party in parties):
        raise Malformed("who binds another party is a principal", code="bad_parties")
    if len({exercise_of(origin) for origin in origins}) != 1:
        raise Malformed("live and exercise parties do not agree", code="exercise_mismatch")


def _check_clauses(clauses: tuple[Clause, ...], origins: set[str]) -> None:
    if not 1 <= len(clauses) <= CLAUSES_MAX:
        raise Malformed(f"an agreement has 1 to {CLAUSES_MAX} clauses", code="bad_agreement")
    by_id = {clause.id: clause for clause in clauses}
    if len(by_id) != len(clauses):
        raise Malformed("two clauses have one name", code="bad_clause")
    for clause in clauses:
        if not set(clause.over) <= by_id.keys():
            raise Malformed(f"clause {clause.id} stands over no clause", code="bad_clause")
        if not clause.scope.by | clause.scope.to <= origins:
            raise Malformed(f"clause {clause.id} names a stranger", code="bad_clause")
    _check_precedence(by_id)


def _check_precedence(by_id: Mapping[str, Clause]) -> None:
    """Malformed (`circular_precedence`) if a clause stands over itself by way of others."""
    done: set[str] = set()
    for start in by_id:
        path: list[str] = []
        _descend(start, by_id, path, done)


def _descend(name: str, by_id: Mapping[str, Clause], path: list[str], done: set[str]) -> None:
    """Depth first, with a stack of our own: a chain of 256 clauses is no recursion."""
    stack = [(name, iter(by_id[name].over))]
    path.append(name)
    while stack:  # bounded: each clause is entered once, as `done` remembers it
        current, left = stack[-1]
        below = next(left, None)
        if below is None:
            stack.pop()
            path.pop()
            done.add(current)
        elif below in path:
            circle = " over ".join([*path[path.index(below) :], below])
            raise Malformed(f"precedence goes round: {circle}", code="circular_precedence")
        elif below not in done:
            stack.append((below, iter(by_id[below].over)))
            path.append(below)
