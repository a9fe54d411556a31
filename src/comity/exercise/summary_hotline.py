"""The part of a summary about the hotline: messages, lines, what overtook what, counts, drafts.

Each node's view stands by itself, so that two views can be compared. Pure. Called by summary.
"""

from collections.abc import Iterable, Mapping

from comity.exercise.answers import Message, Notice
from comity.exercise.record import PartyRecord, Placed, Record
from comity.model.quantity import instant_text
from comity.wire.canonical import Json

__all__ = ["hotline_keys"]


def hotline_keys(record: Record) -> dict[str, Json]:
    """The keys `messages`, `lines`, `overtaken`, `counts`, `frequencies` and `drafts`."""
    names = {party.status.origin: party.party for party in record.parties}
    return {
        "messages": _messages(record, names),
        "lines": [
            {"at_node": e.party, "to": e.other, "state": e.state, "at": instant_text(e.at_us)}
            for e in record.lines
        ],
        "overtaken": [
            {"at_node": e.party, "from": e.giver, "first": e.first, "passed": e.passed}
            for e in record.overtaken
        ],
        "counts": list(_counts(record.parties, names)),
        "frequencies": [
            {
                "at_node": party.party,
                "with": other,
                "name": ruling.parameter.removesuffix("_hz"),
                "shown": ruling.shown,
            }
            for party in record.parties
            for other, ruling in party.rulings
            if ruling.parameter.endswith("_hz")
        ],
        "drafts": [{"by": e.by, "of": e.of, "text": e.text} for e in record.drafts],
    }


def _messages(record: Record, names: Mapping[str, str]) -> Json:
    """Each message once for each node that shows it, in the words that its people read."""
    placed = {(each.party, each.message): each for each in record.placed}
    rows = [
        (message.at, message.id, party.party, message)
        for party in record.parties
        for message in party.messages
        if message.id in record.labels
    ]
    return [
        _message(record, names, placed.get((party, message.id)), party, message)
        for _, _, party, message in sorted(rows, key=lambda row: row[:3])
    ]


def _message(
    record: Record,
    names: Mapping[str, str],
    placed: Placed | None,
    party: str,
    message: Message,
) -> Json:
    return {
        "id": record.labels[message.id],
        "at_node": party,
        "code": message.code,
        "precedence": message.precedence,
        "from": names.get(message.sender, message.sender),
        "to": names.get(message.receiver, message.receiver),
        "first_shown": None if placed is None else instant_text(placed.at_us),
        "place": None if placed is None else placed.place,
        "sender_wording": message.sender_wording,
        "reader_wording": message.reader_wording,
        "answer": message.answer,
        "unanswered": message.unanswered,
        "verdict": message.verdict,
        "answers": [
            {"code": each.code, "role": each.role, "differs": list(each.differs), "at": each.at}
            for each in message.answers
        ],
    }


def _counts(parties: Iterable[PartyRecord], names: Mapping[str, str]) -> Iterable[Json]:
    """What each node counts as given by one party to another, as far as it has to do with both."""
    for party in parties:
        others = [line.name for line in party.status.parties]
        ways = [(party.party, other) for other in others]
        for by, to in [*ways, *((other, own) for own, other in ways)]:
            yield {
                "at_node": party.party,
                "by": by,
                "to": to,
                "notices": sum(
                    names.get(notice.owner) == by and _reached(notice, names, party.party, to)
                    for notice in party.notices
                ),
                "messages": sum(
                    (names.get(message.sender), names.get(message.receiver)) == (by, to)
                    for message in party.messages
                ),
                "requests": sum(
                    (names.get(request.asker), names.get(request.asked)) == (by, to)
                    for request in party.requests
                ),
            }


def _reached(notice: Notice, names: Mapping[str, str], at_node: str, to: str) -> bool:
    """Whether it was delivered to `to`: a recipient holds it, its owner has the receipt."""
    if at_node == to:
        return True
    return any(
        names.get(delivery.to, delivery.to) == to and delivery.delivered is not None
        for delivery in notice.deliveries
    )
