"""What is odd about an accepted notice: flags, each resting on a clause. Pure.

Lead time is activity start minus delivery, never counted to a later event. Called by
`intake.receive`.
"""

from collections.abc import Iterable

from comity.model.agreement import Parameters
from comity.model.notice import Declaration, SubjectKind
from comity.model.volume import Volume4D

__all__ = ["flags_of", "lead_us", "start_us"]


def start_us(volumes: Iterable[Volume4D]) -> int:
    """When an activity starts: the earliest window."""
    return min(volume.window.start_us for volume in volumes)


def lead_us(volumes: Iterable[Volume4D], delivered_us: int) -> int:
    """Start minus delivery; negative if it had started before."""
    return start_us(volumes) - delivered_us


def flags_of(
    notice: Declaration, parameters: Parameters | None, delivered_us: int
) -> tuple[str, ...]:
    """`late` after the start, `short_notice` below the clause of that name, `below_agreed_lead`."""
    if parameters is None or notice.kind is not SubjectKind.OPERATION:
        return ()
    lead = lead_us(notice.volumes, delivered_us)
    flags: list[str] = []
    if lead < 0:
        flags.append("late")
    if lead < parameters.lead_short_notice_us:
        flags.append("short_notice")
    if lead < parameters.lead_cleartext_min_us:
        flags.append("below_agreed_lead")
    return tuple(flags)
