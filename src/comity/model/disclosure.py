"""The ladder of disclosure: how much of an operation one recipient is told. A noun.

D1 to D4 of the ladder; D0 (sealed) and D5 (opened) belong to sealed notices. Hazards, protected
presences and the end of anything stand outside it: they are for safety, and told whole.
"""

from enum import IntEnum

__all__ = ["DisclosureStep"]


class DisclosureStep(IntEnum):
    """A step, from least to most; each holds all of those before it."""

    CAUTION = 1  # a coarse area and window: keep your aircraft reachable
    AREA = 2  # the true volumes with their uncertainty
    ACTIVE = 3  # purpose and class of craft, and that it has started
    ENDED = 4  # its name: all that is in the notice
