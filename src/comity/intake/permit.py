"""Does the agreement allow this? Pure: facts in, a Refusal or None out.

The safety floor (hazards, and the end of anything) passes whatever the agreement's state. Each rule
names what to do about its no. Called by `intake.receive` and `intake.move`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from comity.agreement.resolve import Ruling
from comity.agreement.standing import Consent
from comity.airspace.geodesic import distance_m
from comity.model.fault import Refusal
from comity.model.lifecycle import LifeState, moved
from comity.model.notice import Code, Declaration, Onward, SubjectKind
from comity.model.quantity import Position, degrees
from comity.model.volume import Footprint, Polygon, Volume4D, margin_mm_of, places_of
from comity.wire.limits import LIVE_SUBJECTS_MAX

__all__ = [
    "ENDS",
    "Prompt",
    "in_agreement",
    "may_amend",
    "may_answer",
    "may_declare",
    "may_have_more",
    "may_move",
    "may_report",
    "of_the_floor",
    "taken_from",
    "too_small",
]

_ADVICE = {  # what to do about a consent that is not given
    "no_agreement": "both parties sign the same text or parameters; hazards pass without",
    "agreement_expired": "sign a new version; hazards and ends pass without",
    "agreement_suspended": "who suspended it resumes it; hazards and ends pass all the same",
}
ENDS = frozenset({Code.END, Code.RELEASE, Code.CANCEL})
_RADIUS_MM_MIN = 1_000_000  # a protected volume or hazard is at least 1 km in radius


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """The peer's notice that a declaration answers: its volumes, and what may be passed on.

    `onward` is the narrower of what the notice says and what is agreed; `ruling` is what it rests
    on in the second case.
    """

    owner: str
    onward: Onward
    ruling: Ruling | None = None
    name: str
    volumes: tuple[Volume4D, ...]


def may_declare(
    notice: Declaration,
    recipients: Collection[str],
    consents: Mapping[str, Consent],
    prompt: Prompt | None,
    now_us: int,
) -> Refusal | None:
    """Whether it may be given to `recipients`; `consents` tells of each enrolled party."""
    if max(volume.window.end_us for volume in notice.volumes) < now_us:
        return _no("expired", "all of it is over already", "declare what is still to come", "end")
    small = _area_too_small(notice)
    if small is not None:
        return small
    no = in_agreement(notice.kind, recipients, consents)
    return no if no is not None or prompt is None else may_answer(notice, recipients, prompt)


def in_agreement(
    kind: SubjectKind, parties: Collection[str], consents: Mapping[str, Consent]
) -> Refusal | None:
    """Whether an agreement is in force with each of the parties; hazards pass without."""
    for origin in parties:
        consent = consents.get(origin)
        if consent is None:
            return _no("unknown_party", f"{origin} is not enrolled", "enrol it first", "to")
        if consent.code is not None and kind is not SubjectKind.HAZARD:
            return _no(consent.code, consent.reason, _ADVICE[consent.code], "to")
    return None


def may_amend(
    after: Declaration, recipients: Collection[str], prompt: Prompt | None
) -> Refusal | None:
    """Whether a declaration may take on other volumes, given as `after`: no smaller, none taken."""
    small = _area_too_small(after)
    if small is not None or prompt is None:
        return small
    return may_answer(after, recipients, prompt)


def may_report(
    area: Declaration | None, recipients: Collection[str], prompt: Prompt | None
) -> Refusal | None:
    """Whether a report on a hazard may go to others than its owner; `area` is what it draws."""
    if area is not None:
        return may_amend(area, recipients, prompt)
    if prompt is None or prompt.onward is not Onward.NONE:
        return None
    others = any(origin != prompt.owner for origin in recipients)
    return _onward_none(prompt) if others else None


def may_answer(notice: Declaration, recipients: Collection[str], prompt: Prompt) -> Refusal | None:
    """What may follow from a peer's notice toward others than its owner."""
    if prompt.onward is Onward.FULL or all(origin == prompt.owner for origin in recipients):
        return None
    if prompt.onward is Onward.NONE:
        return _onward_none(prompt)
    if notice.kind is SubjectKind.OPERATION:
        return _no_onward(
            prompt,
            "onward_derived",
            "only a protected presence or a hazard of our own may follow from that notice",
            "declare what we ask to be spared instead",
            "kind",
        )
    field = taken_from(notice, prompt)
    if field is None:
        return None
    return _no(
        "taken_from_notice",
        f"its {field} is the same as in the notice that prompts it",
        "choose area, times and name of your own",
        field,
    )


def _onward_none(prompt: Prompt) -> Refusal:
    return _no_onward(
        prompt,
        "onward_none",
        "the notice that prompts this may not be passed on in any form",
        "ask its owner for `derived`",
        "prompted_by",
    )


def _no_onward(prompt: Prompt, code: str, reason: str, what_to_do: str, field: str) -> Refusal:
    """A no of the notice's owner, or of the agreement with it."""
    no, ruling = _no(code, reason, what_to_do, field), prompt.ruling
    if ruling is None:
        return no
    return replace(no, reason=f"{reason}: {ruling.sentence}", basis=ruling.basis)


def taken_from(notice: Declaration, prompt: Prompt) -> str | None:
    """The first field that a declaration shares with the notice that prompts it, or None.

    Compared are points, radii, instants and the name; heights such as 0 m coincide by nature.
    """
    own_points, own_sizes, own_times = _marks(notice.volumes)
    points, sizes, times = _marks(prompt.volumes)
    if own_points & points:
        return "footprint"
    if own_sizes & sizes:
        return "radius_m"
    if own_times & times:
        return "window"
    return "name" if notice.name and notice.name == prompt.name else None


def _marks(volumes: Iterable[Volume4D]) -> tuple[set[Position], set[int], set[int]]:
    points: set[Position] = set()
    sizes: set[int] = set()
    times: set[int] = set()
    for volume in volumes:
        times |= {volume.window.start_us, volume.window.end_us}
        points |= set(places_of(volume.footprint))
        if not isinstance(volume.footprint, Polygon):
            sizes.add(margin_mm_of(volume.footprint))
    return points, sizes, times


def _area_too_small(notice: Declaration) -> Refusal | None:
    """A hazard or presence under the minimum; an operation may be as small as it is."""
    if notice.kind is SubjectKind.OPERATION:
        return None
    if not any(too_small(volume.footprint, _RADIUS_MM_MIN) for volume in notice.volumes):
        return None
    return _no(
        "area_too_small",
        "a hazard or protected volume has a radius of at least 1 km: less would be a position",
        "draw it wider",
        "footprint",
    )


def too_small(footprint: Footprint, radius_mm_min: int) -> bool:
    """A circle under the minimum, or what lies wholly within it of its first vertex."""
    first, *others = map(_latlon, places_of(footprint))
    farthest_mm = max((distance_m(first, other) * 1_000 for other in others), default=0.0)
    return margin_mm_of(footprint) + farthest_mm < radius_mm_min


def _latlon(position: Position) -> tuple[float, float]:
    return degrees(position.lat_e7), degrees(position.lon_e7)


def of_the_floor(code: Code, kind: SubjectKind | None) -> Refusal | None:
    """Whether a notice may use the safety floor's chain: nothing ordinary overtakes by its name."""
    if kind is SubjectKind.HAZARD or code in ENDS:
        return None
    return _no("not_safety", f"{code} is not of the safety floor", "give it as a notice", "code")


def may_have_more(live: int) -> Refusal | None:
    """Whether a party may have one more live subject of a kind here: nobody's list is endless."""
    if live < LIVE_SUBJECTS_MAX:
        return None
    return _no(
        "too_many_subjects",
        f"{LIVE_SUBJECTS_MAX} of that kind are live already",
        "end or cancel what is over",
        "kind",
    )


def may_move(state: LifeState, code: Code, kind: SubjectKind) -> Refusal | None:
    """Whether the table allows the move; V2 releases presences only."""
    if moved(state, code) is None:
        return _no(
            "no_such_move", f"it is {state}: {code} does not apply", "look at its state", "move"
        )
    if code is Code.RELEASE and kind is not SubjectKind.PRESENCE:
        return _no("no_such_move", "only a presence is released", "end it instead", "move")
    return None


def _no(code: str, reason: str, what_to_do: str, field: str) -> Refusal:
    return Refusal(code=code, reason=reason, what_to_do=what_to_do, field=field)
