"""An agreement in the words of people: who, from when, which clause holds for what and sets what.

Nothing is left out and nothing is judged. Pure. Called by the command line and by `compare`.
"""

from collections.abc import Iterable, Iterator

from comity.model.clause import Agreement, Clause, Party, PartyRole, Scope
from comity.model.notice import SubjectKind
from comity.model.parameter import parameter
from comity.model.party import party_name
from comity.model.quantity import Position, degrees, instant_text

__all__ = [
    "clause_words",
    "head_words",
    "line_words",
    "moment_words",
    "party_words",
    "scope_words",
    "value_words",
]

_ROLES = {
    PartyRole.PRINCIPAL: "principal, signs",
    PartyRole.MEDIATOR: "mediator, reads it and is not bound",
}


def head_words(agreement: Agreement) -> tuple[tuple[str, str], ...]:
    """Names and values: what stands before the clauses."""
    after = "the first version"
    if agreement.previous is not None:
        after = f"amends the text with the hash {agreement.previous.hex()}"
    return (
        ("agreement", f"{agreement.name}, version {agreement.version}"),
        ("", after),
        *(("party", f"{each.origin}: {party_words(each)}") for each in agreement.parties),
        ("in force from", f"{moment_words(agreement.from_us)}, or the last signature if later"),
        ("until", moment_words(agreement.until_us)),
        ("languages", ", ".join(agreement.languages)),
    )


def clause_words(clause: Clause) -> tuple[tuple[str, str], ...]:
    """Names and values: a clause without its parameters."""
    return (
        ("holds for", scope_words(clause.scope)),
        ("goes before", ", ".join(clause.over)),
        ("measured from", line_words(clause.line)),
        ("because", clause.basis),
    )


def value_words(clause: Clause) -> Iterator[tuple[str, str, str]]:
    """What it sets: parameter, value, what it is; with a mark if nothing measures it."""
    for name, value in clause.values:
        known = parameter(name)
        mark = "" if known.measured else " (recorded; nothing measures it yet)"
        yield name, known.shown(value), f"{known.about}{mark}"


def party_words(party: Party) -> str:
    """What a party is."""
    if party.bound_by is not None:
        return f"bound, {party_name(party.bound_by)} signs for it"
    return _ROLES[party.role]


def scope_words(scope: Scope) -> str:
    """Where a clause holds, in a phrase."""
    kinds = [f"{kind}s" for kind in SubjectKind if kind in scope.kinds]
    words = [
        _listed(kinds) or "everything",
        _phrase("purpose", scope.purposes),
        _phrase("domain", scope.domains),
        _phrase("craft", scope.crafts),
        _phrase("by", map(party_name, scope.by)),
        _phrase("toward", map(party_name, scope.to)),
    ]
    return ", ".join(word for word in words if word)


def line_words(line: tuple[Position, ...]) -> str:
    """The points of a border in degrees; empty without one."""
    return " ".join(f"{degrees(each.lat_e7):.7f},{degrees(each.lon_e7):.7f}" for each in line)


def moment_words(at_us: int | None) -> str:
    """A moment, or that there is none."""
    return "without end" if at_us is None else instant_text(at_us)


def _phrase(before: str, words: Iterable[str]) -> str:
    listed = _listed(sorted(words))
    return f"{before} {listed}" if listed else ""


def _listed(words: list[str]) -> str:
    return " or ".join(words)
