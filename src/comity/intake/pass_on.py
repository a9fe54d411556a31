"""What of a notice may be shown to a unit that is no recipient of it, and no more than that.

`onward` decides, or the agreement where that is narrower: `full` lets the notice pass, `derived`
only a protected presence or hazard of our own that it prompted and that takes nothing from it,
`none` nothing. What is ours and was prompted by nobody's notice is ours to show. Free texts never
pass. Called by the doors.
"""

from contextlib import suppress
from dataclasses import replace

from comity.intake.permit import Prompt, may_answer
from comity.intake.receive import prompt_of, refuse
from comity.intake.subject import declaration_of, volumes_of
from comity.intake.terms import Agreed
from comity.model.fault import Refusal, Refused
from comity.model.lifecycle import LifeState, is_live
from comity.model.notice import Onward
from comity.model.relay import PassedOn, passed_on
from comity.storage.rows import SubjectRow
from comity.storage.store import Reading

__all__ = ["may_pass_on", "passing"]

_OUTSIDE = ("a unit outside",)  # no origin, so it is never the notice's owner


def may_pass_on(reading: Reading, found: Agreed, notice: bytes) -> PassedOn:
    """What may be passed on of the notice, or of our own, that has the id `notice`.

    Raises:
        Refused: `not_found`, `notice_over`, `onward_none`, `onward_derived`, `taken_from_notice`,
            or, where only our own may pass, `nothing_derived` and `which_derived`.
    """
    row = reading.sky.subject_of_notice(notice)
    if row is None:
        raise _no("not_found", "no notice with that id is there", "list the notices")
    if not is_live(LifeState(row.state)):
        raise _no("notice_over", f"it is {row.state}", "say that by voice; a page shows what is on")
    if row.ours:
        return _ours(row, prompt_of(reading, found, row.prompted_by))
    prompt = prompt_of(reading, found, notice)
    if prompt is None or prompt.onward is Onward.FULL:
        return _passed(row)
    if prompt.onward is Onward.NONE:
        refuse(may_answer(declaration_of(row), _OUTSIDE, prompt))
    own = _derived(reading, row)
    if len(own) == 1:
        return _ours(own[0], prompt)
    if own:
        ids = ", ".join(each.id.hex()[:12] for each in own)
        raise _no(
            "which_derived",
            f"more than one of ours is prompted by it: {ids}",
            "name the one that is to be shown",
        )
    raise _no(
        "nothing_derived",
        "of that notice only what is our own may pass, and nothing of ours is prompted by it",
        "declare a protected presence or hazard of our own, prompted by it",
    )


def passing(reading: Reading, found: Agreed, subject: SubjectRow) -> tuple[PassedOn, ...]:
    """All that may be passed on now to who is told of a subject: it, or ours that it prompted."""
    shown = []
    for row in (subject, *_derived(reading, subject)):
        with suppress(Refused):
            shown.append(may_pass_on(reading, found, row.id))
    return tuple(shown)


def _derived(reading: Reading, row: SubjectRow) -> list[SubjectRow]:
    """What is live of our own and was prompted by any notice about a peer's subject."""
    notices = reading.sky.notices_of(row.id)
    own = [each for notice in notices for each in reading.sky.prompted(notice)]
    return [each for each in own if is_live(LifeState(each.state))]


def _ours(row: SubjectRow, prompt: Prompt | None) -> PassedOn:
    """Our own, unless what prompted it does not let it pass as it was declared or is now."""
    if prompt is not None:
        said = declaration_of(row)
        whole = replace(said, volumes=(*said.volumes, *volumes_of(row)))
        refuse(may_answer(whole, _OUTSIDE, prompt))
    return _passed(row)


def _passed(row: SubjectRow) -> PassedOn:
    state = LifeState(row.state)
    return passed_on(row.notice, row.owner, state, declaration_of(row), volumes_of(row))


def _no(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do, field="id"))
