"""Conflicts as a person reads them and a map draws them; and the overlaps that a plan would make.

The list is never shortened: a safety answer that leaves something out is worse than a long one.
What is sealed is not drawn. Called by way of the table.
"""

from comity.airspace.clearance import Approach
from comity.airspace.lonlat import Json
from comity.airspace.overlap import overlap_feature
from comity.intake.foresee import foreseen
from comity.intake.receive import check_areas
from comity.intake.recount import Pair, approach_of, pair_of
from comity.intake.terms import agreed
from comity.model.fault import Refusal, Refused
from comity.storage.rows import ConflictRow
from comity.storage.store import Reading
from comity.web.api.shapes import ConflictView, NoticeRequest, Page
from comity.web.api.translate import declaration_from, identity_from
from comity.web.api.views import conflict_view
from comity.web.gate import Admitted
from comity.web.json_body import shaped
from comity.web.route import Answer
from comity.wire.canonical import dumps

__all__ = ["MEDIA_TYPE", "checked_overlaps", "listed", "overlap", "shown"]

MEDIA_TYPE = "application/geo+json"  # RFC 7946, section 12


def listed(call: Admitted) -> Page[ConflictView]:
    """All conflicts, those that are over too; or those of one subject that still hold."""
    asked = call.query.get("subject")
    subject = None if asked is None else identity_from(asked, "subject")

    def query(reading: Reading) -> Page[ConflictView]:
        found = agreed(reading, call.node.origin, call.now_us)
        sky = reading.sky
        rows = sky.conflicts() if subject is None else sky.conflicts_of(subject)
        return Page(items=[conflict_view(reading, found, row) for row in rows])

    return call.read(query)


def shown(call: Admitted) -> ConflictView:
    """One conflict."""
    id_ = identity_from(call.path["id"], "id")

    def query(reading: Reading) -> ConflictView:
        found = agreed(reading, call.node.origin, call.now_us)
        return conflict_view(reading, found, _conflict(reading, id_))

    return call.read(query)


async def overlap(call: Admitted) -> Answer:
    """The overlap of one conflict, or the line between the two."""
    id_ = identity_from(call.path["id"], "id")

    def query(reading: Reading) -> Json:
        row = _conflict(reading, id_)
        pair = pair_of(reading, row)
        if pair is None:
            raise Refused(
                Refusal(
                    code="not_drawn",
                    reason="its areas are sealed, have changed since, or are kept no more",
                    what_to_do="read its sentence: that says what was recorded",
                )
            )
        return _feature(row.id, pair, approach_of(row))

    return _answer([call.read(query)])


async def checked_overlaps(call: Admitted) -> Answer:
    """What a plan would overlap, or come too close to; entries of the register are left out."""
    request = shaped(call.body, NoticeRequest)
    plan = declaration_from(request, call.node.roster.now).notice
    keys, own, now_us = call.node.identity.entry_keys, call.node.origin, call.now_us
    check_areas(plan.volumes, call.now_us)
    found = call.read(lambda r: foreseen(r, keys, own, now_us, plan))
    return _answer(
        [_feature(each.id, each.pair, each.approach) for each in found if each.pair is not None]
    )


def _feature(id_: bytes, pair: Pair, approach: Approach) -> Json:
    return {**overlap_feature(*pair, approach), "id": id_.hex()}


def _answer(features: list[Json]) -> Answer:
    return Answer(body=dumps({"type": "FeatureCollection", "features": features}))


def _conflict(reading: Reading, id_: bytes) -> ConflictRow:
    for row in reading.sky.conflicts():
        if row.id == id_:
            return row
    raise Refused(
        Refusal(
            code="not_found",
            reason="there is no such conflict",
            what_to_do="list the conflicts",
        )
    )
