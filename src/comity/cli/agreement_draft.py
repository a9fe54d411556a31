"""`comity agreement draft`: a template and a drafter's choices become a text.

Needs no node. The text goes to stdout, what is odd about it to stderr. Called by `agreement`.
"""

from collections.abc import Iterable
from typing import Annotated

import typer

from comity.agreement.lint import check, lint
from comity.agreement.template import drafted
from comity.cli.agreement_amount import setting
from comity.cli.agreement_templates import the_template
from comity.cli.agreement_write import next_hour_us, until_us, write_draft
from comity.cli.area import blaming
from comity.cli.options import JsonOption, OutOption
from comity.cli.written import moment_us, split_pair
from comity.clock import SystemClock
from comity.model.clause import Party, PartyRole

__all__ = ["FromOption", "SetOption", "UntilOption", "draft"]

SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="CLAUSE.PARAMETER=VALUE",
        help="A value, as notice.lead_cleartext_min_us=30m; or CLAUSE.line='LAT,LON LAT,LON ...'.",
    ),
]
FromOption = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="In force from then; default: the next full hour."),
]
UntilOption = Annotated[
    str | None,
    typer.Option("--until", metavar="TIME", help="A time, or +365d after --from; else no end."),
]


def draft(
    template: Annotated[str, typer.Argument(metavar="TEMPLATE", help="See agreement templates.")],
    *,
    party: Annotated[
        list[str] | None,
        typer.Option("--party", metavar="ORIGIN", help="A principal, who signs; two or more."),
    ] = None,
    bound: Annotated[
        list[str] | None,
        typer.Option(
            "--bound", metavar="ORIGIN=PRINCIPAL", help="A party for which that principal signs."
        ),
    ] = None,
    mediator: Annotated[
        list[str] | None,
        typer.Option("--mediator", metavar="ORIGIN", help="Who reads it and is not bound."),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="The agreement's; default: the template's.")
    ] = None,
    start: FromOption = None,
    until: UntilOption = None,
    language: Annotated[
        list[str] | None,
        typer.Option("--language", metavar="CODE", help="Beside en: ru, he or ar; repeat it."),
    ] = None,
    values: SetOption = None,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draft an agreement from a template: the text goes to stdout, to be read and signed."""
    now_us = SystemClock().now_us()
    found = the_template(template)
    with blaming("--set"):
        settings = tuple(map(setting, values or ()))
    with blaming("--from"):
        from_us = next_hour_us(now_us) if start is None else moment_us(start, now_us)
    with blaming("--party, --bound or --mediator"):
        parties = _parties(party or (), bound or (), mediator or ())
    with blaming("these options"):
        agreement = drafted(
            found,
            name=found.name if name is None else name,
            parties=parties,
            from_us=from_us,
            until_us=until_us(until, from_us),
            languages=("en", *(language or ())),
            settings=settings,
        )
    check(agreement)
    write_draft(agreement, lint(agreement, now_us), out, as_json=as_json)


def _parties(
    principals: Iterable[str], bound: Iterable[str], mediators: Iterable[str]
) -> list[Party]:
    found = [Party(origin=each, role=PartyRole.PRINCIPAL) for each in principals]
    for origin, by in map(split_pair, bound):
        found.append(Party(origin=origin, role=PartyRole.BOUND, bound_by=by))
    found += [Party(origin=each, role=PartyRole.MEDIATOR) for each in mediators]
    return found
