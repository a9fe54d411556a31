"""`comity agreement templates`: what there is to begin with. Called by `agreement`."""

from typing import Annotated

import typer

from comity.agreement.template import Template
from comity.cli.agreement_template import templates
from comity.cli.options import JsonOption
from comity.cli.show import facts, heading, json_line, line, table
from comity.wire.canonical import Json

__all__ = ["list_templates", "the_template"]


def list_templates(
    template: Annotated[
        str | None, typer.Argument(metavar="TEMPLATE", help="Show one: precedents and choices.")
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """List the templates; or show what one follows, and what its drafter must choose."""
    found = list(templates().values()) if template is None else [the_template(template)]
    if as_json:
        json_line([_json(each) for each in found])
    elif template is None:
        table(("template", "title", "to be chosen"), [_row(each) for each in found])
    else:
        _show(found[0])


def the_template(name: str) -> Template:
    """The template of that name; wrong use for another."""
    known = templates()
    if name not in known:
        reason = f"no template is called {name[:40]!r}; there are {', '.join(known)}"
        raise typer.BadParameter(reason, param_hint="TEMPLATE")
    return known[name]


def _row(each: Template) -> tuple[str, str, str]:
    chosen = " ".join(f"{choice.clause}.{choice.key}" for choice in each.choices)
    return each.name, each.title, chosen


def _show(found: Template) -> None:
    heading(f"{found.name}: {found.title}")
    line(found.about)
    for each in found.precedents:
        line()
        facts([("follows", each.what), ("source", each.source)])
    line()
    heading("To be chosen with --set")
    facts([(f"{choice.clause}.{choice.key}", choice.about) for choice in found.choices])
    line()
    heading("Clauses")
    facts([(clause.id, clause.title) for clause in found.clauses])


def _json(found: Template) -> dict[str, Json]:
    return {
        "name": found.name,
        "title": found.title,
        "about": found.about,
        "precedents": [{"what": p.what, "source": p.source} for p in found.precedents],
        "choose": [{"clause": c.clause, "key": c.key, "about": c.about} for c in found.choices],
        "clauses": [{"id": c.id, "title": c.title} for c in found.clauses],
    }
