"""`comity hotline voice`: a notice, answer, move, request or message as groups to read out.

What was heard is read by `hotline_read`. Nothing that is said here is recorded by saying it. Called
by `hotline`.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import typer

from comity.cli.ack_step import RoleOption
from comity.cli.area import blaming
from comity.cli.find import find_party, node_now_us
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
from comity.cli.hotline_read import Filing, read_heard
from comity.cli.hotline_said import facts_said, group_lines
from comity.cli.node import Node
from comity.cli.options import HOME, HomeOption, JsonOption, OnceOption
from comity.cli.show import facts, heading, json_line, line
from comity.cli.written import is_from_now, moment_us
from comity.config import Home, read_home
from comity.hotline.voice import short_id
from comity.hotline.voice_message import coded_unsaid
from comity.model.answer import Reason, Step
from comity.model.fault import Malformed, Refusal, Refused
from comity.model.notice import Code
from comity.model.party import party_name
from comity.model.voice import Spoken, VoiceAnswer, VoiceMessage, VoiceMove
from comity.web.api.shapes import NoticeView
from comity.web.api.shapes_messages import MessageView
from comity.web.api.shapes_requests import RequestView
from comity.wire.canonical import Json
from comity.wire.voice_v1 import voice_groups

__all__ = ["voice"]

_MOVES = {"start": Code.START, "end": Code.END, "cancel": Code.CANCEL}
_DIGITS_MIN = 6
AccountOption = Annotated[
    str | None,
    typer.Option("--account", metavar="PARTY", help="With --read: record it as a call of PARTY's."),
]


_Found = NoticeView | RequestView | MessageView


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """A message for or from `parties`, and what of it no group carries."""

    parties: tuple[str, ...]
    message: VoiceMessage
    unsaid: tuple[str, ...] = ()
    asked: str | None = None  # the code of the message that an answer is to


def voice(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID | GROUPS...]", help="What to say; with --read what was heard."),
    ] = None,
    *,
    read: Annotated[
        bool, typer.Option("--read", help="Read groups, from here or stdin: what do they say?")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="With --read: ask no node, only read.")
    ] = False,
    account: AccountOption = None,
    spell: Annotated[bool, typer.Option("--spell", help="Spelling words, a group a line.")] = False,
    to: Annotated[
        str | None, typer.Option("--to", metavar="PARTY", help="Only as PARTY was told it.")
    ] = None,
    answer: Annotated[
        Step | None,
        typer.Option("--answer", metavar="STEP", help=f"Our answer to it: {', '.join(Step)}."),
    ] = None,
    reason: Annotated[
        Reason | None,
        typer.Option("--reason", metavar="REASON", help=f"Why unable: {', '.join(Reason)}."),
    ] = None,
    move: Annotated[
        Literal["start", "end", "cancel"] | None,
        typer.Option("--move", help="That it starts, ends or is cancelled."),
    ] = None,
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help="With --move: when; default now.")
    ] = "now",
    role: RoleOption = "duty officer",
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Say a notice, request or message in groups of letters, or read groups that were heard."""
    if read:
        if (to, answer, reason, move) != (None, None, None, None):
            raise typer.BadParameter("these say something; --read reads", param_hint="--read")
        filing = Filing(other=account, role=role, once=once)
        read_heard(words or [], home, filing, offline=offline, as_json=as_json)
        return
    if offline or account is not None:
        raise typer.BadParameter("it goes with --read", param_hint="--offline or --account")
    if not words or len(words) != 1:
        raise typer.BadParameter("name one notice, request or message", param_hint="ID")
    ours = read_home(home)
    node = Node(ours)
    held = holdings(node, ours.origin)
    found = _named(held, words[0])
    origin = None if to is None else find_party(node, to).origin
    said = _said(node, held, found, answer=answer, reason=reason, move=move, at=at)
    chosen = [each for each in said if origin is None or origin in each.parties]
    if not chosen:
        raise _nobody(origin)
    _show(ours, found, chosen, spell=spell, as_json=as_json)


def _named(held: Holdings, digits: str) -> _Found:
    """The one notice, request or message whose id begins so; more or none are refused."""
    if len(digits) < _DIGITS_MIN:
        raise Malformed(f"{digits!r} is no id, nor 6 or more first digits of one")
    found: list[_Found] = [
        view
        for view in held.notices
        if any(
            known.startswith(digits)
            for known in (view.id, view.notice, *(each.known_as or "" for each in view.deliveries))
        )
    ]
    found += [view for view in held.requests if view.id.startswith(digits)]
    found += [view for view in held.messages if view.id.startswith(digits)]
    if len(found) == 1:
        return found[0]
    raise Refused(
        Refusal(
            code="no_such_notice",
            reason=f"{len(found) or 'no'} notices, requests or messages begin with {digits[:64]}",
            what_to_do="See comity notice list, comity request list and comity hotline inbox.",
        )
    )


def _said(
    node: Node,
    held: Holdings,
    found: _Found,
    *,
    answer: Step | None,
    reason: Reason | None,
    move: str | None,
    at: str,
) -> list[_Said]:
    """What is to be said, with the parties that it is for or from."""
    if not isinstance(found, NoticeView):
        if answer is not None or move is not None:
            raise typer.BadParameter(
                "what was asked is answered first, and said with its answer",
                param_hint="--answer or --move",
            )
        return _request(found) if isinstance(found, RequestView) else _message(found)
    own = found.owner == held.own
    forms = versions(node, found, held.own)
    if answer is not None:
        if own or move is not None:
            raise typer.BadParameter("what is another's is answered", param_hint="--answer")
        with blaming("--reason"):
            return [
                _Said(parties=each.parties, message=_answer(each, answer, reason)) for each in forms
            ]
    if reason is not None:
        raise typer.BadParameter("it goes with --answer unable", param_hint="--reason")
    if move is not None:
        if not own:
            raise typer.BadParameter("what is ours is moved", param_hint="--move")
        with blaming("--at"):
            at_us = moment_us(at, node_now_us(node) if is_from_now(at) else 0)
        return [
            _Said(
                parties=each.parties,
                message=VoiceMove(code=_MOVES[move], of=short_id(each.declared_as), at_us=at_us),
            )
            for each in forms
        ]
    return [_Said(parties=each.parties, message=each.said, unsaid=each.unsaid) for each in forms]


def _request(view: RequestView) -> list[_Said]:
    """A request, and the newest reply to it."""
    parties = (view.asker, view.asked)
    said: list[VoiceMessage] = [request_said(view)]
    reply = reply_said(view)
    if reply is not None:
        said.append(reply)
    return [_Said(parties=parties, message=message) for message in said]


def _message(view: MessageView) -> list[_Said]:
    """A message, and the newest answer to it."""
    parties = (view.sender, view.receiver)
    unsaid = coded_unsaid(view.role, view.words)
    said = [_Said(parties=parties, message=message_said(view), unsaid=unsaid)]
    if view.answers:
        newest = view.answers[-1]
        unsaid = coded_unsaid(newest.role, newest.words)
        answer = message_answer_said(view, newest)
        said.append(_Said(parties=parties, message=answer, unsaid=unsaid, asked=view.code))
    return said


def _answer(form: HeldNotice, step: Step, reason: Reason | None) -> VoiceMessage:
    if step is Step.READ_BACK:
        return form.read_back
    return VoiceAnswer(step=step, of=short_id(form.declared_as), reason=reason)


def _nobody(origin: str | None) -> Refused:
    who = "nobody" if origin is None else f"not to {origin}"
    return Refused(
        Refusal(
            code="not_known_there",
            reason=f"it was given to {who}, so there is no form of it to be said",
            what_to_do="Give notice of it first; nothing is said finer than it was told.",
        )
    )


def _show(
    ours: Home,
    found: _Found,
    chosen: list[_Said],
    *,
    spell: bool,
    as_json: bool,
) -> None:
    exercise = ours.exercise is not None
    if as_json:
        json_line([_row(found.id, each, exercise=exercise) for each in chosen])
        return
    for each in chosen:
        spoken = Spoken(message=each.message, exercise=exercise)
        groups = voice_groups(spoken)
        heading(f"{', '.join(map(party_name, each.parties))}: {len(groups)} groups")
        facts(facts_said(spoken, each.asked))
        for unsaid in each.unsaid:
            line(f"NOT SAID: {unsaid}")
        line()
        for text in group_lines(groups, spell=spell):
            line(text)
        line()
    line("Saying it records nothing. Let it be read back; the entry itself follows on the line.")


def _row(id_: str, said: _Said, *, exercise: bool) -> Json:
    spoken = Spoken(message=said.message, exercise=exercise)
    return {
        "id": id_,
        "parties": [*said.parties],
        "groups": [*voice_groups(spoken)],
        "says": dict(facts_said(spoken, said.asked)),
        "not_said": [*said.unsaid],
    }
