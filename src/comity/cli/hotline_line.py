"""`comity hotline line`, `gaps`, `linecheck`: how a line stands, where it was cut, who is there.

Called by `hotline`.
"""

from collections.abc import Sequence
from typing import Annotated

import typer

from comity.cli.ack_step import SpeakerOption
from comity.cli.find import find_party
from comity.cli.hotline_phrases import LanguageOption
from comity.cli.hotline_view import show_message
from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, JsonOption, OnceOption
from comity.cli.show import facts, heading, json_line, line, short, table
from comity.config import read_home
from comity.hotline.line_check import LINE_CHECK
from comity.model.party import party_name
from comity.model.phrasebook import ENGLISH
from comity.web.api.shapes_lines import CheckView, GapView, LineCheckView, LineView
from comity.web.api.shapes_messages import MessageRequest, MessageView

__all__ = ["gaps", "line_states", "linecheck"]

_MINUTE_S, _HOUR_S = 60, 3_600
PartyArgument = Annotated[
    str | None, typer.Argument(metavar="[PARTY]", help="Only this party: name or origin.")
]


def line_states(
    party: PartyArgument = None, *, home: HomeOption = HOME, as_json: JsonOption = False
) -> None:
    """Show how each line stands, since when, and by what the party was heard last."""
    node = Node(read_home(home))
    views = _lines(node, party)
    if as_json:
        json_line([body(view) for view in views])
        return
    if party is None:
        _table(views)
        return
    (view,) = views
    _show(view)
    _show_gaps(shaped(node.items("gaps", {"party": view.origin}), list[GapView]))


def gaps(
    party: PartyArgument = None, *, home: HomeOption = HOME, as_json: JsonOption = False
) -> None:
    """List the times without proven contact, newest first, with the entries that say so."""
    node = Node(read_home(home))
    query = {} if party is None else {"party": find_party(node, party).origin}
    found = node.items("gaps", query)
    if as_json:
        json_line(found)
    else:
        _show_gaps(shaped(found, list[GapView]))


def linecheck(
    party: PartyArgument = None,
    *,
    role: SpeakerOption = "duty officer",
    person: Annotated[
        str, typer.Option("--person", metavar="NAME", help="Who speaks: free text, sent as it is.")
    ] = "",
    language: LanguageOption = ENGLISH,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Ask whether a person is there (L1), or without a party list when each check is due."""
    node = Node(read_home(home))
    if party is None:
        views = _lines(node, None)
        if as_json:
            json_line([body(view) for view in views])
        else:
            _checks(views)
        return
    request = MessageRequest(
        code=LINE_CHECK,
        to=find_party(node, party).origin,
        role=role,
        language=language,
        words=person,
    )
    answer = node.post("messages", body(request), once)
    if as_json:
        json_line(answer)
        return
    view = shaped(answer, MessageView)
    show_message(node, view)
    name = party_name(view.receiver)
    line(f"A person at {name} answers RC: comity hotline answer {short(view.id)} RC")


def _lines(node: Node, party: str | None) -> list[LineView]:
    views = shaped(node.items("lines"), list[LineView])
    if party is None:
        return views
    origin = find_party(node, party).origin
    return [view for view in views if view.origin == origin]


def _table(views: Sequence[LineView]) -> None:
    if not views:
        line("no party is enrolled")
        return
    rows = [
        (
            view.party,
            view.state,
            view.since or "-",
            view.contact or view.heard or "-",
            str(view.gaps),
            _check_word(view.check),
        )
        for view in views
    ]
    table(("party", "line", "since", "last proven contact", "gaps", "line check"), rows)


def _show(view: LineView) -> None:
    heading(f"{view.party}: {view.state}")
    contact = view.contact
    if contact is not None and view.contact_entry is not None:
        contact = f"{contact}, by the head in entry {view.contact_entry}"
    facts(
        [
            ("origin", view.origin),
            ("since", view.since or ""),
            ("reason", view.reason),
            ("last proven contact", contact or ""),
            ("silent after", f"{view.silent_after_s:g} s without one"),
            ("line check", _check_word(view.check)),
            ("last check", _last_check(view.check)),
        ]
    )


def _show_gaps(views: Sequence[GapView]) -> None:
    if not views:
        line("no gap is on record")
        return
    rows = [
        (
            party_name(view.party),
            view.start,
            view.end or "not over",
            _length(view.seconds),
            " ".join(map(str, view.entries)),
            _heads(view),
            "; ".join(f"{each.start} to {each.end}" for each in view.down) or "-",
        )
        for view in views
    ]
    heads = ("party", "from", "until", "length", "entries", "heads", "this node may not have run")
    table(heads, rows)


def _checks(views: Sequence[LineView]) -> None:
    rows = [
        (view.party, _check_word(view.check), _last_check(view.check) or "never") for view in views
    ]
    table(("party", "line check", "last"), rows)


def _check_word(check: LineCheckView | None) -> str:
    if check is None:
        return "none yet"
    if check.open_since is not None:
        word = "OVERDUE" if check.overdue else "DUE"
        return f"{word} since {check.open_since}"
    return f"next at {check.next}"


def _last_check(check: LineCheckView | None) -> str:
    return "" if check is None or check.last is None else _said(check.last)


def _said(last: CheckView) -> str:
    """Who asked, who answered, and how long it took by whose clock."""
    times = []
    if last.round_trip_s is not None:
        times.append(f"{last.round_trip_s:.1f} s by our clock")
    if last.there_s is not None:
        whose = "by its own" if last.round_trip_s is not None else "here"
        times.append(f"{last.there_s:.1f} s {whose}")
    who = f"{party_name(last.asker)} ({last.asker_role}) asked, {last.answerer_role} answered"
    return f"{last.answered}: {who}, {', '.join(times)}"


def _heads(view: GapView) -> str:
    return f"{'-' if view.head_before is None else view.head_before} and " + (
        "-" if view.head_after is None else str(view.head_after)
    )


def _length(seconds: float) -> str:
    whole = round(seconds)
    hours, rest = divmod(whole, _HOUR_S)
    minutes, left = divmod(rest, _MINUTE_S)
    parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes)
    return " ".join(parts) if hours else " ".join([*parts, f"{left} s"])
