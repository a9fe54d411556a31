"""Doings with the protected register at the table, and what files say of it."""

from dataclasses import replace
from pathlib import Path

from comity.intake.guard import lapse, open_entry
from comity.intake.order import Outcome, ProtectOrder
from comity.intake.protect import extend, protect, release
from comity.intake.sealed import Presence
from comity.model.notice import Code, Craft, Declaration, Domain, Onward, Purpose
from comity.model.volume import Volume4D, Window
from comity.storage.register import ProtectedRow
from tests.intake.table import Party
from tests.model.samples import MINUTE_US, NOON_US, volume

DAY_US = 1_440 * MINUTE_US
LAT, LON = 355_123_456, 357_654_321  # what no file and no answer may hold
SECRETS = tuple(value.to_bytes(4, "big") for value in (LAT, LON))


def hospital(*volumes: Volume4D, name: str = "clinic") -> Declaration:
    """A site on the grid, 2 km around, for a day from noon."""
    return Declaration(
        code=Code.PROTECT,
        purpose=Purpose.MEDICAL,
        domain=Domain.GROUND,
        craft=Craft.NONE,
        onward=Onward.NONE,
        name=name,
        volumes=volumes or (site(),),
    )


def site(
    lat: float = 35.51, lon: float = 35.77, radius_mm: int = 2_000_000, until_us: int | None = None
) -> Volume4D:
    """A circle that stands from noon."""
    found = volume(lat=lat, lon=lon, radius_m=radius_mm / 1_000)
    end_us = NOON_US + DAY_US if until_us is None else until_us
    return replace(found, window=Window(start_us=NOON_US, end_us=end_us))


def give(owner: Party, notice: Declaration, *to: Party, snap: bool = False) -> Outcome:
    """Put it into the register, and hand it over."""
    order = ProtectOrder(notice=notice, to=tuple(each.origin for each in to), snap=snap)
    outcome = owner.do(lambda tx, pen: protect(tx, pen, order))
    owner.table.hand_over()
    return outcome


def renew(owner: Party, id_: bytes, until_us: int) -> Outcome:
    outcome = owner.do(lambda tx, pen: extend(tx, pen, id_, until_us))
    owner.table.hand_over()
    return outcome


def withdraw(owner: Party, id_: bytes) -> Outcome:
    outcome = owner.do(lambda tx, pen: release(tx, pen, id_))
    owner.table.hand_over()
    return outcome


def show(reader: Party, id_: bytes, reason: str = "route of convoy 7") -> Presence:
    found = reader.do(lambda tx, pen: open_entry(tx, pen, id_, "duty officer", reason))
    reader.table.hand_over()
    return found


def let_go(party: Party) -> int:
    return party.do(lapse)


def rows(party: Party) -> tuple[ProtectedRow, ...]:
    """What stands."""
    return party.read(lambda r: r.register.live_protected(party.table.now_us))


def files(party: Party) -> bytes:
    """Every byte of a party's store, its log too."""
    folder = Path(party.store._folder)
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
