"""The draft of a NOTAM for a notice of ours, or for a hazard whose owner lets it be passed on.

A draft is for the office that publishes; nothing is written and nothing is sent. Called by way of
the table.
"""

from comity.airspace.notam import NotamPurpose, NotamWords, draft_notam
from comity.intake.receive import prompt_of
from comity.intake.subject import declaration_of, volumes_of
from comity.intake.terms import agreed
from comity.model.fault import Refusal, Refused
from comity.model.lifecycle import LifeState, is_live
from comity.model.notice import Declaration, Onward, SubjectKind
from comity.model.quantity import instant_text
from comity.model.volume import Volume4D
from comity.storage.rows import SubjectRow
from comity.storage.store import Reading
from comity.web.api.shapes import Page
from comity.web.api.shapes_notams import NotamDraftView
from comity.web.api.translate import identity_from
from comity.web.gate import Admitted
from comity.web.problem import BadField

__all__ = ["drafted"]


def drafted(call: Admitted) -> Page[NotamDraftView]:
    """A draft for each volume that is not over."""
    notice = identity_from(call.path["id"], "id")
    words = _words(call)
    said, volumes = call.read(lambda r: _said(r, call, notice))
    return Page(
        items=[
            NotamDraftView(
                volume=draft.volume,
                text=draft.text,
                lower_level=draft.lower_level,
                upper_level=draft.upper_level,
                centre=draft.centre,
                radius_nm=draft.radius_nm,
                start=instant_text(draft.start_us),
                end=instant_text(draft.end_us),
            )
            for draft in draft_notam(said, volumes, words, call.now_us)
        ]
    )


def _words(call: Admitted) -> NotamWords:
    purpose = call.query.get("purpose", NotamPurpose.BO)
    if purpose not in set(NotamPurpose):
        allowed = ", ".join(NotamPurpose)
        raise BadField(f"`purpose` is one of {allowed}", code="bad_query", field="purpose")
    return NotamWords(
        fir=call.query.get("fir"),
        series=call.query.get("series", "A"),
        purpose=NotamPurpose(purpose),
        aerodrome=call.query.get("aerodrome"),
    )


def _said(
    reading: Reading, call: Admitted, notice: bytes
) -> tuple[Declaration, tuple[Volume4D, ...]]:
    """What was declared, with its present volumes: of ours, or of a hazard to be passed on."""
    row = reading.sky.subject_of_notice(notice)
    if row is None:
        raise _no("not_found", "nothing with that id is here", "list the notices")
    if not row.ours:
        _check_onward(reading, call, row)
    if not is_live(LifeState(row.state)):
        raise _no("notam_over", f"it is {row.state}", "draft what is still to come")
    return declaration_of(row), volumes_of(row)


def _check_onward(reading: Reading, call: Admitted, row: SubjectRow) -> None:
    """What is published is passed on: of another party's, only a hazard that is `full`."""
    advice = "declare a hazard of your own, or ask its owner for `full`"
    if row.kind != SubjectKind.HAZARD:
        raise _no("notam_not_ours", "it is another party's, and no hazard", advice)
    found = agreed(reading, call.node.origin, call.now_us)
    prompt = prompt_of(reading, found, row.id)
    if prompt is not None and prompt.onward is not Onward.FULL:
        raise _no("notam_not_onward", f"its owner lets {prompt.onward} be passed on", advice)


def _no(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do, field="id"))
