"""`comity witness policy`: say what a policy of witnesses withstands. Called by `cli.witness`."""

from pathlib import Path
from typing import Annotated

import typer

from comity.cli.exit_codes import ExitCode
from comity.cli.options import JsonOption, examples
from comity.cli.show import facts, heading, json_line, line
from comity.cli.verify import policy_at, trust_at
from comity.journal.policy_lint import Linted, lint
from comity.wire.canonical import Json

__all__ = ["app"]

app = typer.Typer(help="Read policies: whose cosignatures are enough.")


@app.callback()
def _root() -> None:
    """Keep `lint` a verb of its own."""


@app.command(
    "lint",
    epilog=examples(
        "comity witness policy lint policy.txt",
        "comity witness policy lint policy.txt --tolerate 1 --trust trust.note",
    ),
)
def lint_policy(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy by c2sp.org/tlog-policy.")],
    *,
    tolerate: Annotated[
        int,
        typer.Option(
            "--tolerate", min=0, max=32, metavar="F", help="Lying witnesses to withstand."
        ),
    ] = 0,
    trust: Annotated[
        Path | None,
        typer.Option("--trust", metavar="FILE", help="Whose own keys no witness may have."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say how many witnesses may lie or be silent, and what is wrong with the policy.

    Ends with 0 if nothing is, 1 if two journals could be shown in spite of it, or a witness is not
    neutral, or counts for nothing; 13 if the file is no policy.
    """
    policy = policy_at(file)
    parties = () if trust is None else trust_at(trust).parties
    found = lint(policy, tolerate=tolerate, parties=[key for each in parties for key in each.keys])
    if as_json:
        json_line(_json(found, tolerate))
    else:
        _show(found, tolerate)
    raise typer.Exit(ExitCode.REFUSED if found.findings else ExitCode.OK)


def _show(found: Linted, tolerate: int) -> None:
    heading(f"{'UNSOUND' if found.findings else 'SOUND'} for {tolerate} lying")
    facts(
        [
            *((finding.code, finding.text) for finding in found.findings),
            ("witnesses", f"{found.witnesses}; the smallest quorum has {found.smallest}"),
            ("safety", _safety(found)),
            ("liveness", _liveness(found)),
        ]
    )
    for each in found.arithmetic:
        line(f"  {each}")


def _safety(found: Linted) -> str:
    if found.tolerates < 0:
        return "none: two quorums need not share a witness"
    text = f"{found.tolerates} may lie: any two quorums share {found.shared}"
    if found.operators_tolerated != found.tolerates:
        text += f"; of operators, {max(0, found.operators_tolerated)} may"
    return text


def _liveness(found: Linted) -> str:
    text = f"{found.may_be_silent} may be silent, whichever; with one more nothing may be provable"
    if found.operators_silent != found.may_be_silent:
        text += f"; of operators, {max(0, found.operators_silent)} may"
    return text


def _json(found: Linted, tolerate: int) -> dict[str, Json]:
    return {
        "sound": not found.findings,
        "asked": tolerate,
        "witnesses": found.witnesses,
        "smallest": found.smallest,
        "shared": found.shared,
        "tolerates": found.tolerates,
        "operators_tolerated": found.operators_tolerated,
        "may_be_silent": found.may_be_silent,
        "operators_silent": found.operators_silent,
        "arithmetic": list(found.arithmetic),
        "findings": [{"code": each.code, "text": each.text} for each in found.findings],
    }
