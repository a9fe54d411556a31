"""The part of the report about one variant's requests and reports: side by side, nobody's verdict.

Pure: text from the summary. Called by report_hours.
"""

from collections.abc import Callable

from comity.exercise.table import table
from comity.wire.canonical import Json

__all__ = ["said_parts"]

_REPLIES = (
    "A reply is the asked party's own act; a node records it and approves nothing. What each party "
    "showed at the end is the same, or stands here beside it."
)
_REPORTS = (
    "As each node lists them: in the order in which they came there. None takes the place of "
    "another and none decides."
)


def said_parts(summary: dict[str, Json], clock: Callable[[Json], str]) -> list[str]:
    """A section on requests and one on reports, if there were any; `clock` shows local times."""
    return [part for part in (_requests(summary, clock), _reports(summary, clock)) if part]


def _requests(summary: dict[str, Json], clock: Callable[[Json], str]) -> str:
    rows = [
        (
            f"{request['asker']} asks {request['asked']}: {request['wanted']}",
            str(request["id"]),
            clock(request["at"]),
            clock(request["by"]),
            "; ".join(_reply(reply, clock) for reply in _dicts(request["replies"])) or "none",
            _standing(request),
        )
        for request in _dicts(summary["requests"])
    ]
    if not rows:
        return ""
    head = ("request", "named", "at", "wanted by", "replies", "at the end")
    return f"### Requests\n\n{table(head, rows)}\n\n{_REPLIES}"


def _reply(reply: dict[str, Json], clock: Callable[[Json], str]) -> str:
    reason = f" ({reply['reason']})" if reply["reason"] else ""
    return f"{clock(reply['at'])} {reply['decision']}{reason}, {reply['role']}"


def _standing(request: dict[str, Json]) -> str:
    if request["unanswered"]:
        return "**unanswered**"
    shown = {str(each["decision"] or "none yet") for each in _dicts(request["shown_by"])}
    return " and ".join(sorted(shown))


def _reports(summary: dict[str, Json], clock: Callable[[Json], str]) -> str:
    rows = [
        (
            str(report["at_node"]),
            str(report["of"]),
            f"{report['by']} {report['stance']}",
            str(report["confidence"]),
            clock(report["at"]),
            str(report["source"]),
        )
        for report in _dicts(summary["reports"])
    ]
    if not rows:
        return ""
    head = ("at the node of", "about", "report", "confidence", "came", "source, quoted")
    return f"### Reports side by side\n\n{table(head, rows)}\n\n{_REPORTS}"


def _dicts(value: Json) -> list[dict[str, Json]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
