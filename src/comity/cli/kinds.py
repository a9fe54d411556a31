"""Says of what kind an id is, where a command took another: which command takes that.

Called by the verbs that answer.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from comity.cli.failure import Failed
from comity.cli.node import Node, shaped
from comity.cli.show import short
from comity.model.fault import Fault, Refusal, Refused

__all__ = ["saying_kind"]

_NOT_THERE = frozenset({"not_found", "no_such_message", "no_such_notice", "no_such_request"})
# The list that holds a kind, its name, and the command that answers it.
_KINDS = (
    ("notices", "notice", "comity ack seen {id}"),
    ("messages", "message", "comity hotline answer {id} CODE"),
    ("requests", "request", "comity request answer {id} DECISION"),
    ("held-messages", "message that waits for a release", "comity hotline release {id} --by NAME"),
    ("handovers", "handover", "comity hotline handover accept {id} --by NAME"),
)


class _Row(msgspec.Struct, frozen=True):
    """What all of them have."""

    id: str


@contextmanager
def saying_kind(node: Node, digits: str, wanted: str) -> Iterator[None]:
    """Of an id that is not there as a `wanted`, say what it is and which command takes it."""
    try:
        yield
    except Fault as fault:
        if fault.code not in _NOT_THERE:
            raise
        for path, kind, command in _KINDS:
            ids = [] if kind == wanted else _ids(node, path, digits)
            if len(ids) == 1:
                raise _other(digits, kind, command.format(id=short(ids[0]))) from fault
        raise


def _ids(node: Node, path: str, digits: str) -> list[str]:
    try:
        rows = shaped(node.items(path), list[_Row])
    except Failed:
        return []  # what is said then is the fault itself
    return [row.id for row in rows if row.id.startswith(digits)]


def _other(digits: str, kind: str, command: str) -> Refused:
    reason = f"{short(digits)} is a {kind}"
    return Refused(Refusal(code="another_kind", reason=reason, what_to_do=command))
