"""Which clause of which agreement decides a parameter, here and now, and the sentence that says so.

Within one agreement: of the clauses that set the parameter and whose scope the case falls under,
those that another of them stands `over` fall away; then the scope with the most conditions counts;
of what is left, the value that protects more. Between agreements the value that protects more
counts. Where nothing is agreed the default of `model.parameter` does. Pure; called by intake,
hotline, exchange and the command line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from comity.model.clause import Agreement, Clause, Scope
from comity.model.notice import Craft, Declaration, Domain, Purpose, SubjectKind
from comity.model.parameter import Stricter, parameter
from comity.wire.agreement_v1 import parse_agreement
from comity.wire.limits import AGREEMENTS_MAX

__all__ = [
    "BLOCK",
    "DEFAULTS",
    "Book",
    "Case",
    "Rules",
    "Ruling",
    "book_of",
    "book_of_text",
    "case_of",
    "deciding",
    "falls_under",
]

DEFAULTS = "defaults"  # the name under which a ruling rests on no agreement
_REMEMBERED = 8_192  # parameters, times parties, times kinds of what they do
BLOCK = "block"  # the one clause that the parameter block of two parties makes (`model.agreement`)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is asked about: who says it, to whom, and what it is. None: not said."""

    by: str | None = None
    to: str | None = None
    kind: SubjectKind | None = None
    purpose: Purpose | None = None
    domain: Domain | None = None
    craft: Craft | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A value and what it rests on."""

    parameter: str
    value: int
    agreement: str
    version: int
    clause: str

    @property
    def basis(self) -> str:
        """The clause and parameter in one word: `flight-safety/2#lead:lead_short_notice_us`."""
        return f"{self.agreement}/{self.version}#{self.clause}:{self.parameter}"

    @property
    def ground(self) -> str:
        """Where it stands: the clause, or that nothing is agreed."""
        if self.agreement == DEFAULTS:
            return "nothing else being agreed"
        return f"by clause {self.clause} of {self.agreement}, version {self.version}"

    @property
    def sentence(self) -> str:
        """What it rests on, in a sentence without its full stop."""
        return f"{self.ground}, {self.parameter} is {parameter(self.parameter).shown(self.value)}"


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """An agreement with its tables of contents, made once.

    `setting` has the clauses that set each parameter, `beneath` all that each clause stands over,
    itself or by way of others, `drawn` the clauses that draw a border; `bound` are the parties that
    its clauses hold for.
    """

    agreement: Agreement
    setting: Mapping[str, tuple[Clause, ...]]
    beneath: Mapping[str, frozenset[str]]
    drawn: tuple[Clause, ...]
    bound: frozenset[str]

    def widest(self, name: str) -> int | None:
        """The largest value that any clause sets a parameter to; None if none does."""
        return max((dict(c.values)[name] for c in self.setting.get(name, ())), default=None)


def book_of(agreement: Agreement) -> Book:
    """Index an agreement."""
    setting: dict[str, list[Clause]] = {}
    for clause in agreement.clauses:
        for name, _ in clause.values:
            setting.setdefault(name, []).append(clause)
    over = {clause.id: clause.over for clause in agreement.clauses}
    return Book(
        agreement=agreement,
        setting=MappingProxyType({name: tuple(found) for name, found in setting.items()}),
        beneath=MappingProxyType({name: _reached(name, over) for name in over}),
        drawn=tuple(clause for clause in agreement.clauses if clause.line),
        bound=frozenset(p.origin for p in agreement.parties if agreement.binds(p.origin)),
    )


@lru_cache(maxsize=AGREEMENTS_MAX)
def book_of_text(text: str) -> Book:
    """Of a canonical text; remembered, as the same few are asked with every notice."""
    return book_of(parse_agreement(text))


def _reached(name: str, over: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    reached: set[str] = set()
    left = list(over[name])
    while left:  # bounded: each clause is reached once
        each = left.pop()
        if each not in reached:
            reached.add(each)
            left += over[each]
    return frozenset(reached)


@dataclass(frozen=True, slots=True)
class Rules:
    """The agreements that hold between two parties, of which anything can be asked.

    `block` are the parameters of the block that both countersigned at enrolment, if they did: they
    count for what no agreement sets.
    """

    books: tuple[Book, ...]
    block: Mapping[str, int] | None = None
    block_version: int = 1

    def ruling(self, name: str, case: Case = Case()) -> Ruling:
        """The value of a parameter; Malformed (`unknown_parameter`) for a name that is none."""
        known, best = parameter(name), None
        for book in self.books:
            clause = deciding(book, name, case)
            if clause is None:
                continue
            found = Ruling(
                parameter=name,
                value=dict(clause.values)[name],
                agreement=book.agreement.name,
                version=book.agreement.version,
                clause=clause.id,
            )
            if best is None or known.strictest(best.value, found.value) != best.value:
                best = found
        return best or self._fallback(name, known.default)

    def value(self, name: str, case: Case = Case()) -> int:
        """The value alone."""
        return self.ruling(name, case).value

    def _fallback(self, name: str, default: int) -> Ruling:
        if self.block is None or name not in self.block:
            return Ruling(parameter=name, value=default, agreement=DEFAULTS, version=0, clause="-")
        return Ruling(
            parameter=name,
            value=self.block[name],
            agreement="terms",
            version=self.block_version,
            clause=BLOCK,
        )

    def borders(self, case: Case) -> tuple[tuple[Agreement, Clause], ...]:
        """The clauses that draw a border which the case falls under: each counts by itself."""
        return tuple(
            (book.agreement, clause)
            for book in self.books
            for clause in book.drawn
            if falls_under(case, clause.scope)
        )


def case_of(notice: Declaration, by: str, to: str | None) -> Case:
    """The case of a declaration that `by` gives to `to`."""
    return Case(
        by=by,
        to=to,
        kind=notice.kind,
        purpose=notice.purpose,
        domain=notice.domain,
        craft=notice.craft,
    )


@lru_cache(maxsize=_REMEMBERED)
def deciding(book: Book, name: str, case: Case) -> Clause | None:
    """The clause of one agreement that sets a parameter for a case; None if none does.

    Remembered: notice after notice asks the same of the same book.
    """
    found = [c for c in book.setting.get(name, ()) if falls_under(case, c.scope)]
    if len(found) > 1:
        under = {below for clause in found for below in book.beneath[clause.id]}
        found = [clause for clause in found if clause.id not in under]
        most = max(clause.scope.weight for clause in found)
        found = [clause for clause in found if clause.scope.weight == most]
    if not found:
        return None
    stricter = parameter(name).stricter
    if stricter is Stricter.NEITHER or len(found) == 1:
        return found[0]
    pick = max if stricter is Stricter.MORE else min
    return pick(found, key=lambda clause: dict(clause.values)[name])


def falls_under(case: Case, scope: Scope) -> bool:
    """Whether a scope holds for a case; what the case does not say falls under no condition."""
    return (
        (not scope.to or case.to in scope.to)
        and (not scope.by or case.by in scope.by)
        and (not scope.crafts or case.craft in scope.crafts)
        and (not scope.kinds or case.kind in scope.kinds)
        and (not scope.purposes or case.purpose in scope.purposes)
        and (not scope.domains or case.domain in scope.domains)
    )
