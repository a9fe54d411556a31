"""`comity purge`: contents are deleted when two people say so; the record of them stays.

Called by main.
"""

from pathlib import Path
from typing import Annotated

import typer

from comity.cli.find import find_notice
from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, JsonOption, OnceOption, examples
from comity.cli.show import json_line, line, table
from comity.cli.written import moment_us
from comity.clock import SystemClock
from comity.config import read_home
from comity.model.quantity import instant_text
from comity.trust.keyfile import read_secret
from comity.web.api.shapes_keys import PurgeConfirmation, PurgeRequest, PurgeView

__all__ = ["app"]

app = typer.Typer(help="Delete contents that are over; two people decide.")

_SECRET_BYTES_MAX = 4_096
KeyOption = Annotated[
    Path | None,
    typer.Option("--key", help="A file with your own bearer key; without, the home's own."),
]


def _node(home: Path, key: Path | None) -> Node:
    ours = read_home(home)
    if key is None:
        return Node(ours)
    return Node(ours, read_secret(key, _SECRET_BYTES_MAX).decode("ascii", "replace").strip())


@app.command(
    epilog=examples(
        "comity purge propose --before 2026-01-01T00:00:00Z",
        "comity purge propose --notice 7c9be1 --key my.key",
    )
)
def propose(
    *,
    before: Annotated[
        str | None, typer.Option("--before", metavar="MOMENT", help="What was over by then.")
    ] = None,
    notice: Annotated[
        str | None, typer.Option("--notice", metavar="ID", help="One notice, or what it is about.")
    ] = None,
    key: KeyOption = None,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Propose a purge and see what it would take; nothing is deleted yet."""
    node = _node(home, key)
    if (before is None) == (notice is None):
        raise typer.BadParameter("give one of them", param_hint="--before or --notice")
    moment = None if before is None else instant_text(moment_us(before, SystemClock().now_us()))
    whole = None if notice is None else find_notice(node, notice)
    answer = node.post("purges", body(PurgeRequest(before=moment, notice=whole)), once)
    if as_json:
        json_line(answer)
        return
    found = shaped(answer, PurgeView)
    line(f"It would delete the contents of {len(found.subjects)} subjects, {found.calls} calls.")
    if found.kept:
        line(f"Left, since live or not yet taken: {' '.join(each[:12] for each in found.kept)}")
    line("Nothing is deleted yet. Next, another person with a key of their own (scope admin):")
    line(f"  comity purge confirm {found.id} --key THEIR.key --home {home}")


@app.command(epilog=examples("comity purge confirm 7c9be12a --key second.key"))
def confirm(
    purge: Annotated[str, typer.Argument(metavar="ID", help="The purge's id, whole.")],
    *,
    key: KeyOption = None,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Confirm a purge that another proposed, and do it. It cannot be undone."""
    node = _node(home, key)
    answer = node.post(f"purges/{purge}/confirm", body(PurgeConfirmation()), once)
    if as_json:
        json_line(answer)
        return
    found = shaped(answer, PurgeView)
    line(
        f"Purged {found.done}: proposed by {found.proposed_by}, by {found.confirmed_by} confirmed."
    )
    line("Backups made before, and what other parties hold, are out of reach: see to them.")


@app.command("list", epilog=examples("comity purge list"))
def list_purges(*, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """List the purges, proposed and done."""
    answer = Node(read_home(home)).items("purges")
    if as_json:
        json_line(answer)
        return
    rows = [
        (
            each.id,
            each.before or (each.notice or "")[:12],
            each.proposed_by,
            each.confirmed_by or "",
            each.done or "proposed",
        )
        for each in shaped(answer, list[PurgeView])
    ]
    table(("id", "what", "proposed by", "confirmed by", "done"), rows)
