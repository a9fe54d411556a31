"""Schema v1 of a handover and of its acceptance: what two officers of one party sign to each other.

The hash of an item is over its kind, id, deadline and state, that of a list over its items' hashes
in order. Both stay at home, so nothing reads them back from a peer. Never edited after release.
Reference: docs/reference/notice-v1.md, section 5. Called by hotline and the doors.
"""

from comity.model.handover import Acceptance, Handover, OpenItem
from comity.wire.canonical import sha256
from comity.wire.fields import Field, id_field, int_field, text_field

__all__ = [
    "ITEMS_NAMED_MAX",
    "fields_of_acceptance",
    "fields_of_handover",
    "item_hash",
    "list_hash",
]

ITEMS_NAMED_MAX = 480  # a content has 511 fields; the hash of the list is over all items
_ITEM, _LIST = b"comity/open-item/v1\0", b"comity/open-items/v1\0"


def item_hash(item: OpenItem) -> bytes:
    """SHA-256 of what is open, with its deadline and state."""
    due = "-" if item.due_us is None else str(item.due_us)
    words = f"{item.kind}\0{due}\0{item.state}"
    return sha256(_ITEM + item.id + words.encode())


def list_hash(items: tuple[OpenItem, ...]) -> bytes:
    """SHA-256 over the hashes of all items, in order."""
    return sha256(_LIST + b"".join(map(item_hash, items)))


def fields_of_handover(handover: Handover) -> tuple[Field, ...]:
    """The content of a handover, in canonical order."""
    return (
        text_field("handover", "begin"),
        text_field("from", handover.giver),
        text_field("to", handover.taker),
        text_field("note", handover.note),
        *_items(handover.items),
    )


def fields_of_acceptance(acceptance: Acceptance) -> tuple[Field, ...]:
    """The content of an acceptance, in canonical order."""
    return (
        text_field("handover", "accept"),
        id_field("of", acceptance.of),
        text_field("by", acceptance.by),
        *_items(acceptance.items),
    )


def _items(items: tuple[OpenItem, ...]) -> tuple[Field, ...]:
    """How many there are, the hash of all, and each of the first by its own."""
    return (
        int_field("items", len(items)),
        id_field("list", list_hash(items)),
        *(
            id_field(f"item/{at}", item_hash(item))
            for at, item in enumerate(items[:ITEMS_NAMED_MAX])
        ),
    )
