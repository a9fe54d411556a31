"""How a message looks: both wordings, where it stands, every answer. Called by `hotline`, `status`.

Wordings hold isolates, which keep data left to right; everything else is shown without.
"""

from collections.abc import Sequence

from comity.cli.hotline_about import abouts_of
from comity.cli.node import Node
from comity.cli.show import facts, heading, line, phrase_line, short
from comity.model.message import STANDBY
from comity.model.party import party_name
from comity.web.api.shapes_messages import MessageAnswerView, MessageView

__all__ = ["show_message", "show_table"]


def show_table(node: Node, views: Sequence[MessageView]) -> None:
    """Lines for each: id, who to whom, where it stands; what is said; and about what."""
    abouts = abouts_of(node, views)
    for view in views:
        way = f"{party_name(view.sender)} to {party_name(view.receiver)}"
        phrase_line(f"{short(view.id)}  {view.at}  {way}  [{_standing(view)}]")
        phrase_line(f"    {view.reader_wording}")
        if view.about is not None:
            line(f"    about {abouts[view.about]}")


def show_message(node: Node, view: MessageView) -> None:
    """All of one message."""
    about = "" if view.about is None else abouts_of(node, [view])[view.about]
    heading(f"message {view.id}")
    facts(
        [
            ("from", f"{view.sender} ({view.role})"),
            ("to", view.receiver),
            ("precedence", f"{view.precedence}{', safety floor' if view.floor else ''}"),
            ("about", about),
            ("its id", view.about or ""),
            ("answer due", f"{view.due}: {_ground(view)}" if view.due else ""),
            ("answered by", ", ".join(view.answers_allowed) if view.due else ""),
            ("standing", _standing(view)),
            ("delivered", view.delivered or ""),
            ("refused", "" if view.verdict in (None, "accepted") else str(view.verdict)),
        ]
    )
    _wordings(view)
    for answer in view.answers:
        line(f"{answer.at} {party_name(view.receiver)} ({answer.role}):")
        _wordings(answer)
        for each in answer.differs:
            line(f"  READ BACK DIFFERS: {each}")


def _ground(view: MessageView) -> str:
    """What the deadline rests on: the newest S moved it, else what is agreed."""
    moved = [each for each in view.answers if each.code == STANDBY]
    if not moved:
        return view.ground
    return f"moved by {STANDBY}, {moved[-1].values.get('minutes')} min, at {moved[-1].at}"


def _wordings(said: MessageView | MessageAnswerView) -> None:
    phrase_line(f"  said  {said.sender_wording}")
    if said.reader_wording != said.sender_wording:
        phrase_line(f"  read  {said.reader_wording}")


def _standing(view: MessageView) -> str:
    if view.unanswered:
        return "UNANSWERED" if view.answer is None else f"{view.answer}, then UNANSWERED"
    if view.due is not None:
        last = "" if view.answer is None else f"{view.answer}, "
        return f"{last}open until {view.due}"
    return f"answered {view.answer}"
