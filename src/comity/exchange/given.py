"""What the exchange hands to a desk: an entry that a peer gave us, proven and opened.

The desk answers with a verdict (`accepted` or a refusal's code) by returning or by raising Refused
or Malformed. Called by `exchange.receive`; assembly says which desk takes which type.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from comity.journal.pen import Pen
from comity.storage.store import Transaction
from comity.trust.envelope import Verified
from comity.wire.entry_v1 import Entry, EntryType
from comity.wire.fields import Field

__all__ = ["ACCEPTED", "Desk", "Desks", "Given"]

ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """`leaf` identifies the entry, `index` is its proven place, `id` is its content."""

    entry: Verified[Entry]
    leaf: bytes
    index: int
    id: bytes
    fields: tuple[Field, ...]


Desk = Callable[[Transaction, Pen, Given], None]
Desks = Mapping[EntryType, Desk]
