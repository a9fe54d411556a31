"""What was exchanged, read into nouns and sorted by what it is: the ground of `metrics`.

Pure. Of each only the times are kept that both sides know. Called by `metrics`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from comity.hotline.exchanged import Exchanged, Told
from comity.model.answer import Answer, Attestation
from comity.model.message import Message, MessageAnswer
from comity.model.notice import Amendment, Code, Declaration, Notice, Transition
from comity.model.request import Reply, Request
from comity.model.volume import Volume4D
from comity.wire.answer_v1 import STEP_PATH, answer_from, attestation_from
from comity.wire.duty_v1 import UNANSWERED_PATH
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import Field, parse_fields
from comity.wire.message_v1 import ANSWER_PATH, MESSAGE_PATH, message_answer_from, message_from
from comity.wire.notice_v1 import notice_from
from comity.wire.request_v1 import reply_from, request_from

__all__ = ["Item", "Items", "SubjectLife", "items_of"]

T = TypeVar("T")

_ENDS = frozenset({Code.END, Code.RELEASE, Code.CANCEL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Generic[T]):
    """Something that was said and taken: when its giver wrote it, and when its taker took it."""

    id: bytes
    issued_us: int
    taken_us: int
    value: T


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectLife:
    """A declaration with all that was said of its life, in the order in which it was written."""

    id: bytes
    declared: Declaration
    events: tuple[tuple[int, Amendment | Transition], ...]

    @property
    def was_started(self) -> bool:
        """Whether its start was told."""
        return any(event.code is Code.START for _, event in self.events)

    def ran_over(self, as_of_us: int) -> bool:
        """Whether, once started, it was ever past its end with no end told: up to a moment."""
        end_us, active = _end_us(self.declared.volumes), False
        for issued_us, event in self.events:
            if active and issued_us > end_us:
                return True
            if isinstance(event, Amendment):
                end_us = _end_us(event.volumes)
            elif event.code is Code.START:
                active = True
            elif event.code in _ENDS:
                return False
        return active and as_of_us > end_us

    def is_unclosed(self, as_of_us: int) -> bool:
        """Whether its end has passed and neither an end nor a cancellation was told."""
        end_us = _end_us(self.declared.volumes)
        for _, event in self.events:
            if isinstance(event, Amendment):
                end_us = _end_us(event.volumes)
            elif event.code in _ENDS:
                return False
        return as_of_us > end_us


@dataclass(slots=True, kw_only=True)
class Items:
    """All of it. `subject_of` leads from the id of any notice to that of its declaration."""

    declarations: list[Item[Declaration]] = field(default_factory=list)
    amendments: list[Item[Amendment]] = field(default_factory=list)
    subject_of: dict[bytes, bytes] = field(default_factory=dict)
    lives: dict[bytes, SubjectLife] = field(default_factory=dict)
    moves: Counter[Code] = field(default_factory=Counter)
    answers: list[Item[Answer]] = field(default_factory=list)
    attestations: list[Item[Attestation]] = field(default_factory=list)
    messages: list[Item[Message]] = field(default_factory=list)
    message_answers: list[Item[MessageAnswer]] = field(default_factory=list)
    requests: list[Item[Request]] = field(default_factory=list)
    replies: list[Item[Reply]] = field(default_factory=list)


_Events = dict[bytes, list[tuple[int, int, Amendment | Transition]]]
_Each = tuple[Exchanged, Told]


def items_of(way: Sequence[Exchanged]) -> Items:
    """Read what was taken and can be read.

    Raises:
        Malformed: a content that was accepted is none.
    """
    found, events = Items(), _Events()
    for each in way:
        if each.told is not None and each.told.fields is not None:
            fields = parse_fields(each.told.fields)
            if fields[0].path != UNANSWERED_PATH:  # an answer by its type, and nobody's
                _sort(found, events, (each, each.told), fields)
    for item in found.declarations:
        told = sorted(events.get(item.id, ()), key=lambda event: event[:2])
        found.lives[item.id] = SubjectLife(
            id=item.id,
            declared=item.value,
            events=tuple((issued_us, event) for issued_us, _, event in told),
        )
    return found


def _sort(found: Items, events: _Events, each: _Each, fields: tuple[Field, ...]) -> None:
    match _kind(each[1].type, fields):
        case EntryType.NOTICE:
            _sort_notice(found, events, each, notice_from(fields))
        case EntryType.MESSAGE if fields[0].path == MESSAGE_PATH:
            found.messages.append(_item(each, message_from(fields)))
        case EntryType.MESSAGE:
            found.message_answers.append(_item(each, message_answer_from(fields)))
        case EntryType.ANSWER:
            found.answers.append(_item(each, answer_from(fields)))
        case EntryType.ATTESTATION:
            found.attestations.append(_item(each, attestation_from(fields)))
        case EntryType.REQUEST:
            found.requests.append(_item(each, request_from(fields)))
        case EntryType.REPLY:
            found.replies.append(_item(each, reply_from(fields)))
        case _:
            pass


def _kind(type_: EntryType, fields: tuple[Field, ...]) -> EntryType:
    """What it is: an entry of the safety floor is one of several, by its first field."""
    if type_ is not EntryType.SAFETY:
        return type_
    if fields[0].path == STEP_PATH:
        return EntryType.ANSWER
    said = fields[0].path in {MESSAGE_PATH, ANSWER_PATH}
    return EntryType.MESSAGE if said else EntryType.NOTICE


def _sort_notice(found: Items, events: _Events, each: _Each, notice: Notice) -> None:
    exchanged, told = each
    if isinstance(notice, Declaration):
        found.declarations.append(_item(each, notice))
        found.subject_of[told.id] = told.id
        return
    found.subject_of[told.id] = notice.of
    found.moves[notice.code] += 1
    events.setdefault(notice.of, []).append((told.issued_us, exchanged.number, notice))
    if isinstance(notice, Amendment):
        found.amendments.append(_item(each, notice))


def _item(each: _Each, value: T) -> Item[T]:
    exchanged, told = each
    return Item(id=told.id, issued_us=told.issued_us, taken_us=exchanged.taken_us, value=value)


def _end_us(volumes: tuple[Volume4D, ...]) -> int:
    """The latest end, with what it may be off by, as warnings of overdue ends have it."""
    return max(volume.window.end_us + volume.uncertainty.time_us for volume in volumes)
