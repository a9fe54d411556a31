"""`comity agreement lint`: what is wrong with a text before it is signed. Called by `agreement`."""

from pathlib import Path
from typing import Annotated

import typer

from comity.agreement.lint import Finding, Severity, lint
from comity.cli.agreement_find import agreement_file
from comity.cli.agreement_write import findings_json
from comity.cli.area import blaming
from comity.cli.exit_codes import ExitCode
from comity.cli.options import JsonOption
from comity.cli.show import heading, json_line, table
from comity.cli.written import moment_us
from comity.clock import SystemClock
from comity.wire.agreement_v1 import parse_agreement

__all__ = ["FileArgument", "lint_file"]

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="The text of an agreement; - is stdin.")
]


def lint_file(
    file: FileArgument,
    *,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="As of then; default: now, by this machine."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is wrong with an agreement: errors, which no node signs, and cautions.

    Ends with 0 if there is no error, 1 if there is one, 13 if the file is no agreement.
    """
    agreement = parse_agreement(agreement_file(file))
    now_us = SystemClock().now_us()
    with blaming("--at"):
        found = lint(agreement, now_us if at is None else moment_us(at, now_us))
    wrong = [each for each in found if each.severity is Severity.ERROR]
    if as_json:
        json_line({"sound": not wrong, "findings": findings_json(found)})
    else:
        _show(found, len(wrong))
    raise typer.Exit(ExitCode.REFUSED if wrong else ExitCode.OK)


def _show(found: tuple[Finding, ...], wrong: int) -> None:
    heading(f"{wrong} errors, {len(found) - wrong} cautions")
    if found:
        rows = [(each.severity, each.code, each.text) for each in found]
        table(("severity", "code", "what"), rows)
