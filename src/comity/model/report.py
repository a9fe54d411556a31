"""What a party reports of a hazard that it knows: its own source beside the owner's.

A report changes nothing and decides nothing: reports that contradict each other stand side by side.
Called by intake, wire and the doors.
"""

from dataclasses import dataclass
from enum import StrEnum

from comity.model.fault import Malformed
from comity.model.notice import Confidence, checked_text
from comity.model.volume import Volume4D, corners_of, holes_of

__all__ = ["HazardReport", "Stance"]

_ID_BYTES = 32
_QUOTE_CHARS_MAX = 280
_VOLUMES_MAX = 10  # an amendment of the owner's may have 50; a report points at a part
_VERTICES_MAX = 500
_PIECES_MAX = 50


class Stance(StrEnum):
    """How a report stands to what the owner said."""

    CONTRADICTS = "contradicts"
    SUPPORTS = "supports"
    NARROWS = "narrows"


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardReport:
    """A report on the hazard `of`: quoted source and confidence; `volumes` where it says so itself.

    What narrows says to what; what contradicts or supports may.
    """

    of: bytes
    stance: Stance
    source: str
    confidence: Confidence
    volumes: tuple[Volume4D, ...] = ()

    def __post_init__(self) -> None:
        """A report without a source is a rumour too."""
        if len(self.of) != _ID_BYTES:
            raise Malformed("an id has 32 bytes", code="bad_id")
        if not checked_text(self.source, _QUOTE_CHARS_MAX, "source"):
            raise Malformed("a report quotes its source", code="no_source")
        if self.stance is Stance.NARROWS and not self.volumes:
            raise Malformed("what narrows a hazard says to which area", code="no_area")
        if len(self.volumes) > _VOLUMES_MAX:
            raise Malformed(f"a report has at most {_VOLUMES_MAX} volumes", code="too_many_volumes")
        pieces = len(self.volumes) + sum(holes_of(volume.footprint) for volume in self.volumes)
        if pieces > _PIECES_MAX:
            text = f"a report has at most {_PIECES_MAX} volumes and holes together"
            raise Malformed(text, code="too_many_holes")
        if sum(corners_of(volume.footprint) for volume in self.volumes) > _VERTICES_MAX:
            raise Malformed(
                f"a report has at most {_VERTICES_MAX} vertices in all", code="too_many_vertices"
            )
