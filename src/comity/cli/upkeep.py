"""`comity node`: what whoever runs the machine needs: a unit for systemd, and the upgrade's check.

Called by main.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.options import HOME, HomeOption, JsonOption, examples
from comity.cli.show import facts, json_line
from comity.config import read_home
from comity.upkeep.unit import unit_text

__all__ = ["app"]

app = typer.Typer(help="Run a node on a machine: its unit for systemd, its upgrade.")


@app.command(epilog=examples("comity node unit --home /var/lib/comity/alpha --user comity"))
def unit(
    *,
    user: Annotated[str, typer.Option("--user", help="The user who owns the home.")] = "comity",
    exercise: Annotated[
        str | None, typer.Option("--exercise", metavar="ID", help="For an exercise's node.")
    ] = None,
    home: HomeOption = HOME,
) -> None:
    """Print a hardened unit for systemd; it reads and changes nothing."""
    program = Path(sys.argv[0]).resolve() if sys.argv[0] else Path("comity")
    typer.echo(unit_text(home.absolute(), program, user=user, exercise=exercise), nl=False)


@app.command(epilog=examples("comity node upgrade --check --home alpha"))
def upgrade(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Only say what the next start would do.")
    ] = False,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Bring the database of a stopped node to this release; a start does the same by itself.

    A copy is put beside it first, if the disk has room. Every entry is compared before the change
    is committed. There is no way back but the copy, and after the next entry not even that: the
    journal would be rolled back.
    """
    from comity.assembly import UPGRADE  # noqa: PLC0415 - the help needs no database
    from comity.home import hold_lock  # noqa: PLC0415

    ours = read_home(home)
    path = ours.path / "data" / "journal.db"
    found, newest = UPGRADE.schema_of(path), UPGRADE.newest
    if not check and found != newest:
        with hold_lock(ours.path):
            UPGRADE.run(path)
    state: dict[str, str | int] = {
        "home": str(ours.path),
        "schema": found,
        "newest": newest,
        "state": "up to date"
        if found == newest
        else "to be upgraded at the next start"
        if check
        else "upgraded",
    }
    if as_json:
        json_line({**state})
    else:
        facts([(name, str(value)) for name, value in state.items()])
