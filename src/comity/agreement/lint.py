"""What is wrong with an agreement before anyone signs it: errors that refuse, and cautions.

An error is what a node will not sign or take: two clauses of equal weight that say different things
about one case, a value weaker than the floor. A caution is for the negotiator: a clause that can
never decide, a buffer without a border, deadlines in an odd order, a moment that has passed,
defaults that nobody chose. Pure. Called by intake, before signing and on receipt, and by the
command line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, pairwise

from comity.agreement.resolve import Book, Case, Rules, book_of
from comity.model.clause import Agreement, Clause
from comity.model.fault import Malformed
from comity.model.parameter import PARAMETERS, parameter

__all__ = ["Finding", "Severity", "check", "lint"]

_DEADLINES = (  # what has to be agreed for a chain of receipts to mean anything
    "receipt_delivered_us",
    "receipt_seen_us",
    "receipt_readback_us",
    "receipt_relayed_us",
    "escalate_alternates_us",
    "escalate_next_echelon_us",
    "escalate_witness_us",
)
_ORDERS = (
    _DEADLINES[:4],
    _DEADLINES[4:],
    ("lead_short_notice_us", "lead_cleartext_min_us"),
)


class Severity(StrEnum):
    """Whether a node refuses it."""

    ERROR = "error"
    CAUTION = "caution"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong: a stable code, the clauses concerned, a sentence."""

    severity: Severity
    code: str
    clauses: tuple[str, ...]
    text: str


def lint(agreement: Agreement, now_us: int | None = None) -> tuple[Finding, ...]:
    """All findings, errors first; `now_us` adds what only a clock can say."""
    book = book_of(agreement)
    found = [*_below_floor(agreement), *_contradictions(book), *_dead(book)]
    found += [*_borders(agreement), *_missing(book), *_orders(book), *_times(agreement, now_us)]
    return tuple(sorted(found, key=lambda each: each.severity is not Severity.ERROR))


def check(agreement: Agreement) -> None:
    """Malformed, under the code of the first error, if there is one."""
    for finding in lint(agreement):
        if finding.severity is Severity.ERROR:
            raise Malformed(finding.text, code=finding.code)


def _below_floor(agreement: Agreement) -> Iterator[Finding]:
    for clause in agreement.clauses:
        for name, value in clause.values:
            known = parameter(name)
            if known.below_floor(value) and known.floor is not None:
                yield Finding(
                    severity=Severity.ERROR,
                    code="weaker_than_floor",
                    clauses=(clause.id,),
                    text=f"clause {clause.id}: {name} is {known.shown(value)}, and no agreement "
                    f"may be weaker than {known.shown(known.floor)}",
                )


def _contradictions(book: Book) -> Iterator[Finding]:
    """Two clauses of one weight, neither over the other, that set one parameter differently."""
    for name, clauses in sorted(book.setting.items()):
        for one, other in combinations(clauses, 2):
            if dict(one.values)[name] == dict(other.values)[name] or not _rivals(book, one, other):
                continue
            yield Finding(
                severity=Severity.ERROR,
                code="contradiction",
                clauses=(one.id, other.id),
                text=f"clauses {one.id} and {other.id} set {name} differently for the same case; "
                "let one stand over the other, or narrow its scope",
            )


def _rivals(book: Book, one: Clause, other: Clause) -> bool:
    """Whether some case falls under both, and nothing says which of them decides."""
    if other.id in book.beneath[one.id] or one.id in book.beneath[other.id]:
        return False
    if one.line or other.line:  # each border counts by itself
        return False
    return one.scope.weight == other.scope.weight and one.scope.meets(other.scope)


def _dead(book: Book) -> Iterator[Finding]:
    """A clause with the same scope as one that stands over it and sets all that it sets."""
    by_id = {clause.id: clause for clause in book.agreement.clauses}
    for clause in by_id.values():
        names = {name for name, _ in clause.values}
        for below in sorted(book.beneath[clause.id]):
            other = by_id[below]
            if other.scope == clause.scope and {name for name, _ in other.values} <= names:
                yield Finding(
                    severity=Severity.CAUTION,
                    code="dead_clause",
                    clauses=(other.id,),
                    text=f"clause {other.id} never decides: {clause.id} stands over all of it",
                )


def _borders(agreement: Agreement) -> Iterator[Finding]:
    """A buffer counts from the line of its own clause: one of the two alone measures nothing."""
    for clause in agreement.clauses:
        buffers = [name for name, _ in clause.values if name.startswith("buffer_")]
        if bool(buffers) == bool(clause.line):
            continue
        text = f"it sets {buffers[0]} and draws no line" if buffers else "its line has no buffer"
        yield Finding(
            severity=Severity.CAUTION,
            code="border_incomplete",
            clauses=(clause.id,),
            text=f"clause {clause.id}: {text}, so nothing is measured from a border",
        )


def _missing(book: Book) -> Iterator[Finding]:
    rules, plain = Rules(books=(book,)), Case()
    unset = [name for name in _DEADLINES if rules.ruling(name, plain).version == 0]
    if unset:
        yield Finding(
            severity=Severity.CAUTION,
            code="missing_deadline",
            clauses=(),
            text=f"no clause without a scope sets {', '.join(unset)}: the defaults would count",
        )


def _orders(book: Book) -> Iterator[Finding]:
    rules, plain = Rules(books=(book,)), Case()
    for names in _ORDERS:
        rulings = [rules.ruling(name, plain) for name in names]
        for earlier, later in pairwise(rulings):
            if earlier.value > later.value:
                early = PARAMETERS[earlier.parameter].shown(earlier.value)
                late = PARAMETERS[later.parameter].shown(later.value)
                yield Finding(
                    severity=Severity.CAUTION,
                    code="odd_order",
                    clauses=tuple(sorted({earlier.clause, later.clause} - {"-"})),
                    text=f"{earlier.parameter} ({early}) is after {later.parameter} ({late})",
                )


def _times(agreement: Agreement, now_us: int | None) -> Iterator[Finding]:
    if now_us is None:
        return
    if agreement.until_us is not None and agreement.until_us <= now_us:
        yield Finding(
            severity=Severity.ERROR,
            code="agreement_expired",
            clauses=(),
            text="it is over already",
        )
    elif agreement.from_us <= now_us:
        yield Finding(
            severity=Severity.CAUTION,
            code="from_has_passed",
            clauses=(),
            text="the moment from which it is in force has passed: it will count from the last "
            "signature, which each side learns of at another time",
        )
