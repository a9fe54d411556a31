"""`serve_witness` runs one neutral witness, and returns an exit code after a graceful stop."""

import logging
from collections.abc import Callable
from contextlib import AsyncExitStack

import uvloop

from comity.assembly.process import (
    EXIT_FATAL,
    EXIT_OK,
    open_clock_socket,
    serve_app,
    stop_on_signals,
)
from comity.assembly.start import EXERCISE_START_US, tls_of
from comity.clock import Clock, SystemClock, VirtualClock
from comity.config import WitnessHome, load_cosigners
from comity.exchange.pace import Pacer
from comity.exchange.witness import Witness, witness_routes
from comity.model.fault import Corrupt
from comity.storage.sqlite.store import SqliteStore
from comity.trust.keys import keys_by_name
from comity.web.app import make_bare_app

__all__ = ["serve_witness"]

_LOG = logging.getLogger("comity")


def serve_witness(home: WitnessHome, *, ready: Callable[[], None]) -> int:
    """Run a neutral witness until SIGTERM or SIGINT."""
    return uvloop.run(_serve_witness(home, ready))


async def _serve_witness(home: WitnessHome, ready: Callable[[], None]) -> int:
    stop = stop_on_signals()
    logs = keys_by_name(home.logs)
    async with AsyncExitStack() as stack:
        store = SqliteStore(home.path / "data")
        stack.callback(store.close)
        clock: Clock = SystemClock()
        if home.exercise is not None:
            clock = VirtualClock(EXERCISE_START_US)
            await open_clock_socket(home.path, clock, Pacer(clock, _raise), stack)
        witness = Witness(keys=load_cosigners(home), logs=logs, store=store, clock=clock)
        broken: list[Corrupt] = []

        def fatal(fault: Corrupt) -> None:
            _LOG.critical("fatal: %s", fault)
            broken.append(fault)
            stop.set()

        app = make_bare_app(witness_routes(witness), fatal)
        await serve_app(app, home.address, tls_of(home), ready, stop)
    return EXIT_FATAL if broken else EXIT_OK


def _raise(fault: BaseException) -> None:
    raise fault
