"""`comity serve`: one process for one home, from the lock to a graceful stop. Called by main."""

import signal
from collections.abc import Callable
from dataclasses import replace
from types import FrameType
from typing import Annotated

import typer

from comity import log
from comity.cli.area import blaming
from comity.cli.options import HOME, HomeOption, JsonOption, VerboseOption
from comity.cli.show import json_line, line
from comity.config import Home, Witness, read_home
from comity.home import hold_lock
from comity.model.fault import Malformed, Refusal, Refused
from comity.upkeep.collector import settle_collector

__all__ = ["announce", "serve", "stop_on_sigterm"]


def serve(
    *,
    exercise: Annotated[
        str | None,
        typer.Option("--exercise", metavar="ID", help="Needed for the home of an exercise's node."),
    ] = None,
    witness: Annotated[
        list[str] | None,
        typer.Option(
            "--witness", metavar="VKEY@URL", help="A neutral witness to ask; repeat it for more."
        ),
    ] = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Run the node of a home until it is told to stop.

    SIGTERM and Ctrl-C stop it gracefully, with exit code 0. When it serves, it prints one line,
    `ready ORIGIN ADDRESS`; everything after that is diagnostics, on stderr.
    """
    from comity.assembly import serve_node  # noqa: PLC0415 - the help needs no server

    stop_on_sigterm()
    log.start(verbose=verbose)
    ours = read_home(home)
    with blaming("--witness"):
        more = tuple(_witness(text) for text in witness or ())
        known = [*ours.witnesses, *(each for each in more if each not in ours.witnesses)]
        ours = replace(ours, witnesses=tuple(known))
    _check_exercise(ours, exercise)
    said = announce(ours.origin, ours.address, as_json=as_json)

    def ready() -> None:
        settle_collector()  # what a node keeps is there now
        said()

    with hold_lock(ours.path):
        code = serve_node(ours, ready=ready)
    raise typer.Exit(code)


def announce(origin: str, address: str, *, as_json: bool) -> Callable[[], None]:
    """What to call when the process serves: it prints one line, `ready ORIGIN ADDRESS`."""

    def ready() -> None:
        if as_json:
            json_line({"ready": True, "origin": origin, "address": address})
        else:
            line(f"ready {origin} {address}")

    return ready


def stop_on_sigterm() -> None:
    """End with code 0 on SIGTERM, also before the server has its own answer to it."""
    signal.signal(signal.SIGTERM, _stop)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise typer.Exit


def _witness(text: str) -> Witness:
    key, at, address = text.rpartition("@")
    if not at:
        raise Malformed(f"{text[:60]!r} is not of the form VKEY@URL")
    return Witness(key=key, address=address)


def _check_exercise(home: Home, exercise: str | None) -> None:
    """Nobody plays on a live node, or takes an exercise for the real thing, by a slip."""
    if home.exercise == exercise:
        return
    if home.exercise is None:
        reason = f"{home.path} is the home of a live node; an exercise has homes of its own"
        advice = "Make one: comity init --exercise ID"
    else:
        reason = f"{home.path} belongs to the exercise {home.exercise}"
        advice = f"Say so: comity serve --exercise {home.exercise}"
    raise Refused(Refusal(code="exercise_mismatch", reason=reason, what_to_do=advice))
