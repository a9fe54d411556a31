"""Does an operation come nearer to a border than agreed for its craft? Flags, each with its clause.

Precedents: 10 km for combat craft between India and Pakistan (1991), 10 to 40 km in Korea (2018).
Inside a buffer an activity is not refused: it is what the other side wants to hear of. Pure. Called
by receive and move.
"""

from comity.agreement.resolve import Case, Rules
from comity.airspace.border import nearest_to_border
from comity.airspace.explain import border_words
from comity.intake.decide import Flag
from comity.model.clause import Agreement, Clause
from comity.model.notice import Craft, Declaration, SubjectKind
from comity.model.parameter import parameter
from comity.model.units import Units

__all__ = ["BORDER_FLAG", "border_flags"]

BORDER_FLAG = "inside_border_buffer"

_BUFFERS = {
    Craft.COMBAT: "buffer_combat_mm",
    Craft.UNARMED: "buffer_unarmed_mm",
    Craft.ROTARY: "buffer_rotary_mm",
    Craft.UAV: "buffer_uav_mm",
    Craft.BALLOON: "buffer_balloon_mm",
}


def border_flags(notice: Declaration, rules: Rules, case: Case) -> tuple[Flag, ...]:
    """`inside_border_buffer` for each border that a volume comes too near to."""
    name = _BUFFERS.get(notice.craft)
    if name is None or notice.kind is not SubjectKind.OPERATION:
        return ()
    found = (_flag(notice, name, *border) for border in rules.borders(case))
    return tuple(flag for flag in found if flag is not None)


def _flag(notice: Declaration, name: str, agreement: Agreement, clause: Clause) -> Flag | None:
    buffer_mm = dict(clause.values).get(name)
    if buffer_mm is None:
        return None
    found = [
        nearest_to_border(volume, clause.line, limit_mm=buffer_mm) for volume in notice.volumes
    ]
    near = (each for each in found if each is not None)
    closest = min(near, key=lambda each: each.closest_mm, default=None)
    if closest is None:
        return None
    words = border_words(closest.point, closest.closest_mm, buffer_mm, Units.METRIC)
    known = parameter(name)
    return Flag(
        name=BORDER_FLAG,
        ground=f"by clause {clause.id} of {agreement.name}, version {agreement.version}, "
        f"{name} is {known.shown(buffer_mm)}; it {words}",
    )
