"""What each recipient of a notice of ours is told, at the step that is agreed with it.

Recipients at one step get one content, with one id; where that is not the whole, the whole is
written to our own journal as well. The rows say who knows our subject under which id. Called by
receive and move, and by the doors for a preview.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from comity.agreement.resolve import case_of
from comity.intake.ladder import Grid, as_told
from comity.intake.terms import Agreed
from comity.journal.pen import Content, Pen
from comity.model.disclosure import DisclosureStep
from comity.model.notice import Declaration, SubjectKind
from comity.storage.accords import ToldRow
from comity.storage.rows import SubjectRow
from comity.storage.store import Reading, Transaction
from comity.wire.notice_v1 import fields_of

__all__ = ["Sealer", "Telling", "keep_told", "tellings", "told_to"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One recipient, its step, the sentence that the step rests on, and what it is told."""

    audience: str
    step: DisclosureStep
    ground: str
    grid: Grid
    declaration: Declaration


def tellings(found: Agreed, notice: Declaration, recipients: Iterable[str]) -> tuple[Telling, ...]:
    """What each recipient is told of a declaration; hazards and presences are told whole."""
    made: dict[tuple[DisclosureStep, Grid], Declaration] = {}
    return tuple(_telling(found, notice, audience, made) for audience in recipients)


def _telling(
    found: Agreed,
    notice: Declaration,
    audience: str,
    made: dict[tuple[DisclosureStep, Grid], Declaration],
) -> Telling:
    rules, case = found.with_party(audience), case_of(notice, found.own, audience)
    ruling = rules.ruling("disclosure_step", case)
    step, ground = DisclosureStep(ruling.value), ruling.sentence
    if notice.kind is not SubjectKind.OPERATION:
        step, ground = DisclosureStep.ENDED, f"a {notice.kind} is told whole"
    grid = (rules.value("caution_cell_e7", case), rules.value("caution_window_us", case))
    if (step, grid) not in made:
        made[step, grid] = as_told(notice, step, grid)
    return Telling(
        audience=audience, step=step, ground=ground, grid=grid, declaration=made[step, grid]
    )


def told_to(reading: Reading, subject: SubjectRow, audience: str) -> ToldRow:
    """What a recipient was told of a subject of ours; the whole, if nothing else was kept."""
    row = reading.accords.told(subject.id, audience)
    if row is None:
        return ToldRow(
            subject=subject.id,
            audience=audience,
            step=DisclosureStep.ENDED,
            basis="",
            declared=subject.id,
            notice=subject.notice,
            content=b"",
            volumes=b"",
        )
    return row


def keep_told(tx: Transaction, subject: bytes, told: Telling, content: Content) -> None:
    """Remember under which id a recipient knows a subject, and what it was told."""
    whole = content.id == subject
    fields = b"" if whole else content.data
    tx.accords.save_told(
        ToldRow(
            subject=subject,
            audience=told.audience,
            step=told.step,
            basis=told.ground,
            declared=content.id,
            notice=content.id,
            content=fields,
            volumes=fields,
        )
    )


class Sealer:
    """Seals what was made once, so that recipients who are told the same get the same id."""

    def __init__(self, pen: Pen, notice: Declaration) -> None:
        """Seal the whole: its id is the subject's."""
        self._pen = pen
        self.whole = pen.seal(fields_of(notice))
        self._made = {id(notice): self.whole}

    def content(self, told: Telling) -> Content:
        """The content for one recipient."""
        key = id(told.declaration)  # equal steps share the object: comparing volumes would cost
        if key not in self._made:
            self._made[key] = self._pen.seal(fields_of(told.declaration))
        return self._made[key]
