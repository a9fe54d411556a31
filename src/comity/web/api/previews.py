"""What a party is told of a notice of ours: before it is declared, and after.

A preview runs the code that telling runs, on the same agreements, and writes nothing. Called by way
of the table.
"""

from dataclasses import replace

from comity.airspace.footprint import check
from comity.intake.subject import declaration_of
from comity.intake.tell import Telling, tellings, told_to
from comity.intake.terms import agreed
from comity.model.disclosure import DisclosureStep
from comity.model.fault import Corrupt, Refusal, Refused
from comity.model.notice import Transition
from comity.model.parameter import STEP_NAMES
from comity.model.volume import Volume4D
from comity.storage.rows import SubjectRow
from comity.storage.store import Reading
from comity.web.api.geojson import picture_of
from comity.web.api.shapes import NoticeRequest, Page
from comity.web.api.shapes_agreements import ToldView
from comity.web.api.translate import declaration_from, identity_from
from comity.web.api.views import volume_view
from comity.web.gate import Admitted
from comity.web.problem import BadField
from comity.wire.fields import parse_fields, serialise_fields
from comity.wire.notice_v1 import fields_of, notice_from

__all__ = ["previewed", "told"]


def previewed(call: Admitted, request: NoticeRequest) -> Page[ToldView]:
    """What each party of `to` would be told; what declaring would refuse as no area is refused."""
    order = declaration_from(request, call.node.roster.now)
    if not order.to:
        raise BadField("say to whom", code="missing_field", field="to")
    for volume in order.notice.volumes:
        check(volume.footprint)
    own, now_us = call.node.origin, call.now_us
    found = call.read(lambda r: agreed(r, own, now_us))
    return Page(
        items=[
            _view(each, None, each.declaration.volumes)
            for each in tellings(found, order.notice, order.to)
        ]
    )


def told(call: Admitted) -> Page[ToldView]:
    """What each recipient of a subject of ours was told: its declaration, with the volumes now."""
    notice = identity_from(call.path["id"], "id")

    def query(reading: Reading) -> Page[ToldView]:
        row = reading.sky.subject_of_notice(notice)
        if row is None or not row.ours:
            raise Refused(
                Refusal(
                    code="not_found",
                    reason="no notice of ours has that id",
                    what_to_do="list your own notices",
                    field="id",
                )
            )
        return Page(items=[_told(reading, row, to) for to in row.recipients.split()])

    return call.read(query)


def _told(reading: Reading, row: SubjectRow, audience: str) -> ToldView:
    """The declaration as that party got it, and its newest volumes."""
    kept = told_to(reading, row, audience)
    said = notice_from(parse_fields(kept.volumes or row.volumes))
    if isinstance(said, Transition):
        raise Corrupt("a subject's volumes stand in no transition", code="bad_subject")
    telling = Telling(
        audience=audience,
        step=DisclosureStep(kept.step),
        ground=kept.basis,
        grid=(0, 0),
        declaration=declaration_of(replace(row, content=kept.content or row.content)),
    )
    return _view(telling, kept.declared, said.volumes)


def _view(telling: Telling, known_as: bytes | None, volumes: tuple[Volume4D, ...]) -> ToldView:
    declared = telling.declaration
    return ToldView(
        to=telling.audience,
        step=telling.step,
        step_name=STEP_NAMES[telling.step - 1],
        ground=telling.ground,
        id=None if known_as is None else known_as.hex(),
        content=serialise_fields(fields_of(declared)).hex(),
        kind=declared.kind,
        name=declared.name,
        purpose=declared.purpose,
        domain=declared.domain,
        craft=declared.craft,
        onward=declared.onward,
        volumes=[volume_view(volume) for volume in volumes],
        picture=picture_of(volumes),
    )
