"""A text to begin with: clauses with their precedents, and what their drafter must still choose.

The nouns, and how a template and a drafter's settings make an agreement. Where templates are kept
and how people write a value is the command line's matter. Pure. Called by the command line.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from comity.model.clause import Agreement, Clause, Party
from comity.model.fault import Malformed
from comity.model.parameter import parameter
from comity.model.quantity import Position
from comity.wire.agreement_v1 import agreement_hash, agreement_text

__all__ = [
    "LINE",
    "Choice",
    "Precedent",
    "Setting",
    "Template",
    "amended",
    "drafted",
    "unmade",
    "with_settings",
]

LINE = "line"  # what a setting names beside parameters: the border that a clause draws


@dataclass(frozen=True, slots=True, kw_only=True)
class Precedent:
    """What a template follows, and where that can be read."""

    what: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What no template can know: a parameter of a clause, or its line."""

    clause: str
    key: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A value that a drafter gives: of a parameter, or the points of a clause's line."""

    clause: str
    key: str
    value: int | tuple[Position, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """See the module docstring. `name` is the agreement's unless its drafter chooses another."""

    name: str
    title: str
    about: str
    precedents: tuple[Precedent, ...]
    choices: tuple[Choice, ...]
    clauses: tuple[Clause, ...]


def drafted(
    template: Template,
    *,
    name: str,
    parties: Iterable[Party],
    from_us: int,
    until_us: int | None,
    languages: tuple[str, ...],
    settings: tuple[Setting, ...],
) -> Agreement:
    """Version 1 of an agreement.

    Raises:
        Malformed: `choice_missing`, naming what is still to be chosen; `no_such_clause`; and
            whatever makes the agreement no agreement.
    """
    left = unmade(template, settings)
    if left:
        words = ", ".join(f"{choice.clause}.{choice.key}" for choice in left)
        raise Malformed(f"still to be chosen: {words}", code="choice_missing")
    return Agreement(
        name=name,
        version=1,
        previous=None,
        parties=tuple(sorted(parties, key=lambda party: party.origin)),
        from_us=from_us,
        until_us=until_us,
        languages=languages,
        clauses=with_settings(template.clauses, settings),
    )


def amended(
    before: Agreement, *, from_us: int, until_us: int | None, settings: tuple[Setting, ...]
) -> Agreement:
    """The version after `before`, which it names by its hash; Malformed as for `drafted`."""
    return replace(
        before,
        version=before.version + 1,
        previous=agreement_hash(agreement_text(before)),
        from_us=from_us,
        until_us=until_us,
        clauses=with_settings(before.clauses, settings),
    )


def unmade(template: Template, settings: Iterable[Setting]) -> tuple[Choice, ...]:
    """The choices that no setting makes."""
    made = {(setting.clause, setting.key) for setting in settings}
    return tuple(each for each in template.choices if (each.clause, each.key) not in made)


def with_settings(clauses: tuple[Clause, ...], settings: Iterable[Setting]) -> tuple[Clause, ...]:
    """The clauses with what is set in its place; Malformed (`no_such_clause`) for another."""
    found = {clause.id: clause for clause in clauses}
    for setting in settings:
        clause = found.get(setting.clause)
        if clause is None:
            known = ", ".join(found)
            raise Malformed(
                f"no clause is called {setting.clause[:40]!r}; there are {known}",
                code="no_such_clause",
            )
        found[clause.id] = _with(clause, setting)
    return tuple(found.values())


def _with(clause: Clause, setting: Setting) -> Clause:
    if isinstance(setting.value, int):
        name = parameter(setting.key).name
        values = dict(clause.values) | {name: setting.value}
        return replace(clause, values=tuple(sorted(values.items())))
    return replace(clause, line=setting.value)
