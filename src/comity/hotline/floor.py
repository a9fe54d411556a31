"""Whose answers are of the safety floor: those to a hazard, and to the end of anything.

They are written also where the disk has room for nothing else. Called by answer and attest.
"""

from comity.journal.pen import Pen
from comity.model.lifecycle import LifeState, is_live
from comity.model.notice import SubjectKind
from comity.storage.rows import SubjectRow

__all__ = ["claim_floor_for"]


def claim_floor_for(pen: Pen, subject: SubjectRow) -> None:
    """Claim the floor's room for a word on this subject, if it is of the floor."""
    if subject.kind == SubjectKind.HAZARD or not is_live(LifeState(subject.state)):
        pen.claim_floor()
