"""`comity key root`: root keys, made and used on a machine that is no node and on no network.

Called by `key`.
"""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.area import blaming
from comity.cli.files import read_file
from comity.cli.key_rotate import show_statement
from comity.cli.options import JsonOption, examples
from comity.cli.show import json_line, line
from comity.home import replace_file
from comity.model.fault import Refusal, Refused
from comity.model.party import check_origin
from comity.trust.identity import root_key_name
from comity.trust.keyfile import read_key, write_key
from comity.trust.keys import SEED_BYTES, KeyType, SigningKey
from comity.trust.note import Note, parse_note, serialise, sign_note, signature_by
from comity.trust.statement import STATEMENT_BYTES_MAX
from comity.wire.key_v1 import parse_statement

__all__ = ["app"]

app = typer.Typer(help="Make root keys and sign with them, offline.")


@app.command(
    epilog=examples("comity key root make safe-1 --origin alpha.example/c/2026 --out safe-1.key")
)
def make(
    label: Annotated[str, typer.Argument(metavar="LABEL", help="Which of the root keys.")],
    *,
    origin: Annotated[str, typer.Option("--origin", help="The party's origin.")],
    out: Annotated[Path, typer.Option("--out", help="A new file, to be kept offline.")],
    as_json: JsonOption = False,
) -> None:
    """Make a root key and print its public half, which `comity init --root` takes."""
    with blaming("--origin"):
        check_origin(origin)
    with blaming("LABEL"):
        key = SigningKey(
            name=root_key_name(origin, label),
            key_type=KeyType.ED25519,
            seed=secrets.token_bytes(SEED_BYTES),
        )
    write_key(out, key)
    if as_json:
        json_line({"file": str(out), "key": key.verifier().text()})
        return
    line(key.verifier().text())
    typer.echo(
        f"Keep {out} off every network: on a stick in a safe, and a copy in another.", err=True
    )


@app.command(epilog=examples("comity key root sign rotate.note --key safe-1.key"))
def sign(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A statement about keys.")],
    *,
    key: Annotated[Path, typer.Option("--key", help="The file of one root key.")],
    as_json: JsonOption = False,
) -> None:
    """Add a root key's signature to a statement, after showing what it says."""
    note = parse_note(read_file(file, size_max=STATEMENT_BYTES_MAX), size_max=STATEMENT_BYTES_MAX)
    statement = parse_statement(note.text)
    root = read_key(key)
    if not root.name.startswith(root_key_name(statement.origin, "")):
        raise Refused(
            Refusal(
                code="other_key",
                reason=f"{key} is the key {root.name}, no root key of {statement.origin}",
                what_to_do="Take the root key of the party whose statement it is.",
            )
        )
    if signature_by(note, root.verifier()) is None:
        more = sign_note(note.text, root).signatures
        replace_file(file, serialise(Note(text=note.text, signatures=(*note.signatures, *more))))
    count = len(note.signatures)
    if as_json:
        json_line({"file": str(file), "signed_by": root.name})
        return
    for sentence in show_statement(statement):
        line(sentence)
    line(f"{file}: signed by {root.name}; {count} signatures stood there before.")
    line(f"Next: the other root keys that are needed, then comity key submit {file}")
