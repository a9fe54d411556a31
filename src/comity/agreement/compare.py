"""What differs between two texts, place by place, in the units that people use. Pure.

Which of the two is wiser is not asked. Called by the command line.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from comity.agreement.plain import line_words, moment_words, party_words, scope_words
from comity.model.clause import Agreement, Clause
from comity.model.parameter import parameter

__all__ = ["Difference", "differences"]

NOTHING = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not the same: where, what, and the words on both sides (`-`: none)."""

    place: str
    what: str
    before: str
    after: str


_HEAD: tuple[tuple[str, Callable[[Agreement], str]], ...] = (
    ("name", lambda each: each.name),
    ("version", lambda each: str(each.version)),
    ("previous", lambda each: NOTHING if each.previous is None else each.previous.hex()),
    ("from", lambda each: moment_words(each.from_us)),
    ("until", lambda each: moment_words(each.until_us)),
    ("languages", lambda each: " ".join(each.languages)),
)
_CLAUSE: tuple[tuple[str, Callable[[Clause], str]], ...] = (
    ("title", lambda each: each.title),
    ("basis", lambda each: each.basis or NOTHING),
    ("holds for", lambda each: scope_words(each.scope)),
    ("goes before", lambda each: ", ".join(each.over) or NOTHING),
    ("line", lambda each: line_words(each.line) or NOTHING),
)


def differences(before: Agreement, after: Agreement) -> tuple[Difference, ...]:
    """All of them: the head, the parties, then clause by clause in the order of the text."""
    return (*_of_the_head(before, after), *_of_the_clauses(before, after))


def _of_the_head(before: Agreement, after: Agreement) -> Iterator[Difference]:
    for what, words in _HEAD:
        yield from _told("agreement", what, words(before), words(after))
    old, new = ({p.origin: party_words(p) for p in each.parties} for each in (before, after))
    for origin in sorted(old.keys() | new.keys()):
        what = f"party {origin}"
        yield from _told("agreement", what, old.get(origin, NOTHING), new.get(origin, NOTHING))


def _of_the_clauses(before: Agreement, after: Agreement) -> Iterator[Difference]:
    old, new = ({clause.id: clause for clause in each.clauses} for each in (before, after))
    for name in dict.fromkeys([*old, *new]):
        one, other, place = old.get(name), new.get(name), f"clause {name}"
        if one is None or other is None:
            there = (NOTHING, "added") if one is None else ("there", "taken out")
            yield Difference(place=place, what="clause", before=there[0], after=there[1])
        yield from _of_one(place, one, other)
    kept = [name for name in old if name in new]
    moved = [name for name in new if name in old]
    yield from _told("agreement", "order of clauses", " ".join(kept), " ".join(moved))


def _of_one(place: str, one: Clause | None, other: Clause | None) -> Iterator[Difference]:
    for what, words in _CLAUSE:
        sides = (NOTHING if each is None else words(each) for each in (one, other))
        yield from _told(place, what, *sides)
    old, new = ({} if each is None else dict(each.values) for each in (one, other))
    for name in sorted(old.keys() | new.keys()):
        shown = (
            parameter(name).shown(side[name]) if name in side else NOTHING for side in (old, new)
        )
        yield from _told(place, name, *shown)


def _told(place: str, what: str, before: str, after: str) -> Iterator[Difference]:
    if before != after:
        yield Difference(place=place, what=what, before=before, after=after)
