"""An agreement of a scenario as the text that nodes sign: party ids become origins.

`set` holds parameters without their unit, as the block does: a duration, a length, a name or a
whole number. Called by check and perform.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from comity.exercise.amount import duration_us, length_mm
from comity.exercise.moment import Moments
from comity.exercise.scenario import Accord, AccordClause
from comity.model.clause import Agreement, Clause, Party, PartyRole, Scope
from comity.model.fault import Malformed
from comity.model.notice import Craft, Domain, Purpose, SubjectKind
from comity.model.parameter import PARAMETERS, Parameter
from comity.model.quantity import Position, e7_from_degrees
from comity.wire.agreement_v1 import agreement_text

__all__ = ["accord_text", "agreement_of"]

E = TypeVar("E", bound=StrEnum)
_UNITS = ("us", "mm")
_KEYS = {
    name.rpartition("_")[0] if name.rpartition("_")[2] in _UNITS else name: each
    for name, each in PARAMETERS.items()
}


def accord_text(accord: Accord, origins: Mapping[str, str], moments: Moments) -> str:
    """The canonical text; Malformed where `check` would have found a flaw."""
    return agreement_text(agreement_of(accord, origins, moments))


def agreement_of(accord: Accord, origins: Mapping[str, str], moments: Moments) -> Agreement:
    """The agreement, version 1; Malformed for a party, parameter or word that there is not."""
    roles = {
        **dict.fromkeys(accord.mediators, PartyRole.MEDIATOR),
        **dict.fromkeys(accord.principals, PartyRole.PRINCIPAL),
    }
    parties = [Party(origin=_origin(name, origins), role=role) for name, role in roles.items()]
    return Agreement(
        name=accord.name,
        version=1,
        previous=None,
        parties=tuple(sorted(parties, key=lambda party: party.origin)),
        from_us=moments.instant_us(accord.start),
        until_us=None if accord.until is None else moments.instant_us(accord.until),
        languages=("en",),
        clauses=tuple(_clause(clause, origins) for clause in accord.clauses),
    )


def _clause(clause: AccordClause, origins: Mapping[str, str]) -> Clause:
    return Clause(
        id=clause.id,
        title=clause.title,
        basis=clause.basis,
        scope=Scope(
            kinds=_choices(clause.kinds, SubjectKind),
            purposes=_choices(clause.purposes, Purpose),
            domains=_choices(clause.domains, Domain),
            crafts=_choices(clause.crafts, Craft),
            by=frozenset(_origin(name, origins) for name in clause.by),
            to=frozenset(_origin(name, origins) for name in clause.to),
        ),
        over=tuple(sorted(clause.over)),
        values=tuple(sorted(_value(key, text) for key, text in clause.values.items())),
        line=tuple(
            Position(lat_e7=e7_from_degrees(lat), lon_e7=e7_from_degrees(lon))
            for lat, lon in clause.line
        ),
    )


def _value(key: str, text: str) -> tuple[str, int]:
    known = _KEYS.get(key)
    if known is None:
        raise Malformed(f"no parameter is called {key[:40]!r}", code="unknown_parameter")
    return known.name, known.checked(_number(known, text))


def _number(known: Parameter, text: str) -> int:
    unit = known.name.rpartition("_")[2]
    if unit == "us":
        return duration_us(text)
    if unit == "mm":
        return length_mm(text)
    return known.read(text, int(text) if text.isdecimal() else None)


def _origin(name: str, origins: Mapping[str, str]) -> str:
    if name not in origins:
        raise Malformed(f"no party is called {name[:40]!r}", code="bad_parties")
    return origins[name]


def _choices(words: Iterable[str], choices: type[E]) -> frozenset[E]:
    unknown = sorted(set(words) - set(choices))
    if unknown:
        allowed = ", ".join(choices)
        raise Malformed(f"{unknown[0][:40]!r} is none of {allowed}", code="bad_choice")
    return frozenset(map(choices, words))
