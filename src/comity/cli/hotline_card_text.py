"""A voice card as plain text: what is open, in groups to be read out, on paper of 88 columns.

Nothing open is left out, and what is not on the card is counted on it. Pure. Called by
`hotline_card`.
"""

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from comity.cli.hotline_held import (
    HeldNotice,
    message_answer_said,
    message_said,
    request_said,
)
from comity.cli.hotline_said import facts_said, group_lines
from comity.cli.show import printable, short
from comity.model.handover import ItemKind
from comity.model.party import party_name
from comity.model.voice import Spoken, VoiceMessage
from comity.web.api.shapes import (
    ConflictView,
    NoticeView,
    PartyView,
    RiskView,
    StatusView,
    WarningView,
)
from comity.web.api.shapes_handovers import OpenItemsView
from comity.web.api.shapes_messages import MessageView
from comity.web.api.shapes_requests import RequestView
from comity.wire.voice_text import WORDS
from comity.wire.voice_v1 import voice_groups

__all__ = ["CardItems", "card_text"]

_COLUMNS = 88  # on A4 in a fixed 10-point type with margins
_INDENT = "    "


@dataclass(frozen=True, slots=True, kw_only=True)
class CardItems:
    """What is open; `over` counts what is not, `sealed` entries that only the register opens."""

    before: StatusView
    notices: tuple[tuple[NoticeView, tuple[HeldNotice, ...]], ...]
    messages: tuple[MessageView, ...]
    requests: tuple[RequestView, ...]
    warnings: tuple[WarningView, ...]
    risks: tuple[RiskView, ...]
    conflicts: tuple[ConflictView, ...]
    items: OpenItemsView
    sealed: int
    over: Mapping[str, int]
    after: StatusView


def card_text(items: CardItems, *, spell: bool) -> str:
    """The card, each line at most 88 columns wide, long words apart."""
    exercise = items.after.exercise is not None
    parts = [
        _head(items),
        _how_to(),
        _section("PARTIES", map(_party, items.after.parties)),
        _section(
            "MESSAGES WITHOUT A FINAL ANSWER",
            (_message(view, exercise=exercise, spell=spell) for view in items.messages),
        ),
        _section(
            "LIVE NOTICES",
            (_notice(view, forms, exercise=exercise, spell=spell) for view, forms in items.notices),
        ),
        _section(
            "REQUESTS WITHOUT A FINAL REPLY",
            (_request(view, exercise=exercise, spell=spell) for view in items.requests),
        ),
        _section("UNITS NOT REACHED", map(_risk, items.risks)),
        _section(
            "AGREEMENTS SUSPENDED",
            ([item.state] for item in items.items.items if item.kind == ItemKind.AGREEMENT),
        ),
        _section("OPEN WARNINGS", map(_warning, items.warnings)),
        _section("OPEN CONFLICTS", map(_conflict, items.conflicts)),
        _section(
            "SAID, AND NOT RECORDED",
            (
                [f"{each.at}  {each.party}  {short(each.id)}", f"{_INDENT}{each.said}"]
                for each in items.after.not_recorded
            ),
        ),
        _rest(items),
    ]
    lines = [folded for part in parts for line in part for folded in _folded(line)]
    return "\n".join(lines) + "\n"


def _folded(line: str) -> list[str]:
    """A line within the columns, its other lines indented as the first is, and more."""
    clean = printable(line).rstrip()
    indent = clean[: len(clean) - len(clean.lstrip())] + _INDENT
    return textwrap.wrap(
        clean,
        _COLUMNS,
        subsequent_indent=indent,
        drop_whitespace=True,
        break_on_hyphens=False,
        break_long_words=True,
    ) or [""]


def _head(items: CardItems) -> list[str]:
    before, after = items.before, items.after
    mark = [f"EXERCISE {after.exercise}: this card is no card of a live node."]
    grown = [
        (
            f"The journal grew while the card was made: it had {before.journal_size} entries, "
            f"root {before.root}"
        )
    ]
    return [
        f"COMITY VOICE CARD OF {after.name}  {after.origin}",
        *(mark if after.exercise else []),
        f"Made at {after.now} by the node's clock ({after.clock.state}: {after.clock.text}).",
        f"Head: {after.journal_size} entries, root {after.root or 'none'}",
        f"Open items: {len(items.items.items)}, their list is {items.items.list_hash}",
        *(grown if after.journal_size != before.journal_size else []),
        f"The node was {after.health}." + "".join(f" {each.text}." for each in after.reasons),
        "What came later is not on this card.",
        "",
    ]


def _how_to() -> list[str]:
    words = "  ".join(f"{letter} {word}" for letter, word in WORDS.items())
    return [
        "HOW TO SAY IT",
        (
            'Say "Comity voice form" and the number of groups. Say each letter by its word, pause '
            "after five, and say the number at the start of each line. Let all of it be read back."
        ),
        (
            'Who takes it down: "comity hotline voice --read" tells which group to ask for again; '
            "it needs a Comity and no running node (--offline). Plain words stand beside each."
        ),
        (
            "What is said is an account of a call, and acknowledged means understood, not "
            "approved. Give the entry itself as soon as the line is back."
        ),
        words,
        "",
    ]


def _section(title: str, blocks: Iterable[list[str]]) -> list[str]:
    found = list(blocks)
    lines = [line for block in found for line in (*block, "")]
    return [f"{title}: {len(found) or 'none'}", *lines, *([] if found else [""])]


def _party(view: PartyView) -> list[str]:
    return [
        f"{view.name}  {view.origin}",
        (
            f"{_INDENT}node {view.address}, line {view.line}, last contact "
            f"{view.last_contact or 'never'}, {view.queued} entries on their way to it"
        ),
        f"{_INDENT}fingerprint {view.fingerprint or 'not known'}",
        f"{_INDENT}telephone or radio (Comity knows none; write it here): {20 * '_'}",
    ]


def _notice(
    view: NoticeView, forms: tuple[HeldNotice, ...], *, exercise: bool, spell: bool
) -> list[str]:
    needs = f", needs {view.clear_needs_s:g} s to clear" if view.clear_needs_s is not None else ""
    lines = [
        f"{view.kind.upper()} {short(view.id)}  {view.state} of {view.owner}",
        f"{_INDENT}{view.purpose}, {view.domain}, craft {view.craft}, onward {view.onward}{needs}",
        *([f"{_INDENT}name (free text): {view.name}"] if view.name else []),
    ]
    if view.basis is not None:
        basis = view.basis
        lines.append(f"{_INDENT}source: {basis.source} ({basis.confidence}), until {basis.expires}")
    lines += [
        f"{_INDENT}{party_name(each.to)}: "
        + ", ".join(
            f"{name} {when or 'NOT YET'}"
            for name, when in (
                ("delivered", each.delivered),
                ("seen", each.seen),
                ("read back", each.read_back),
            )
        )
        for each in view.deliveries
    ]
    if not forms:
        lines.append(f"{_INDENT}given to nobody: nothing of it is to be said")
    for form in forms:
        own = form.parties != (view.owner,)
        who = ", ".join(map(party_name, form.parties))
        title = f"as {who} was told it" if own else f"as {who} told it to us"
        lines += _said(title, form.said, exercise=exercise, spell=spell)
        lines += [f"{_INDENT}NOT SAID in the groups: {each}" for each in form.unsaid]
    return lines


def _request(view: RequestView, *, exercise: bool, spell: bool) -> list[str]:
    late = ", and that has PASSED" if view.unanswered else ""
    return [
        f"REQUEST {short(view.id)}  {view.asker} asks {view.asked}",
        f"{_INDENT}reply due {view.due}{late}; newest word: {view.decision or 'none'}",
        *([f"{_INDENT}words (free text): {view.words}"] if view.words else []),
        *_said("the request", request_said(view), exercise=exercise, spell=spell),
    ]


def _message(view: MessageView, *, exercise: bool, spell: bool) -> list[str]:
    late = ", and that has PASSED" if view.unanswered else ""
    lines = [
        f"MESSAGE {short(view.id)}  {view.sender} to {view.receiver}, said by {view.role}",
        f"{_INDENT}answer due {view.due}{late}; newest answer: {view.answer or 'none'}",
        f"{_INDENT}answered by {', '.join(view.answers_allowed)}",
        *([f"{_INDENT}words (free text): {view.words}"] if view.words else []),
        *_said("the message", message_said(view), exercise=exercise, spell=spell),
    ]
    if view.answers:
        newest = message_answer_said(view, view.answers[-1])
        title = "the newest answer"
        lines += _said(title, newest, exercise=exercise, spell=spell, asked=view.code)
    return lines


def _said(
    title: str, message: VoiceMessage, *, exercise: bool, spell: bool, asked: str | None = None
) -> list[str]:
    spoken = Spoken(message=message, exercise=exercise)
    groups = voice_groups(spoken)
    return [
        f"{_INDENT}{title}, {len(groups)} groups:",
        *(f"{2 * _INDENT}{name}: {value}" for name, value in facts_said(spoken, asked)),
        *(f"{_INDENT}{text}" for text in group_lines(groups, spell=False)),
        *(f"{_INDENT}{text}" for text in (group_lines(groups, spell=True) if spell else ())),
    ]


def _risk(view: RiskView) -> list[str]:
    unit = view.unit or short(view.handle)
    return [f"{unit} of {view.party}  {view.state}, notice {short(view.notice)}, at {view.at}"]


def _warning(view: WarningView) -> list[str]:
    party = f" {view.party}" if view.party else ""
    return [f"{view.kind}  about {short(view.about)}{party}, raised {view.raised}: {view.text}"]


def _conflict(view: ConflictView) -> list[str]:
    how = "meet" if view.meets else f"pass within {view.closest_m:g} m"
    where = f"{view.point[0]:.7f},{view.point[1]:.7f}"
    return [
        (
            f"{short(view.a)} and {short(view.b)} {how} near {where}, {view.vertical_gap_m:g} m "
            f"apart in height, {view.time_gap_s:g} s in time; clause {view.clause}, "
            f"found {view.found}"
        )
    ]


def _rest(items: CardItems) -> list[str]:
    over = ", ".join(f"{count} {name}" for name, count in items.over.items())
    return [
        "NOT ON THIS CARD",
        f"Over, decided, cleared, told or settled: {over}.",
        (
            f"Entries of the protected register: {items.sealed}. They are opened one at a time, "
            "with a reason that their owner is told; a card opens none."
        ),
        "Accounts of calls, agreements, reports on hazards, free text said in replies.",
    ]
