"""`comity backup`: a copy of a node, running or stopped, that was looked over. Called by main."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.files import read_file
from comity.cli.options import HOME, HomeOption, JsonOption
from comity.cli.show import facts, json_line, line
from comity.clock import SystemClock
from comity.config import read_home
from comity.model.quantity import instant_text

__all__ = ["backup", "passphrase_from"]

_PASSPHRASE_BYTES_MAX = 1_024
_WARNING = (
    "WARNING: private keys lie in this backup as they are. Whoever reads it can sign as this "
    "party. Keep it like the keys themselves, or use --passphrase-file."
)


def backup(
    target: Annotated[
        Path, typer.Argument(metavar="DIR|FILE", help="A new folder, or a new file named *.tar.")
    ],
    *,
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="Put the private keys into it as well.")
    ] = False,
    passphrase_file: Annotated[
        Path | None,
        typer.Option("--passphrase-file", help="With --with-keys: encrypt them under its line."),
    ] = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Copy a node's journal, settings and cards; the node may run meanwhile.

    Private keys stay at home unless --with-keys is given. What was written is read again and
    checked: every file by its SHA-256, every entry against the journal's root.
    """
    from comity.assembly import DATABASE  # noqa: PLC0415 - the help needs no database
    from comity.upkeep.backup import Passphrase, back_up  # noqa: PLC0415

    if passphrase_file is not None and not with_keys:
        raise typer.BadParameter(
            "it is for private keys: add --with-keys", param_hint="--passphrase-file"
        )
    sealed = None if passphrase_file is None else passphrase_from(passphrase_file)
    manifest = back_up(
        DATABASE,
        read_home(home),
        target,
        now_us=SystemClock().now_us(),
        keys=Passphrase(text=sealed) if sealed else "plain" if with_keys else "none",
        chance=secrets.token_bytes,
    )
    if manifest.keys == "plain":
        typer.echo(_WARNING, err=True)
    made: dict[str, str | int] = {
        "backup": str(target),
        "origin": manifest.origin,
        "made": instant_text(manifest.made_us),
        "size": manifest.size,
        "root": manifest.root,
        "keys": manifest.keys,
    }
    if as_json:
        json_line({**made})
        return
    facts([(name, str(value)) for name, value in made.items()])
    line("It holds what the node was told, in clear: keep it where the node's own disk would be.")


def passphrase_from(path: Path) -> str:
    """The first line of a file."""
    data = read_file(path, size_max=_PASSPHRASE_BYTES_MAX)
    return data.decode("utf-8", "replace").partition("\n")[0]
