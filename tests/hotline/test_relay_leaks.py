"""Whatever is done about units: no name leaves home, no handles match, nothing passes `onward`."""

import struct
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import given, settings
from hypothesis import strategies as st

from comity.hotline.relay_page import Form, drawn
from comity.intake.order import MoveOrder
from comity.model.answer import UnitState
from comity.model.fault import Refused
from comity.model.notice import Code, Onward
from comity.model.volume import Volume4D, places_of
from comity.storage.relay import RelayTaskRow
from tests.hotline.relaying import hears, lists, page_for, picks, says, terms
from tests.hotline.test_relay import later
from tests.intake.table import Party, Table, in_memory
from tests.model.samples import MINUTE_US, NOON_US, declaration, volume

UNITS = ("Falcon Seven", "Battery Ochre", "Tower <b>Q</b>")
SECRETS = (b"Falcon", b"Ochre", b"Tower", b"121.5", b"OPERATION")
ACTS = ("tell", "miss", "answer", "pick", "page", "wait", "amend", "derive")
acts = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 2), st.integers(0, 1)), min_size=4, max_size=10
)


def own_area(number: int) -> Volume4D:
    """Nothing of it is in any notice of the others'."""
    start_us = NOON_US + (number + 1) * MINUTE_US + 7
    return volume(lat=30 + number / 100, radius_m=20_000 + number, start_us=start_us)


@contextmanager
def _table() -> Iterator[Table]:
    with in_memory() as folder:
        table = Table(folder)
        try:
            yield table
        finally:
            table.close()


class _World:
    """Alpha and carol give notices to bravo, which relays and tells host of its own."""

    def __init__(self, table: Table, onward: Onward) -> None:
        names = ("alpha", "carol", "bravo", "host")
        self.alpha, self.carol, self.bravo, self.host = (table.seat(name) for name in names)
        for other in (self.alpha, self.carol, self.host):
            table.join(self.bravo, other)
        lists(self.bravo, *UNITS)
        self.onward = onward
        said = declaration(onward=onward, name="OPERATION X")
        self.notices = [
            (giver, giver.declare(said, self.bravo).notice) for giver in (self.alpha, self.carol)
        ]
        self.theirs = [volume()]
        self.pages: list[bytes] = []
        self.count = 0

    def act(self, what: str, unit: str, which: int) -> None:
        giver, notice = self.notices[which]
        self.count += 1
        match what:
            case "tell" | "miss" | "answer":
                state = {"tell": UnitState.TOLD, "miss": UnitState.NOT_REACHED}
                says(self.bravo, notice, unit, state.get(what, UnitState.ANSWERED))
            case "pick":
                picks(self.bravo, notice, unit)
            case "wait":
                later(self.bravo, 60)
            case "page":
                made = page_for(self.bravo, notice, unit)
                self.pages += [drawn(made.note, form) for form in Form]
                self.pages.append(b64decode(made.note.split(b"content ")[1].split(b"\n")[0]))
                hears(self.bravo, notice, unit, made.page.code)
            case "amend":
                area = volume(lat=36 + self.count / 10, start_us=NOON_US + self.count * MINUTE_US)
                self.theirs.append(area)
                now_us = giver.table.now_us
                giver.move(
                    MoveOrder(subject=notice, code=Code.AMEND, at_us=now_us, volumes=(area,))
                )
            case _:
                own = declaration(own_area(self.count), code=Code.PROTECT)
                self.bravo.declare(own, self.host, prompted_by=notice)


@given(acts, st.sampled_from(Onward))
@settings(max_examples=12, deadline=None)
def test_no_name_leaves_and_nothing_passes_that_may_not(
    done: list[tuple[str, int, int]], onward: Onward
) -> None:
    with _table() as table:
        world = _World(table, onward)
        refused = set()
        for what, unit, which in done:
            try:
                world.act(what, UNITS[unit], which)
            except Refused as fault:
                refused.add(fault.code)
        _check_names(table, world)
        _check_handles(table, world)
        _check_pages(world)
        allowed = {"onward_none", "nothing_derived", "which_derived"}
        assert refused <= allowed if onward is not Onward.FULL else refused == set()


def _check_names(table: Table, world: _World) -> None:
    """Searched is every byte that any party handed to any other, and every page."""
    handed = [h.data for all_handed in table.handed.values() for h in all_handed]
    assert any(b"OPERATION" in data for data in handed)  # alpha's own words, to bravo alone
    of_bravo = [
        handed.data
        for (by, _), all_handed in table.handed.items()
        if by == world.bravo.origin
        for handed in all_handed
    ]
    for data in (*of_bravo, *world.pages):
        assert [secret for secret in SECRETS if secret in data] == []


def _check_handles(table: Table, world: _World) -> None:
    """One handle for each unit, notice and recipient, and no two alike."""
    tasks = [
        task
        for _, notice in world.notices
        for task in world.bravo.read(lambda r, n=notice: r.relay.tasks_of(n))  # type: ignore[misc]
    ]
    assert len({task.handle for task in tasks}) == len({(task.of, task.unit) for task in tasks})
    known: dict[bytes, set[bytes]] = {}
    for task in tasks:
        known.setdefault(task.of, set()).add(task.handle)
    for giver, _ in world.notices:
        for attested in table.attested(world.bravo, giver):
            assert {unit.handle for unit in attested.units} <= known[attested.of]


def _check_pages(world: _World) -> None:
    """Byte by byte: of what may not pass no place, no time, no id and no party is on a page."""
    if world.onward is Onward.FULL:
        return
    if world.onward is Onward.NONE:
        assert world.pages == []
    secrets = [b"alpha", b"carol"]
    for _, notice in world.notices:
        secrets += [notice, notice.hex().encode()]
    for area in world.theirs:
        centre = places_of(area.footprint)[0]
        secrets += [
            struct.pack(">ii", centre.lat_e7, centre.lon_e7),
            struct.pack(">q", area.window.start_us),
            struct.pack(">q", area.window.end_us),
        ]
    for page in world.pages:
        assert [secret for secret in secrets if secret in page] == []


def test_another_secret_makes_other_handles_and_codes() -> None:
    """What is made of a name needs the secret: the same world without it tells nothing."""
    with _table() as table:
        alpha, bravo = table.seat("alpha"), table.seat("bravo")
        table.join(alpha, bravo)
        lists(bravo, "Falcon Seven")
        said = declaration(onward=Onward.FULL)
        notice = alpha.declare(said, bravo).notice
        first = page_for(bravo, notice, "Falcon Seven").page.code
        [before] = _tasks(bravo, notice)
        bravo.secret = bytes(32)
        assert page_for(bravo, notice, "Falcon Seven").page.code != first
        again = alpha.declare(declaration(volume(lat=36)), bravo).notice
        [after] = _tasks(bravo, again)
        assert before.handle != after.handle
        assert bravo.do(lambda tx, pen: terms(bravo, tx, pen).secret) == bytes(32)


def _tasks(party: Party, notice: bytes) -> tuple[RelayTaskRow, ...]:
    return party.read(lambda r: r.relay.tasks_of(notice))
