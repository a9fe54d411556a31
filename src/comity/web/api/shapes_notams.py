"""The JSON shape of a NOTAM draft, by the rules of `web.api.shapes`."""

import msgspec

__all__ = ["NotamDraftView"]


class NotamDraftView(msgspec.Struct, kw_only=True, frozen=True):
    """The draft for one volume of a notice, the `volume`-th from 0. DRAFT, NOT PUBLISHED.

    `text` bears that mark on every line. Levels are flight levels (0: from the ground, 999:
    unlimited), `centre` is in whole minutes; circle, levels and times hold the whole volume.
    """

    volume: int
    text: str
    lower_level: int
    upper_level: int
    centre: tuple[float, float]
    radius_nm: int
    start: str
    end: str
