"""`comity witness`: a neutral party that cosigns the heads of others' journals. Called by main."""

import secrets
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from comity import log as diagnostics
from comity.cli.area import blaming
from comity.cli.options import (
    WITNESS_HOME,
    JsonOption,
    VerboseOption,
    WitnessHomeOption,
    examples,
)
from comity.cli.serve import announce, stop_on_sigterm
from comity.cli.show import json_line, line
from comity.cli.witness_policy import app as policy_app
from comity.clock import SystemClock
from comity.config import WitnessHome, load_cosigners, read_witness_home
from comity.home import add_log, add_mldsa, create_witness_home, hold_lock
from comity.model.fault import Refusal, Refused
from comity.trust.keys import SEED_BYTES, KeyType, parse_verifier_key

__all__ = ["app"]

app = typer.Typer(help="Make and run a neutral witness.")
app.add_typer(policy_app, name="policy")


@app.command(
    epilog=examples(
        "comity witness init w1 --name witness.example/w1 --address http://127.0.0.1:7109"
    )
)
def init(
    path: Annotated[Path, typer.Argument(metavar="HOME", help="A new or empty folder.")],
    *,
    name: Annotated[str, typer.Option("--name", help="Its key's name, as witness.example/w1.")],
    address: Annotated[
        str, typer.Option("--address", help="Where nodes reach it; http is for loopback only.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Make the home of a witness and print its verifier key.

    It cosigns with that key, of Ed25519, and with one of ML-DSA-44 (`witness key --mldsa`).
    """
    with blaming("--name or --address"):
        home = create_witness_home(
            path,
            name=name,
            address=address,
            seeds=lambda: secrets.token_bytes(SEED_BYTES),
            now_us=SystemClock().now_us(),
        )
    _show_key(home, mldsa=False, as_json=as_json)


@app.command(
    epilog=examples("comity witness key --home w1", "comity witness key --home w1 --mldsa")
)
def key(
    *,
    mldsa: Annotated[
        bool, typer.Option("--mldsa", help="The ML-DSA-44 key, for its second line.")
    ] = False,
    home: WitnessHomeOption = WITNESS_HOME,
    as_json: JsonOption = False,
) -> None:
    """Print the witness's verifier key, which nodes and trust files name."""
    _show_key(read_witness_home(home), mldsa=mldsa, as_json=as_json)


@app.command("add-mldsa", epilog=examples("comity witness add-mldsa --home w1"))
def add_mldsa_key(*, home: WitnessHomeOption = WITNESS_HOME, as_json: JsonOption = False) -> None:
    """Give a witness of an earlier release an ML-DSA-44 key, for its next start, and print it."""
    ours = read_witness_home(home)
    add_mldsa(ours, lambda: secrets.token_bytes(SEED_BYTES))
    _show_key(ours, mldsa=True, as_json=as_json)


@app.command("add-log", epilog=examples('comity witness add-log --home w1 "$LOG_KEY"'))
def add_one_log(
    log: Annotated[str, typer.Argument(metavar="VKEY", help="The log key on a party's card.")],
    *,
    home: WitnessHomeOption = WITNESS_HOME,
    as_json: JsonOption = False,
) -> None:
    """Let the witness cosign one more journal, from its next start on."""
    ours = read_witness_home(home)
    with blaming("VKEY"):
        changed = add_log(ours, log)
    names = [parse_verifier_key(text).name for text in changed.logs]
    if as_json:
        json_line({"logs": [*names]})
    else:
        line(f"{len(names)} logs: {' '.join(names)}")


@app.command(epilog=examples("comity witness serve --home w1"))
def serve(
    *,
    exercise: Annotated[
        str | None, typer.Option("--exercise", metavar="ID", help="Follow an exercise's clock.")
    ] = None,
    log: Annotated[
        list[str] | None,
        typer.Option("--log", metavar="VKEY", help="One more log, this time; repeat it for more."),
    ] = None,
    home: WitnessHomeOption = WITNESS_HOME,
    as_json: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Run the witness of a home until it is told to stop (SIGTERM, Ctrl-C)."""
    from comity.assembly import serve_witness  # noqa: PLC0415 - the other verbs need no server

    stop_on_sigterm()
    diagnostics.start(verbose=verbose)
    ours = read_witness_home(home)
    with blaming("--log"):
        more = [text for text in log or () if text not in ours.logs]
        ours = replace(ours, logs=(*ours.logs, *more), exercise=exercise)
    with hold_lock(ours.path):
        code = serve_witness(ours, ready=announce(ours.name, ours.address, as_json=as_json))
    raise typer.Exit(code)


def _show_key(home: WitnessHome, *, mldsa: bool, as_json: bool) -> None:
    texts = {key.key_type: key.verifier().text() for key in load_cosigners(home)}
    if as_json:
        json_line({"key": texts[KeyType.COSIGNATURE_V1], "mldsa": texts.get(KeyType.ML_DSA_44)})
        return
    wanted = KeyType.ML_DSA_44 if mldsa else KeyType.COSIGNATURE_V1
    if wanted not in texts:
        raise Refused(
            Refusal(
                code="no_mldsa",
                reason=f"{home.path} has no ML-DSA-44 key: it is of an earlier release",
                what_to_do="comity witness add-mldsa",
            )
        )
    line(texts[wanted])
