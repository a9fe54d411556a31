"""`comity restore`: a home out of a backup; and what others know of its journal. Called by main."""

from pathlib import Path
from typing import Annotated

import typer

from comity.cli.backup import passphrase_from
from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, JsonOption, OnceOption
from comity.cli.show import facts, json_line, line, table
from comity.config import read_home
from comity.model.quantity import instant_text
from comity.web.api.upkeep_shapes import AcceptRequest, RestoredView
from comity.wire.canonical import Json

__all__ = ["restore"]


def restore(
    source: Annotated[
        Path | None, typer.Argument(metavar="[BACKUP]", help="What comity backup wrote.")
    ] = None,
    *,
    keys: Annotated[
        Path | None,
        typer.Option("--keys", help="The folder of keys that was kept apart from the backup."),
    ] = None,
    passphrase_file: Annotated[
        Path | None, typer.Option("--passphrase-file", help="Opens keys that were encrypted.")
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Ask the running node for whom it waits.")
    ] = False,
    accept_missing: Annotated[
        str | None,
        typer.Option(
            "--accept-missing",
            metavar="PARTY",
            help="Do not wait for it: it is silent, or shows a head that may not be ours.",
        ),
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="Who takes that upon them.")
    ] = None,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Make a home from a backup, in a new folder; or see how far a restored node is.

    A restored node reads and answers, and signs nothing until every peer and witness has shown the
    newest head of its journal that it knows. Then it goes on by itself. If one of them has a later
    head, it never writes again under this origin. A silence, and a head that nothing shows to be
    this node's own, can be overridden by a named person, and stand in the journal; a later head
    cannot.
    """
    chosen = [source is not None, show, accept_missing is not None]
    if sum(chosen) != 1 or (accept_missing is None) != (by is None):
        raise typer.BadParameter("name a backup, or --show, or --accept-missing PARTY --by NAME")
    if source is not None:
        passphrase = None if passphrase_file is None else passphrase_from(passphrase_file)
        _restore(source, home, keys, passphrase, as_json=as_json)
    elif show:
        _show(Node(read_home(home)).get("restored"), as_json=as_json)
    else:
        request = AcceptRequest(party=accept_missing or "", by=by or "")
        answer = Node(read_home(home)).post("restored/acceptances", body(request), once)
        _show(answer, as_json=as_json)


def _restore(
    source: Path, home: Path, keys: Path | None, passphrase: str | None, *, as_json: bool
) -> None:
    from comity.assembly import DATABASE  # noqa: PLC0415 - the help needs no database
    from comity.upkeep import restore as restoring  # noqa: PLC0415

    manifest, complete = restoring.restore(DATABASE, source, home, keys=keys, passphrase=passphrase)
    made: dict[str, str | int | bool] = {
        "home": str(home),
        "origin": manifest.origin,
        "backup made": instant_text(manifest.made_us),
        "size": manifest.size,
        "root": manifest.root,
    }
    if as_json:
        json_line({**made, "keys": complete})
        return
    facts([(name, str(value)) for name, value in made.items()])
    line("Bearer keys that were revoked after the backup are in force again: comity key list.")
    if not complete:
        line(f"No private keys are in it: put the keys that you kept into {home / 'keys'}.")
    line(f"Next: comity serve --home {home}, then: comity restore --show --home {home}")


def _show(answer: Json, *, as_json: bool) -> None:
    if as_json:
        json_line(answer)
        return
    view = shaped(answer, RestoredView)
    facts(
        [
            ("state", view.state),
            ("backup made", view.backup_made or ""),
            ("backup size", "" if view.backup_size is None else str(view.backup_size)),
            ("accepted", ", ".join(view.accepted)),
        ]
    )
    table(
        ("party", "is a", "said", "in words"),
        [(w.party, w.kind, w.said, w.text) for w in view.words],
    )
