"""A move of a subject of ours, as each of its recipients is told it.

What a recipient's step withheld at the declaration, no later move gives away: a caution gets an
amendment only when its coarse area or window changes, a start goes to those of step `active`, an
end to all. Where nobody gets the whole, the whole is written to our own journal. Called by move.
"""

from dataclasses import replace

from comity.agreement.resolve import case_of
from comity.intake.ladder import Grid, is_told, volumes_as_told
from comity.intake.permit import ENDS
from comity.intake.subject import declaration_of
from comity.intake.tell import told_to
from comity.intake.terms import Agreed
from comity.journal.pen import Content, Pen, Written
from comity.model.disclosure import DisclosureStep
from comity.model.notice import Amendment, SubjectKind, Transition
from comity.model.volume import Volume4D
from comity.storage.accords import ToldRow
from comity.storage.rows import SubjectRow
from comity.storage.store import Transaction
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import parse_fields, serialise_fields
from comity.wire.notice_v1 import fields_of, notice_from

__all__ = ["MoveTelling", "told_of"]


class MoveTelling:
    """See the module docstring; made for one move."""

    def __init__(
        self,
        tx: Transaction,
        pen: Pen,
        row: SubjectRow,
        notice: Amendment | Transition,
        whole: Content,
        *,
        found: Agreed,
    ) -> None:
        """`row` is the subject before the move, `whole` the sealed `notice`."""
        self._tx = tx
        self._pen = pen
        self._row = row
        self._notice = notice
        self._whole = whole
        self._found = found
        self._floor = notice.code in ENDS
        self._made: dict[tuple[bytes, bytes], Content] = {}

    def write(self) -> tuple[Written, ...]:
        """The entries, in the order of the recipients."""
        written: list[Written] = []
        got_whole = False
        for audience in self._row.recipients.split():
            told = told_to(self._tx, self._row, audience)
            content = self._content(told)
            if content is not None:
                got_whole = got_whole or content is self._whole
                self._tx.sky.link_notice(content.id, self._row.id)
                told_of(self._tx, told.declared, content.id, self._notice, self._pen.now_us)
                self._keep(told, content)
                written.append(self._entry(self._lane(told), audience, content))
        if not got_whole:
            hazard = self._row.kind == SubjectKind.HAZARD
            lane = EntryType.SAFETY if hazard else EntryType.NOTICE
            written.append(self._entry(lane, self._pen.origin, self._whole))
        return tuple(written)

    def _entry(self, lane: EntryType, audience: str, content: Content) -> Written:
        return self._pen.write_content(lane, audience, content, floor=self._floor)

    def _content(self, told: ToldRow) -> Content | None:
        """The move for one recipient; None if it is not told, or if it would say nothing new."""
        said = self._said(told)
        if said is None or said == self._notice:
            return None if said is None else self._whole
        fields = fields_of(said)
        key = (told.declared, serialise_fields(fields))
        if key not in self._made:
            self._made[key] = self._pen.seal(fields)
        return self._made[key]

    def _said(self, told: ToldRow) -> Amendment | Transition | None:
        step, notice = DisclosureStep(told.step), self._notice
        if isinstance(notice, Transition):
            return replace(notice, of=told.declared) if is_told(notice.code, step) else None
        if told.declared == self._row.id:
            return notice
        volumes = volumes_as_told(notice.volumes, step, self._grid(told.audience))
        if volumes == _volumes(told):
            return None  # when a caution does not change, its being sent would tell that we moved
        return replace(notice, of=told.declared, volumes=volumes)

    def _grid(self, audience: str) -> Grid:
        """The grid of a caution as agreed now."""
        rules = self._found.with_party(audience)
        case = case_of(declaration_of(self._row), self._pen.origin, audience)
        return rules.value("caution_cell_e7", case), rules.value("caution_window_us", case)

    def _keep(self, told: ToldRow, content: Content) -> None:
        amended = isinstance(self._notice, Amendment) and told.declared != self._row.id
        volumes = content.data if amended else told.volumes
        self._tx.accords.save_told(replace(told, notice=content.id, volumes=volumes))

    def _lane(self, told: ToldRow) -> EntryType:
        """The safety floor's chain for hazards, and for the end of anything that was taken there.

        The end of what still waits in the outbox waits behind it.
        """
        if self._row.kind == SubjectKind.HAZARD:
            return EntryType.SAFETY
        index = self._tx.journal.index_of_content(told.declared, told.audience)
        taken = index is not None and self._tx.post.taken(index) is not None
        return EntryType.SAFETY if self._floor and taken else EntryType.NOTICE


def told_of(
    tx: Transaction, declared: bytes, id_: bytes, notice: Amendment | Transition, now_us: int
) -> None:
    """Whoever knows the declaration by this id is told: an amendment replaces all before it."""
    if isinstance(notice, Amendment):
        tx.sky.amended(declared, id_, now_us)
    else:
        tx.sky.moved(declared, id_)


def _volumes(told: ToldRow) -> tuple[Volume4D, ...]:
    said = notice_from(parse_fields(told.volumes))
    return () if isinstance(said, Transition) else said.volumes
