"""`comity init`: makes the home of a node. Called by main."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.area import blaming
from comity.cli.options import JsonOption
from comity.cli.show import facts, json_line, line
from comity.clock import SystemClock
from comity.config import load_identity, read_certificate
from comity.home import create_home
from comity.model.party import check_origin, parse_address
from comity.trust.card import card_note, fingerprint
from comity.trust.identity import Roots
from comity.trust.keys import SEED_BYTES, parse_verifier_key

__all__ = ["init"]


def init(
    path: Annotated[Path, typer.Argument(metavar="HOME", help="A new or empty folder.")],
    *,
    name: Annotated[
        str, typer.Option("--name", help="The party's short name, as peers will write it.")
    ],
    origin: Annotated[
        str,
        typer.Option("--origin", help="The journal's name for ever, as alpha.example/comity/2026."),
    ],
    address: Annotated[
        str,
        typer.Option("--address", help="Where peers reach the node; http is for loopback only."),
    ],
    exercise: Annotated[
        str | None,
        typer.Option("--exercise", metavar="ID", help="Make an exercise's node; never a live one."),
    ] = None,
    root: Annotated[
        list[str] | None,
        typer.Option(
            "--root", metavar="VKEY", help="A root key's public half; repeat it for more."
        ),
    ] = None,
    roots_needed: Annotated[
        int,
        typer.Option("--roots-needed", min=1, metavar="T", help="How many root keys decide."),
    ] = 1,
    as_json: JsonOption = False,
) -> None:
    """Make the home of a new node: keys, certificate and name."""
    with blaming("--origin"):
        check_origin(origin)
    with blaming("--address"):
        parse_address(address)
    with blaming("--name, --origin, --exercise or --root"):
        home = create_home(
            path,
            name=name,
            origin=origin,
            address=address,
            exercise=exercise,
            seeds=lambda: secrets.token_bytes(SEED_BYTES),
            now_us=SystemClock().now_us(),
            roots=_roots(root or (), roots_needed),
        )
    card = card_note(load_identity(home), address, read_certificate(home))
    made = {"home": str(path), "origin": home.origin, "fingerprint": fingerprint(card)}
    if as_json:
        json_line({**made})
        return
    facts([*made.items()])
    line("Keep a copy of its keys folder where nobody else can read it.")
    if not home.roots.keys:
        line("It names no root keys: a stolen key can be replaced by its thief too.")
    line(f"Next: comity serve --home {path}")


def _roots(texts: Sequence[str], needed: int) -> Roots:
    keys = sorted((parse_verifier_key(text) for text in texts), key=lambda key: key.name)
    return Roots(needed=needed if keys else 0, keys=tuple(keys))
