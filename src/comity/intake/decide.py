"""What is odd about an accepted notice: flags, each resting on a clause. Pure.

Lead time is activity start minus delivery, never counted to a later event. Called by
`intake.receive`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from comity.agreement.resolve import Case, Rules
from comity.model.notice import Declaration, Purpose, SubjectKind
from comity.model.parameter import parameter
from comity.model.volume import Volume4D

__all__ = ["Flag", "flags_of", "lead_us", "start_us"]

_LEADS = (
    ("short_notice", "lead_short_notice_us"),
    ("below_agreed_lead", "lead_cleartext_min_us"),
)
# A humanitarian site or movement: 24 h in an emergency, 48 h else (precedents: Yemen, from 2015).
_HUMANITARIAN_LEADS = (
    ("below_humanitarian_lead", "lead_humanitarian_us"),
    ("below_foreseeable_lead", "lead_foreseeable_us"),
)


def start_us(volumes: Iterable[Volume4D]) -> int:
    """When an activity starts: the earliest window."""
    return min(volume.window.start_us for volume in volumes)


def lead_us(volumes: Iterable[Volume4D], delivered_us: int) -> int:
    """Start minus delivery; negative if it had started before."""
    return start_us(volumes) - delivered_us


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """Something odd about a notice: its name, and the sentence that says what it rests on."""

    name: str
    ground: str


def flags_of(notice: Declaration, rules: Rules, case: Case, delivered_us: int) -> tuple[Flag, ...]:
    """`late` after the start, and a flag for each agreed lead that it is below.

    Hazards and presences have none: they are told when they are known. A humanitarian presence is
    planned, so its leads are flagged, and it is taken all the same.
    """
    leads = _leads_of(notice)
    if not leads:
        return ()
    lead = lead_us(notice.volumes, delivered_us)
    flags: list[Flag] = []
    if lead < 0:
        flags.append(Flag(name="late", ground="it was delivered after its start"))
    for name, clause in leads:
        ruling = rules.ruling(clause, case)
        if lead < ruling.value:
            known = parameter(clause)
            flags.append(Flag(name=name, ground=f"{ruling.sentence}; it had {known.shown(lead)}"))
    return tuple(flags)


def _leads_of(notice: Declaration) -> tuple[tuple[str, str], ...]:
    """Which leads are agreed for what is declared: a flag's name, and its parameter."""
    if notice.kind is SubjectKind.OPERATION:
        return _LEADS
    presence = notice.kind is SubjectKind.PRESENCE
    return _HUMANITARIAN_LEADS if presence and notice.purpose is Purpose.HUMANITARIAN else ()
