"""The templates that come with the program: TOML beside the room `agreement`, read and checked.

Called by `agreement draft` and `agreement templates`.
"""

import importlib.resources
import tomllib
from functools import cache

import msgspec

from comity.agreement.template import Choice, Precedent, Template
from comity.cli.agreement_amount import amount
from comity.model.clause import Clause, Scope
from comity.model.fault import Corrupt, Malformed
from comity.model.notice import Craft, Domain, Purpose, SubjectKind

__all__ = ["template_from", "templates"]

_FOLDER = importlib.resources.files("comity.agreement") / "templates"
_SUFFIX = ".toml"


class _Precedent(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    what: str
    source: str


class _Choice(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    clause: str
    key: str
    about: str


class _Clause(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    id: str
    title: str
    basis: str = ""
    kinds: frozenset[SubjectKind] = frozenset()
    purposes: frozenset[Purpose] = frozenset()
    domains: frozenset[Domain] = frozenset()
    crafts: frozenset[Craft] = frozenset()
    over: list[str] = []
    set: dict[str, str]


class _Template(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    title: str
    about: str
    precedent: list[_Precedent]
    choose: list[_Choice]
    clause: list[_Clause]


@cache
def templates() -> dict[str, Template]:
    """All of them, by name, in the order of their names."""
    names = sorted(each.name for each in _FOLDER.iterdir() if each.name.endswith(_SUFFIX))
    return {
        name.removesuffix(_SUFFIX): template_from(
            name.removesuffix(_SUFFIX), (_FOLDER / name).read_text("utf-8")
        )
        for name in names
    }


def template_from(name: str, text: str) -> Template:
    """One template; Corrupt (`bad_template`) if a file of ours is not what it should be."""
    try:
        raw = msgspec.convert(tomllib.loads(text), _Template)
        return Template(
            name=name,
            title=raw.title,
            about=raw.about,
            precedents=tuple(Precedent(what=p.what, source=p.source) for p in raw.precedent),
            choices=tuple(Choice(clause=c.clause, key=c.key, about=c.about) for c in raw.choose),
            clauses=tuple(map(_clause, raw.clause)),
        )
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, Malformed) as error:
        raise Corrupt(f"the template {name}: {error}", code="bad_template") from error


def _clause(raw: _Clause) -> Clause:
    values = {name: amount(name, text) for name, text in raw.set.items()}
    return Clause(
        id=raw.id,
        title=raw.title,
        basis=raw.basis,
        scope=Scope(kinds=raw.kinds, purposes=raw.purposes, domains=raw.domains, crafts=raw.crafts),
        over=tuple(sorted(raw.over)),
        values=tuple(sorted(values.items())),
    )
