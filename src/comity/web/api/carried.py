"""Shapes of the air gap's door: JSON in, JSON out. Called by the exchange and the command line."""

import msgspec

__all__ = ["ExportRequest", "ImportRequest", "ImportView", "ParcelView"]


class ExportRequest(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """For whom a parcel is to be packed: name or origin."""

    to: str


class ParcelView(msgspec.Struct, kw_only=True, frozen=True):
    """A parcel that was packed; `file` is base64."""

    party: str
    number: int
    pieces: int
    file: str


class ImportRequest(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """One piece of a parcel in base64 with the manifest; at the end, position = pieces, none."""

    manifest: str
    position: int
    piece: str


class ImportView(msgspec.Struct, kw_only=True, frozen=True):
    """What came of it: `already` if this number, or a later one, had been taken in before."""

    party: str
    number: int
    already: bool
    new_entries: int
