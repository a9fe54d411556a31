"""What can be said of a planned activity: declare, amend, start, end, cancel.

A notice is one of three shapes. A `Declaration` opens an operation, a hazard or a protected
presence and always has geometry; an `Amendment` replaces the volumes; a `Transition` moves the
lifecycle. A notice's id is the content-root of the entry that carries it, and a subject's id is the
id of its declaration. There is no field for a target, a weapon, a launch point or a sensor, and
none can be added.
"""

from dataclasses import dataclass
from enum import StrEnum

from comity.model.fault import Malformed
from comity.model.quantity import checked_instant_us
from comity.model.volume import Volume4D, corners_of, holes_of

__all__ = [
    "FORBIDDEN_FIELDS",
    "Amendment",
    "Code",
    "Confidence",
    "Craft",
    "Declaration",
    "Domain",
    "HazardBasis",
    "Notice",
    "Onward",
    "Purpose",
    "SubjectKind",
    "Transition",
    "checked_text",
    "kind_of",
]

_ID_BYTES = 32
_VOLUMES_MAX = 50  # ten fields each and nine before them are within the 511 of a content
_VERTICES_MAX = 2_000
_NAME_CHARS_MAX = 40
_QUOTE_CHARS_MAX = 280
_NEEDS_US_MAX = 7 * 86_400 * 1_000_000


class Code(StrEnum):
    """Message codes of the phrasebook that a notice may carry (domain vocabulary)."""

    NOTIFY = "N1"
    AMEND = "N2"
    CANCEL = "N3"
    START = "A1"
    END = "A2"
    PROTECT = "V1"
    RELEASE = "V2"
    HAZARD = "H"


class SubjectKind(StrEnum):
    """What a declaration opens."""

    OPERATION = "operation"
    HAZARD = "hazard"
    PRESENCE = "presence"


class Purpose(StrEnum):
    """Why, from a closed list; it names no target and no means."""

    MILITARY_ACTIVITY = "military-activity"
    TRAINING = "training"
    TRANSPORT = "transport"
    SURVEY = "survey"
    MEDICAL = "medical"
    FIRE_RESCUE = "fire-rescue"
    SEARCH_RESCUE = "search-rescue"
    WEATHER = "weather"
    FARMING = "farming"
    HUMANITARIAN = "humanitarian"
    CIVIL_TRAFFIC = "civil-traffic"
    AIR_DEFENCE_ACTIVE = "air-defence-active"
    DANGER_AREA = "danger-area"
    INTERFERENCE = "interference"


class Domain(StrEnum):
    """Where."""

    AIR = "air"
    GROUND = "ground"
    MARITIME = "maritime"
    SUBSURFACE = "subsurface"
    ELECTROMAGNETIC = "electromagnetic"


class Craft(StrEnum):
    """Classes by which agreements choose a clearance; never a type."""

    COMBAT = "combat"
    UNARMED = "unarmed"
    ROTARY = "rotary"
    UAV = "uav"
    BALLOON = "balloon"
    NONE = "none"


class Onward(StrEnum):
    """What a recipient may pass on."""

    NONE = "none"
    DERIVED = "derived"
    FULL = "full"


class Confidence(StrEnum):
    """How sure the source of a hazard is."""

    CONFIRMED = "confirmed"
    PROBABLE = "probable"
    POSSIBLE = "possible"


# Names that no schema of Comity has, refused by name wherever a key is read: a promise, tested.
FORBIDDEN_FIELDS = frozenset(
    {
        "aim_point",
        "ammunition",
        "engagement_zone",
        "envelope",
        "firing_unit",
        "force_size",
        "launch_point",
        "munition",
        "ordnance",
        "radar_site",
        "sensor",
        "sensor_site",
        "strike_point",
        "target",
        "target_position",
        "targets",
        "time_on_target",
        "track",
        "warhead",
        "weapon",
        "weapon_type",
        "weapons",
    }
)

_OPENERS = {
    Code.NOTIFY: SubjectKind.OPERATION,
    Code.HAZARD: SubjectKind.HAZARD,
    Code.PROTECT: SubjectKind.PRESENCE,
}


def kind_of(code: Code) -> SubjectKind:
    """The kind that a declaring code opens; KeyError for the other codes."""
    return _OPENERS[code]


def checked_text(text: str, chars_max: int, name: str) -> str:
    """Free text: printable, single line, short, no surrounding space."""
    if len(text) > chars_max:
        raise Malformed(f"{name} has at most {chars_max} characters", code="text_too_long")
    if text != text.strip() or not (text.isprintable() or text == ""):
        raise Malformed(f"{name} must be printable text on one line", code="bad_text")
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardBasis:
    """Why a hazard is believed: quoted source, confidence, and when the belief lapses."""

    source: str
    confidence: Confidence
    expires_us: int

    def __post_init__(self) -> None:
        """A hazard without a source is a rumour."""
        checked_instant_us(self.expires_us)
        if not checked_text(self.source, _QUOTE_CHARS_MAX, "source"):
            raise Malformed("a hazard quotes its source", code="no_source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """Opens an operation, hazard or protected presence. `volumes` is not empty: words are no area.

    `needs_us` is the one number a presence's owner may publish: the clearing time that it needs.
    """

    code: Code
    purpose: Purpose
    domain: Domain
    craft: Craft
    onward: Onward
    name: str
    volumes: tuple[Volume4D, ...]
    needs_us: int | None = None
    basis: HazardBasis | None = None

    def __post_init__(self) -> None:
        """Hold the rules that make a declaration whole."""
        if self.code not in _OPENERS:
            raise Malformed(f"{self.code} does not declare anything", code="bad_code")
        checked_text(self.name, _NAME_CHARS_MAX, "name")
        _check_volumes(self.volumes)
        if (self.basis is not None) != (self.code is Code.HAZARD):
            raise Malformed("a hazard has a basis, and nothing else has", code="no_source")
        if self.needs_us is not None and self.code is not Code.PROTECT:
            raise Malformed("only a presence publishes a clearing time", code="bad_needs")
        if self.needs_us is not None and not 0 <= self.needs_us <= _NEEDS_US_MAX:
            raise Malformed("a clearing time lies between 0 and 7 days", code="bad_needs")

    @property
    def kind(self) -> SubjectKind:
        """What this declaration opens."""
        return _OPENERS[self.code]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """Replaces all volumes of the subject `of` (32 bytes), and nothing else."""

    of: bytes
    volumes: tuple[Volume4D, ...]
    code: Code = Code.AMEND

    def __post_init__(self) -> None:
        """Hold the rules."""
        _check_id(self.of)
        _check_volumes(self.volumes)
        if self.code is not Code.AMEND:
            raise Malformed("an amendment has code N2", code="bad_code")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """Starts, ends, releases or cancels the subject `of`, as of `at_us`."""

    of: bytes
    code: Code
    at_us: int

    def __post_init__(self) -> None:
        """Hold the rules."""
        _check_id(self.of)
        checked_instant_us(self.at_us)
        if self.code not in (Code.START, Code.END, Code.RELEASE, Code.CANCEL):
            raise Malformed(f"{self.code} is no transition", code="bad_code")


Notice = Declaration | Amendment | Transition


def _check_id(value: bytes) -> None:
    if len(value) != _ID_BYTES:
        raise Malformed("an id has 32 bytes", code="bad_id")


def _check_volumes(volumes: tuple[Volume4D, ...]) -> None:
    """Count: nobody's notice may keep everybody's node busy (a spiked ring costs its square)."""
    if not volumes:
        raise Malformed(
            "a notice without an area, heights and times is not a notice", code="no_area"
        )
    if len(volumes) > _VOLUMES_MAX:
        raise Malformed(f"a notice has at most {_VOLUMES_MAX} volumes", code="too_many_volumes")
    if len(volumes) + sum(holes_of(volume.footprint) for volume in volumes) > _VOLUMES_MAX:
        text = f"a notice has at most {_VOLUMES_MAX} volumes and holes together"
        raise Malformed(text, code="too_many_holes")
    if sum(corners_of(volume.footprint) for volume in volumes) > _VERTICES_MAX:
        raise Malformed(
            f"a notice has at most {_VERTICES_MAX} vertices in all", code="too_many_vertices"
        )
