"""What a party answered to a notice as it stands: what an amendment has replaced counts no more.

Called by the rest of this room and the doors.
"""

from comity.model.answer import Step
from comity.model.fault import Refusal, Refused
from comity.model.quantity import instant_text
from comity.storage.rows import AnswerRow, SubjectRow
from comity.storage.store import Reading

__all__ = ["SUPERSEDED", "check_stands", "standing_answers", "stands"]

SUPERSEDED = "superseded"
# They assure its giver of something. UNABLE and NOT UNDERSTOOD warn, whatever they are about.
_ASSURING = frozenset({Step.SEEN, Step.READ_BACK, Step.WILCO})


def stands(reading: Reading, notice: bytes) -> bool:
    """Whether no amendment has replaced a notice, as those who got it were told."""
    return reading.sky.replaced_us(notice) is None


def standing_answers(reading: Reading, subject: bytes, by: str) -> tuple[AnswerRow, ...]:
    """A party's answers to a subject's notices that no amendment has replaced, oldest first."""
    return tuple(
        answer
        for answer in reading.people.answers_about(subject)
        if answer.by == by and stands(reading, answer.of)
    )


def check_stands(reading: Reading, subject: SubjectRow, of: bytes, step: Step) -> None:
    """Refused (`superseded`) for an answer that assures, to what was amended meanwhile."""
    at_us = reading.sky.replaced_us(of)
    if step not in _ASSURING or at_us is None:
        return
    raise Refused(
        Refusal(
            code=SUPERSEDED,
            reason=f"it was amended at {instant_text(at_us)}, and {step} would be to what it was",
            what_to_do=(
                f"read it as it is: comity notice show {subject.id.hex()[:12]}; "
                f"then answer {subject.notice.hex()[:12]}"
            ),
            field="id",
        )
    )
