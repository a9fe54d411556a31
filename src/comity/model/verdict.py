"""The four words on whether a notice's lead suffices; about a lead, never about a party."""

from enum import StrEnum

__all__ = ["VerdictWord"]


class VerdictWord(StrEnum):
    """Whether a notice's lead suffices for the receiver's own presences."""

    SUFFICIENT = "sufficient"
    SHORT = "short"
    INSUFFICIENT = "insufficient"
    UNKNOWN = "unknown"
