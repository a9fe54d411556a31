"""Records who asked in vain for what is protected: strangers, callers without the scope, too many.

A refusal changes nothing anywhere else. Here the refused question is kept: as an entry of our own
journal, and as a warning that a person sees; at most one an hour for a caller and a code. Called by
way of the table of the register.
"""

import logging
from dataclasses import replace

from starlette.requests import Request

from comity.intake.guard import note_refusal
from comity.model.fault import Corrupt, Fault
from comity.web.gate import caller_of
from comity.web.node import Node
from comity.web.route import Route

__all__ = ["watched"]

_RECORDED = frozenset(
    {
        *("no_key", "unknown_key", "scope_missing"),
        *("not_found", "too_many_reads", "too_many_checks"),
    }
)
_STRANGER = "a stranger"
_LOG = logging.getLogger("comity.web")


def watched(route: Route) -> Route:
    """The route, whose refusals are recorded."""
    return replace(route, on_refusal=_record)


async def _record(node: Node, request: Request, fault: Fault) -> None:
    if fault.code not in _RECORDED:
        return
    caller = caller_of(node, request)
    who = _STRANGER if caller is None else caller.name
    now_us = node.clock.now_us()
    count = node.refusals.due(who, fault.code, now_us)
    if count is None:
        return
    try:
        await node.commit(lambda tx, pen: note_refusal(tx, pen, who, fault.code, count), now_us)
    except Corrupt:
        raise
    except Fault:
        _LOG.warning("a refused question about the register could not be recorded")
