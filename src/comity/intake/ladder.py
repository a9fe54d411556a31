"""The same declaration as each step of disclosure lets it be told. Pure.

What a step withholds is replaced by what says nothing (`danger-area`, `none`, no name); volumes of
a caution are coarsened outward, so that nobody who relies on them is nearer than they think. Called
by intake and the preview.
"""

from dataclasses import replace

from comity.airspace.coarsen import coarsened
from comity.model.disclosure import DisclosureStep
from comity.model.notice import Code, Craft, Declaration, Purpose, SubjectKind
from comity.model.volume import Volume4D

__all__ = ["Grid", "as_told", "is_told", "volumes_as_told"]

Grid = tuple[int, int]  # of a caution: cells in 1e-7 degree, windows in microseconds


def as_told(notice: Declaration, step: DisclosureStep, grid: Grid) -> Declaration:
    """A declaration as a recipient at `step` gets it; only operations stand on the ladder."""
    if notice.kind is not SubjectKind.OPERATION or step is DisclosureStep.ENDED:
        return notice
    told = replace(notice, name="", volumes=volumes_as_told(notice.volumes, step, grid))
    if step >= DisclosureStep.ACTIVE:
        return told
    return replace(told, purpose=Purpose.DANGER_AREA, craft=Craft.NONE)


def volumes_as_told(
    volumes: tuple[Volume4D, ...], step: DisclosureStep, grid: Grid
) -> tuple[Volume4D, ...]:
    """The volumes at a step; of a caution each different one once.

    Raises:
        Malformed: `cannot_coarsen`.
    """
    if step is not DisclosureStep.CAUTION:
        return volumes
    cell_e7, window_us = grid
    coarse = (coarsened(each, cell_e7=cell_e7, window_us=window_us) for each in volumes)
    return tuple(dict.fromkeys(coarse))


def is_told(code: Code, step: DisclosureStep) -> bool:
    """Whether a transition is told at `step`: a start from `active` on, an end always."""
    return code is not Code.START or step >= DisclosureStep.ACTIVE
