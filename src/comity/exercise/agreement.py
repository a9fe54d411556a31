"""The agreement block of a scenario: numbers as people write them to the parameters of a node.

`lead_cleartext_min = "15m"` becomes `lead_cleartext_min_us`, `clearance_lateral = "3nm"` becomes
`clearance_lateral_mm`. What is left out keeps the default of `model.agreement`. Called by check,
fleet.
"""

from collections.abc import Mapping
from dataclasses import fields

from comity.exercise.amount import duration_us, length_mm
from comity.model.agreement import Parameters
from comity.model.fault import Malformed

__all__ = ["KEYS", "parameters"]

# A scenario's key -> the field of Parameters: the same word without its unit.
# Frequencies are reference data that no exercise changes.
KEYS = {
    name.rpartition("_")[0]: name
    for name in (field.name for field in fields(Parameters))
    if not name.endswith("_hz")
}


def parameters(block: Mapping[str, str]) -> dict[str, int]:
    """Only what `block` sets, in the units of `Parameters`; Malformed names the key."""
    found = {KEYS[key]: _number(key, text) for key, text in block.items() if key in KEYS}
    unknown = sorted(set(block) - set(KEYS))
    if unknown:
        raise Malformed(
            f"an agreement has no {unknown[0]!r}; known: {', '.join(KEYS)}", code="bad_parameter"
        )
    Parameters(**found)
    return found


def _number(key: str, text: str) -> int:
    return length_mm(text) if KEYS[key].endswith("_mm") else duration_us(text)
