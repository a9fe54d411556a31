"""The part of a summary about what was said beside notices: agreements, requests, reports, flags.

Each thing once, with the nodes that show it. Pure. Called by summary.
"""

from collections.abc import Iterable, Mapping

from comity.exercise.answers import Notice, Reply, Request
from comity.exercise.record import PartyRecord, Record
from comity.wire.canonical import Json

__all__ = ["said_keys"]


def said_keys(record: Record) -> dict[str, Json]:
    """The keys `notices`, `held`, `agreements`, `requests` and `reports`."""
    return {
        "notices": _notices(record),
        "held": _held(record),
        "agreements": _agreements(record),
        "requests": _requests(record),
        "reports": _reports(record),
    }


def _notices(record: Record) -> Json:
    """What each party declared, as its own node shows it: its state, and its flags by clause."""
    return [
        {
            "id": record.labels.get(notice.id, notice.id),
            "kind": notice.kind,
            "state": notice.state,
            "flags": list(notice.flags),
            "grounds": list(notice.grounds),
        }
        for party, notice in _shown(record)
        if notice.owner == party.status.origin
    ]


def _held(record: Record) -> Json:
    """What each node shows of each notice, its own and others'."""
    names = {party.status.origin: party.party for party in record.parties}
    return [
        {
            "id": record.labels.get(notice.id, notice.id),
            "at_node": party.party,
            "state": notice.state,
            "flags": list(notice.flags),
            "verdict": notice.assessment.verdict if notice.assessment else None,
            "delivered": notice.delivered,
            "deliveries": [
                {
                    "to": names.get(each.to, each.to),
                    "delivered": each.delivered,
                    "seen": each.seen,
                    "read_back": each.read_back,
                }
                for each in notice.deliveries
            ],
        }
        for party, notice in _shown(record)
        if notice.id in record.labels
    ]


def _shown(record: Record) -> Iterable[tuple[PartyRecord, Notice]]:
    rows = [(party, notice) for party in record.parties for notice in party.notices]
    return sorted(rows, key=lambda row: (row[1].issued, row[1].id))


def _agreements(record: Record) -> Json:
    return [
        {
            "name": accord.name,
            "version": accord.version,
            "party": party.party,
            "state": accord.state,
            "missing": len(accord.missing),
        }
        for party in record.parties
        for accord in party.accords
    ]


def _requests(record: Record) -> Json:
    """Each request once, as the asker's node shows it, with the nodes that show the same."""
    names = {party.status.origin: party.party for party in record.parties}
    first: dict[str, Request] = {}
    shown: dict[str, list[Json]] = {}
    for party in record.parties:
        for request in party.requests:
            if names.get(request.asker) == party.party or request.id not in first:
                first[request.id] = request
            shown.setdefault(request.id, []).append(
                {"party": party.party, "decision": request.decision}
            )
    rows = sorted(first.values(), key=lambda request: (request.at, request.id))
    return [_request(record, names, request, shown[request.id]) for request in rows]


def _request(record: Record, names: Mapping[str, str], request: Request, shown: list[Json]) -> Json:
    return {
        "id": record.labels.get(request.id, request.id),
        "asker": names.get(request.asker, request.asker),
        "asked": names.get(request.asked, request.asked),
        "wanted": request.wanted,
        "by": request.by,
        "at": request.at,
        "decision": request.decision,
        "unanswered": request.unanswered,
        "replies": [_reply(reply) for reply in request.replies],
        "shown_by": shown,
    }


def _reply(reply: Reply) -> Json:
    return {
        "decision": reply.decision,
        "reason": reply.reason,
        "role": reply.role,
        "at": reply.at,
    }


def _reports(record: Record) -> Json:
    """The reports on each hazard as each node lists them: in the order in which they came there."""
    names = {party.status.origin: party.party for party in record.parties}
    return [
        {
            "of": record.labels.get(notice.id, notice.id),
            "at_node": party.party,
            "by": names.get(report.by, report.by),
            "stance": report.stance,
            "confidence": report.confidence,
            "source": report.source,
            "at": report.at,
        }
        for party, notice in _shown(record)
        for report in notice.reports
    ]
