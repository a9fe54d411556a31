"""`comity hotline voice --read`: what groups that were heard say, and whether this node holds it.

What is held here under that id is compared; what is not is an account of a call, which `--account`
puts on record. Called by `hotline_voice`.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from comity.cli.find import node_now_us
from comity.cli.hotline_held import (
    HeldNotice,
    Holdings,
    holdings,
    message_answer_said,
    message_said,
    reply_said,
    request_said,
    versions,
)
from comity.cli.hotline_said import facts_said
from comity.cli.node import Node, body, shaped
from comity.cli.show import facts, json_line, line
from comity.config import Home, read_home
from comity.hotline.voice import differences, short_id
from comity.hotline.voice_message import coded_differences
from comity.model.fault import Malformed, Refusal, Refused
from comity.model.lifecycle import LifeState
from comity.model.notice import Code
from comity.model.quantity import instant_text
from comity.model.voice import (
    Spoken,
    VoiceAnswer,
    VoiceCode,
    VoiceCoded,
    VoiceCodedAnswer,
    VoiceMove,
    VoiceNotice,
    VoiceReadBack,
    VoiceReply,
    VoiceRequest,
)
from comity.web.api.shapes import CallRequest, CallView, NoticeView
from comity.web.api.shapes_messages import MessageAnswerView, MessageView
from comity.wire.canonical import Json
from comity.wire.voice_text import groups_in
from comity.wire.voice_v1 import read_voice

__all__ = ["Filing", "read_heard"]

_STDIN_CHARS_MAX = 100_000
_AFTER = {
    Code.START: LifeState.ACTIVE,
    Code.END: LifeState.ENDED,
    Code.RELEASE: LifeState.ENDED,
    Code.CANCEL: LifeState.CANCELLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judgement:
    """How a message stands to what is held: agrees, differs, not-held or ambiguous."""

    word: str
    id: str | None = None
    because: tuple[str, ...] = ()
    asked: str | None = None  # the code of the message that an answer is to


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """Whose words go on record as an account of a call, if any; who took them down; once only."""

    other: str | None
    role: str
    once: str | None


def read_heard(
    words: Sequence[str], home: Path, filing: Filing, *, offline: bool, as_json: bool
) -> None:
    """Read groups from `words`, or from stdin if there are none; show what they say."""
    text = " ".join(words) if words else sys.stdin.read(_STDIN_CHARS_MAX)
    groups = groups_in(text)
    spoken = read_voice(groups)
    if offline:
        if filing.other is not None:
            raise typer.BadParameter("without a node nothing is recorded", param_hint="--account")
        _show(spoken, groups, None, None, as_json=as_json)
        return
    ours = read_home(home)
    _check_mark(spoken, ours)
    if filing.other in {ours.name, ours.origin}:
        raise typer.BadParameter(
            "that is us; name the party that was heard", param_hint="--account"
        )
    node = Node(ours)
    judgement = _judged(node, holdings(node, ours.origin), spoken)
    filed = None if filing.other is None else _file(node, spoken, groups, filing, filing.other)
    _show(spoken, groups, judgement, filed, as_json=as_json)


def _check_mark(spoken: Spoken, ours: Home) -> None:
    """What belongs to an exercise stays there."""
    if spoken.exercise != (ours.exercise is not None):
        kinds = ("an exercise's", "a live node's") if spoken.exercise else ("live", "an exercise's")
        raise _no(
            "exercise_mismatch",
            f"the message is {kinds[0]}, and this is {kinds[1]} home",
            "read it with --offline, or at the home that it belongs to",
        )


def _judged(node: Node, held: Holdings, spoken: Spoken) -> _Judgement:
    message = spoken.message
    if isinstance(message, VoiceRequest | VoiceReply):
        return _judged_request(held, message)
    if isinstance(message, VoiceCoded | VoiceCodedAnswer):
        return _judged_message(held, message)
    views = _views(node, held, _subject(message))
    if len(views) != 1:
        return _none_or_many(len(views))
    (view,) = views
    if isinstance(message, VoiceMove):
        return _judged_move(view, message)
    if isinstance(message, VoiceAnswer):
        return _judged_answer(view, message)
    return _judged_fields(versions(node, view, held.own), view, message)


def _subject(message: VoiceNotice | VoiceReadBack | VoiceMove | VoiceAnswer) -> bytes:
    """The notice that a message is about."""
    if isinstance(message, VoiceNotice | VoiceReadBack):
        return message.fields.of
    return message.of


def _views(node: Node, held: Holdings, of: bytes) -> list[NoticeView]:
    """The subjects that are known by that id, here or to whom one of ours was told coarsely."""
    found = [view for view in held.notices if of in _ids(view)]
    return found or [
        view
        for view in held.notices
        if view.owner == held.own
        and any(each.known_as != view.notice for each in view.deliveries)
        and any(short_id(form.declared_as) == of for form in versions(node, view, held.own))
    ]


def _ids(view: NoticeView) -> set[bytes]:
    known = {view.id, view.notice, *(each.known_as for each in view.deliveries)}
    return {short_id(each) for each in known if each}


def _none_or_many(count: int) -> _Judgement:
    return _Judgement(word="ambiguous" if count else "not-held")


def _judged_fields(
    forms: Sequence[HeldNotice], view: NoticeView, message: VoiceNotice | VoiceReadBack
) -> _Judgement:
    """Against the form by which it is known under that id, or else against all of them."""
    named = [form for form in forms if short_id(form.declared_as) == message.fields.of]
    found = [
        differences(message, form.said if isinstance(message, VoiceNotice) else form.read_back)
        for form in named or forms
    ]
    if not found:
        return _Judgement(word="differs", id=view.id, because=("it was given to nobody",))
    because = min(found, key=len)
    return _Judgement(word="differs" if because else "agrees", id=view.id, because=because)


def _judged_move(view: NoticeView, message: VoiceMove) -> _Judgement:
    wanted = _AFTER[message.code]
    if view.state is wanted:
        return _Judgement(word="agrees", id=view.id)
    because = f"held here it is {view.state}, and {message.code.name} would make it {wanted}"
    return _Judgement(word="differs", id=view.id, because=(because,))


def _judged_answer(view: NoticeView, message: VoiceAnswer) -> _Judgement:
    said = [(each.step, each.reason) for each in view.answers]
    if (message.step, message.reason) in said:
        return _Judgement(word="agrees", id=view.id)
    because = f"no answer {message.step} to that notice is held here"
    return _Judgement(word="differs", id=view.id, because=(because,))


def _judged_request(held: Holdings, message: VoiceRequest | VoiceReply) -> _Judgement:
    id_ = message.id if isinstance(message, VoiceRequest) else message.of
    views = [view for view in held.requests if short_id(view.id) == id_]
    if len(views) != 1:
        return _none_or_many(len(views))
    (view,) = views
    known = request_said(view) if isinstance(message, VoiceRequest) else reply_said(view)
    if known is None:
        because: tuple[str, ...] = ("no reply to that request is held here",)
    else:
        because = differences(message, known)
    return _Judgement(word="differs" if because else "agrees", id=view.id, because=because)


def _judged_message(held: Holdings, message: VoiceCode) -> _Judgement:
    """A message against the one of that id, an answer against each answer to it."""
    id_ = message.id if isinstance(message, VoiceCoded) else message.of
    views = [view for view in held.messages if short_id(view.id) == id_]
    if len(views) != 1:
        return _none_or_many(len(views))
    (view,) = views
    known: list[VoiceCode] = [message_said(view)]
    if isinstance(message, VoiceCodedAnswer):
        known = [each for answer in view.answers if (each := _sayable(view, answer)) is not None]
    found = [coded_differences(message, each, view.code) for each in known]
    because = min(found, key=len, default=("no answer to that message is held here",))
    word = "differs" if because else "agrees"
    return _Judgement(word=word, id=view.id, because=because, asked=view.code)


def _sayable(view: MessageView, answer: MessageAnswerView) -> VoiceCode | None:
    """An answer as it is said; None for one that reads back what no group can carry."""
    try:
        return message_answer_said(view, answer)
    except Malformed:
        return None


def _file(
    node: Node, spoken: Spoken, groups: Sequence[str], filing: Filing, other: str
) -> CallView:
    """Put the call on record: the other's words are the groups themselves."""
    message = spoken.message
    notice = isinstance(message, VoiceNotice)
    request = CallRequest(
        other=other,
        account_of=filing.role,
        words=f"voice form: {' '.join(groups)}",
        received=instant_text(node_now_us(node)),
        start=instant_text(message.fields.start_us) if isinstance(message, VoiceNotice) else None,
        area_stated=True if notice else None,
    )
    return shaped(node.post("calls", body(request), filing.once), CallView)


def _show(
    spoken: Spoken,
    groups: Sequence[str],
    judgement: _Judgement | None,
    filed: CallView | None,
    *,
    as_json: bool,
) -> None:
    if as_json:
        json_line(_row(spoken, groups, judgement, filed))
        return
    asked = None if judgement is None else judgement.asked
    facts([("groups", f"{len(groups)}, all check"), *facts_said(spoken, asked)])
    line()
    for text in _verdict(judgement):
        line(text)
    if filed is not None:
        line(f"recorded as an account of a call with {filed.other}: {filed.id}")


def _row(
    spoken: Spoken,
    groups: Sequence[str],
    judgement: _Judgement | None,
    filed: CallView | None,
) -> Json:
    asked = None if judgement is None else judgement.asked
    count, says = len(groups), dict(facts_said(spoken, asked))
    if judgement is None:
        return {"groups": count, "says": {**says}}
    return {
        "groups": count,
        "says": {**says},
        "held": judgement.word,
        "id": judgement.id,
        "differs": [*judgement.because],
        "call": None if filed is None else filed.id,
    }


def _verdict(judgement: _Judgement | None) -> list[str]:
    if judgement is None:
        return ["Not compared: no node was asked."]
    match judgement.word:
        case "agrees":
            return [f"AGREES with what is held here: {judgement.id}"]
        case "differs":
            return [
                f"DIFFERS from what is held here: {judgement.id}",
                *(f"  {each}" for each in judgement.because),
            ]
        case "ambiguous":
            return ["MORE THAN ONE that is held here begins with that id; ask for the whole id."]
        case _:
            return [
                "NOT HELD HERE: one party's account of a call until its signed entry comes.",
                "Put it on record with --account PARTY.",
            ]


def _no(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do))
