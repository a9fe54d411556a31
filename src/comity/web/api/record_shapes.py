"""The JSON shapes about the record: entries, bundles, evidence, and what could not be recorded.

Types only, as `web.api.shapes`, which has the rest. Called by the routes and the command line.
"""

import msgspec

__all__ = ["BundleView", "EntryRow", "EntryView", "EvidenceView", "FieldName", "ShownView"]


class EntryRow(msgspec.Struct, kw_only=True, frozen=True):
    """A line of our own journal: what it is, to whom, when by our clock."""

    index: int
    leaf: str
    type: str
    to: str
    seq: int
    issued: str


class FieldName(msgspec.Struct, kw_only=True, frozen=True):
    """The path and type of a field of a content."""

    path: str
    type: str


class EntryView(msgspec.Struct, kw_only=True, frozen=True):
    """An entry of our own journal with its proof; `note` and `proof` are C2SP texts.

    `fields` lists what its content holds; null if it has none, or none that is still here.
    """

    index: int
    leaf: str
    note: str
    proof: str
    fields: list[FieldName] | None


class BundleView(msgspec.Struct, kw_only=True, frozen=True):
    """An evidence bundle: the bytes of each file in base64, by file name."""

    files: dict[str, str]


class ShownView(msgspec.Struct, kw_only=True, frozen=True):
    """What a party said, we too, and this node could not record: in memory until it stops."""

    id: str
    party: str
    said: str
    at: str


class EvidenceView(msgspec.Struct, kw_only=True, frozen=True):
    """Evidence against a party; `file` is what `comity verify` judges, and all it needs."""

    id: str
    party: str
    kind: str
    at: str
    file: str
