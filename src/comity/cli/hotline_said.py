"""A voice message as a person sees it: numbered groups, spelling words, and what it says.

Pure but for printing. Called by `hotline voice` and `hotline card`.
"""

from collections.abc import Sequence

from comity.hotline.phrases import phrasebook
from comity.hotline.voice import moment_text
from comity.hotline.voice_message import coded_facts
from comity.model.quantity import degrees
from comity.model.request import PHRASES
from comity.model.voice import (
    AreaKind,
    Spoken,
    VoiceAnswer,
    VoiceCode,
    VoiceCoded,
    VoiceCodedAnswer,
    VoiceFact,
    VoiceFields,
    VoiceMove,
    VoiceNotice,
    VoiceReadBack,
    VoiceReply,
    VoiceRequest,
)
from comity.wire.voice_text import spelled

__all__ = ["facts_said", "group_lines"]

_GROUPS_IN_A_LINE = 5


def group_lines(groups: Sequence[str], *, spell: bool) -> list[str]:
    """The groups in lines, each begun by the number of its first; spelled, a line for each."""
    step = 1 if spell else _GROUPS_IN_A_LINE
    return [
        f"{at + 1:>2}  "
        + " ".join(spelled(group) if spell else group for group in groups[at : at + step])
        for at in range(0, len(groups), step)
    ]


def facts_said(spoken: Spoken, asked: str | None = None) -> list[tuple[str, str]]:
    """What a message says, name by name; `asked` is the code that an answer is to, if known."""
    mark = [("EXERCISE", "this is an exercise")] if spoken.exercise else []
    message = spoken.message
    if isinstance(message, VoiceCoded | VoiceCodedAnswer):
        return [*mark, *_coded(message, asked)]
    return [*mark, *_fact(message)]


def _coded(message: VoiceCode, asked: str | None) -> list[tuple[str, str]]:
    """A coded message, or an answer to one."""
    phrase = phrasebook().phrases.get(message.code)
    words = f"{message.code} {'not known here' if phrase is None else phrase.name}"
    facts = coded_facts(message, asked)
    if isinstance(message, VoiceCodedAnswer):
        says = f"{words}: understood, not approved"
        return [("says", says), ("message", _id(message.of)), *facts]
    about = [] if message.about is None else [("about", _id(message.about))]
    due = [] if message.due_us is None else [("answer due", moment_text(message.due_us))]
    return [("says", words), ("message", _id(message.id)), *about, *facts, *due]


def _fact(message: VoiceFact) -> list[tuple[str, str]]:
    match message:
        case VoiceNotice(code=code, fields=fields):
            return [("says", f"{code} {code.name}"), *_fields(fields)]
        case VoiceReadBack(fields=fields):
            return [("says", "read-back: understood, not approved"), *_fields(fields)]
        case VoiceMove(code=code, of=of, at_us=at_us):
            return [
                *(("says", f"{code} {code.name}"), ("notice", _id(of))),
                ("at", moment_text(at_us)),
            ]
        case VoiceAnswer(step=step, of=of, reason=why):
            words = f"{step}: understood, not approved" + ("" if why is None else f"; {why}")
            return [("says", words), ("notice", _id(of))]
        case VoiceRequest(id=id_, of=of, wanted=wanted, by_us=by_us):
            return [
                *(("says", f"R REQUEST: asks to {PHRASES[wanted]}"), ("request", _id(id_))),
                *(("notice", _id(of)), ("by", moment_text(by_us))),
            ]
        case VoiceReply(of=of, decision=decision, reason=no, standby_minutes=minutes):
            more = "" if no is None else f", {no}"
            more += "" if minutes is None else f" {minutes} min"
            return [("says", f"reply: {decision}{more}"), ("request", _id(of))]


def _fields(fields: VoiceFields) -> list[tuple[str, str]]:
    area = fields.area
    heights = f"{_metres(fields.lower_mm)} to {_metres(fields.upper_mm)} above wgs84"
    points = [f"{degrees(p.lat_e7):.7f},{degrees(p.lon_e7):.7f}" for p in area.points]
    if area.radius_mm is not None:
        where = [("area", f"circle of {_metres(area.radius_mm)} about {points[0]}")]
    else:
        noun = "corner" if area.kind is AreaKind.CORNERS else "first point of volume"
        where = [(f"{noun} {at}", point) for at, point in enumerate(points, start=1)]
        rest = area.of - len(points)
        where += [("NOT SAID", f"{rest} more of {area.of}")] if rest else []
    times = f"{moment_text(fields.start_us)} to {moment_text(fields.end_us)}"
    return [("notice", _id(fields.of)), *where, ("heights", heights), ("times", times)]


def _id(of: bytes) -> str:
    return f"{of.hex()}..."


def _metres(value_mm: int) -> str:
    return f"{value_mm / 1_000:.3f}".rstrip("0").rstrip(".") + " m"
