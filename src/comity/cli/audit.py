"""`comity audit`: checks the whole journal of a home again, beside its node or without it.

Reads only. Ends with 0 if everything is as it was written, 11 if not. Called by main.
"""

import time
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.exit_codes import ExitCode
from comity.cli.options import HOME, HomeOption, JsonOption
from comity.cli.show import facts, heading, json_line, line, table
from comity.config import Home, load_identity, read_home
from comity.journal.audit import verify_all
from comity.journal.audit_case import OwnKeys
from comity.journal.audit_hashes import hash_all
from comity.journal.audited import Audited, Flaw
from comity.trust.keys import parse_verifier_key

__all__ = ["audit"]

_SHOWN_MAX = 50  # of flaws, to a person; --json has them all


def audit(
    *,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Only hash entries and tree; verify no signature or proof."),
    ] = False,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Check the whole journal again: every hash, every signature, every proof.

    It reads and changes nothing, and may run while the node runs. Tables that are made from the
    evidence (what is shown of notices, answers and warnings) are not looked at.
    """
    from comity.assembly import open_inspected  # noqa: PLC0415 - the help needs no store

    ours = read_home(home)
    keys = _keys(ours)
    audited = Audited(progress=_say)
    store = open_inspected(ours.path / "data")
    try:
        began = time.perf_counter()
        tree = hash_all(store, audited)
        hashed = time.perf_counter()
        if not quick:
            verify_all(store, tree, keys, audited)
        verified = time.perf_counter()
    finally:
        store.close()
    rates = {"hashing": _rate(tree.size, hashed - began)}
    if not quick:
        rates["signatures and proofs"] = _rate(_proven(audited), verified - hashed)
    _show(ours.path, audited, rates, as_json=as_json)
    raise typer.Exit(ExitCode.DAMAGED if audited.flaws else ExitCode.OK)


def _keys(home: Home) -> OwnKeys:
    identity = load_identity(home)
    return OwnKeys(
        entry=identity.entry.verifier(),
        log=identity.log.verifier(),
        cosigner=identity.cosigner.verifier(),
        witnesses=tuple(parse_verifier_key(witness.key) for witness in home.witnesses),
        log_mldsa=None if identity.log_mldsa is None else identity.log_mldsa.verifier(),
        roots=identity.roots,
        authorities=tuple((each.url, each.authority) for each in home.time_authorities),
    )


def _say(kind: str, count: int) -> None:
    typer.echo(f"audit: {count} {kind}", err=True)


def _proven(audited: Audited) -> int:
    return sum(count for kind, count in audited.checked.items() if kind not in {"entries", "nodes"})


def _rate(count: int, seconds: float) -> int:
    return round(count / seconds) if seconds > 0 else 0


def _show(path: Path, audited: Audited, rates: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        json_line(
            {
                "home": str(path),
                "checked": {**audited.checked},
                "per_s": {**rates},
                "flaws": [{"where": flaw.where, "what": flaw.what} for flaw in audited.flaws],
            }
        )
        return
    facts([(kind, f"{count:,}") for kind, count in audited.checked.items()])
    facts([(f"{what} per second", f"{rate:,}") for what, rate in rates.items()])
    if not audited.flaws:
        line("whole: everything is as it was written")
        return
    _show_flaws(audited.flaws)


def _show_flaws(flaws: list[Flaw]) -> None:
    line()
    heading(f"DAMAGED: {len(flaws)} places")
    table(("where", "what"), [(flaw.where, flaw.what) for flaw in flaws[:_SHOWN_MAX]])
    if len(flaws) > _SHOWN_MAX:
        line(f"and {len(flaws) - _SHOWN_MAX} more: comity audit --json")
