"""The name of a chain: which entries of a sender to an audience number each other.

Pure. Called by the pen, the line and the verifier.
"""

from comity.wire.entry_v1 import EntryType

__all__ = ["lane_of"]

_LANES = {
    EntryType.RECEIPT: "#receipts",
    EntryType.SAFETY: "#safety",
    **dict.fromkeys((EntryType.KEY, EntryType.REVOKE), "#keys"),
}


def lane_of(audience: str, kind: EntryType) -> str:
    """Receipts travel another way, and safety waits behind nothing."""
    return f"{audience}{_LANES.get(kind, '')}"
