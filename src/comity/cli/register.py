"""`comity register`: protected presences, given to chosen parties alone, and who looked at them.

Lists show owner, a coarse cell, expiry and handle; `show` opens one entry, and its owner hears of
it. Called by main.
"""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from comity.cli.area import (
    AreaOption,
    AreaWords,
    CircleOption,
    DatumOption,
    HalfWidthOption,
    HeightsOption,
    HeightWords,
    IsaOption,
    LineOption,
    PlaceWords,
    PolygonOption,
    QnhOption,
    StartOption,
    TerrainOption,
    UncertaintyOption,
    blaming,
    volume,
)
from comity.cli.files import read_file
from comity.cli.find import node_now_us
from comity.cli.node import Node, body, shaped
from comity.cli.notice_give import CraftOption, DomainOption, NameOption
from comity.cli.notice_view import show_volume
from comity.cli.options import HOME, HomeOption, JsonOption, OnceOption, examples
from comity.cli.receipt import show_receipt
from comity.cli.show import facts, heading, json_line, line, short, table
from comity.cli.written import is_from_now, moment_us
from comity.config import read_home
from comity.exercise.amount import duration_us
from comity.model.fault import Malformed, Refusal, Refused
from comity.model.notice import Purpose
from comity.model.quantity import instant_text, seconds
from comity.web.api.shapes import Delivery
from comity.web.api.shapes_register import (
    CellView,
    EntryReadView,
    EntryTestView,
    OpeningRequest,
    PresenceView,
    ProtectedView,
    ProtectRequest,
    ReleaseRequest,
    RenewalRequest,
)
from comity.wire.canonical import loads
from comity.wire.limits import BODY_BYTES_MAX

__all__ = ["app"]

app = typer.Typer(help="Protect what is ours: for chosen parties alone, coarse, and not for long.")

HandleArgument = Annotated[
    str, typer.Argument(metavar="ID", help="An entry's handle, or its first 6 digits or more.")
]
UntilOption = Annotated[
    str | None,
    typer.Option(
        "--until", metavar="TIME", help="When it expires: a time, or +14d from the start."
    ),
]
PurposeOption = Annotated[
    Purpose | None,
    typer.Option(
        "--purpose",
        metavar="PURPOSE",
        help=f"Why, default {Purpose.HUMANITARIAN}: {', '.join(Purpose)}.",
    ),
]
NeedsOption = Annotated[
    str | None,
    typer.Option("--clear-needs", metavar="SPAN", help="The clearing time that it needs."),
]
SnapOption = Annotated[
    bool, typer.Option("--snap", help="Make it as coarse as agreed: wider, never smaller.")
]
FileOption = Annotated[
    Path | None,
    typer.Option("--file", help="A ProtectRequest as JSON, - for stdin; options replace it."),
]
ToOption = Annotated[
    list[str] | None, typer.Option("--to", metavar="PARTY", help="Who gets it; repeat it for more.")
]


@app.command(
    epilog=examples(
        "comity register give --to bravo --circle 35.5,35.7,2km --heights 0m..100m \\",
        "    --start now --until +14d --purpose medical --name 'clinic 4'",
        "comity register give --to bravo --circle 35.51234,35.74321,300m --heights 0m..100m \\",
        "    --start now --until +14d --snap",
        "comity register give --file convoy.json",
    )
)
def give(
    *,
    to: ToOption = None,
    polygon: PolygonOption = None,
    circle: CircleOption = None,
    centre_line: LineOption = None,
    half_width: HalfWidthOption = None,
    area: AreaOption = None,
    heights: HeightsOption = None,
    start: StartOption = None,
    until: UntilOption = None,
    datum: DatumOption = None,
    qnh: QnhOption = None,
    isa_deviation: IsaOption = None,
    terrain: TerrainOption = None,
    uncertainty: UncertaintyOption = None,
    purpose: PurposeOption = None,
    domain: DomainOption = None,
    craft: CraftOption = None,
    name: NameOption = None,
    clear_needs: NeedsOption = None,
    snap: SnapOption = False,
    file: FileOption = None,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Put a site or movement of ours into the register, for the named parties alone.

    Each gets it under its own key; nobody who carries it can read it. It is the owner who answers
    for its accuracy. Being told is not being spared.
    """
    ours = read_home(home)
    node = Node(ours)
    words = AreaWords(
        place=PlaceWords(polygon, circle, centre_line, half_width, area),
        height=HeightWords(heights, datum, qnh, isa_deviation, terrain),
        start=start,
        end=until,
        uncertainty=uncertainty,
    )
    given: dict[str, object] = {"to": to, "purpose": purpose, "domain": domain, "craft": craft}
    given |= {"name": name, "clear_needs_s": _seconds(clear_needs), "snap": snap or None}
    changes = {key: value for key, value in given.items() if value is not None}
    base = ProtectRequest(to=[], volumes=[]) if file is None else _from_file(file)
    if file is None or words.given():
        changes["volumes"] = [volume(words, lambda: node_now_us(node))]
    request = msgspec.structs.replace(base, **changes)
    show_receipt(node.post("register", body(request), once), own=ours.origin, as_json=as_json)


@app.command(epilog=examples("comity register renew 4f1d2c7a90be --until +14d"))
def renew(
    handle: HandleArgument,
    *,
    until: Annotated[
        str, typer.Option("--until", metavar="TIME", help="A time, or +14d from now.")
    ],
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Let an entry of ours stand until another moment; it is sealed anew."""
    ours = read_home(home)
    node = Node(ours)
    with blaming("--until"):
        until_us = moment_us(until, node_now_us(node) if is_from_now(until) else 0)
    path = f"register/{_find(node, handle)}/renewals"
    answer = node.post(path, body(RenewalRequest(until=instant_text(until_us))), once)
    show_receipt(answer, own=ours.origin, as_json=as_json)


@app.command(epilog=examples("comity register withdraw 4f1d2c7a90be"))
def withdraw(
    handle: HandleArgument,
    *,
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Withdraw an entry of ours: it counts no more, and its recipients let go of it."""
    ours = read_home(home)
    node = Node(ours)
    path = f"register/{_find(node, handle)}/release"
    answer = node.post(path, body(ReleaseRequest()), once)
    show_receipt(answer, own=ours.origin, as_json=as_json)


@app.command("list", epilog=examples("comity register list", "comity register list --json"))
def list_entries(*, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """List what is protected, ours and others': owner, a coarse cell, expiry and handle."""
    answer = Node(read_home(home)).items("register")
    if as_json:
        json_line(answer)
        return
    found = shaped(answer, list[ProtectedView])
    rows = [
        (
            *(short(each.handle), each.owner, _cell(each.cell), each.expires),
            ", ".join(_given(to) for to in each.deliveries),
        )
        for each in found
    ]
    table(("handle", "owner", "cell", "expires", "given to"), rows)


@app.command(
    epilog=examples(
        "comity register show 4f1d2c7a90be --role 'duty officer' --reason 'route of convoy 7'",
        "comity register show 4f1d2c7a90be",
    )
)
def show(
    handle: HandleArgument,
    *,
    role: Annotated[
        str, typer.Option("--role", help="As what you ask, 40 characters; the owner is told.")
    ] = "duty officer",
    reason: Annotated[
        str, typer.Option("--reason", help="Why, 280 characters; the owner is told.")
    ] = "",
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Open one entry. Of another party's its owner is told our party, the role, when and why.

    Of our own nobody is told, and no reason is asked for.
    """
    node = Node(read_home(home))
    request = OpeningRequest(role=role, reason=reason)
    answer = node.post(f"register/{_find(node, handle)}/openings", body(request))
    if as_json:
        json_line(answer)
        return
    view = shaped(answer, PresenceView)
    heading(f"register entry {view.handle}")
    facts(
        [
            ("owner", view.owner),
            ("name (free text)", view.name),
            ("purpose", f"{view.purpose}, {view.domain}, craft {view.craft}"),
            ("expires", view.expires),
            ("clear needs", f"{view.clear_needs_s:g} s" if view.clear_needs_s else ""),
        ]
    )
    for each in view.volumes:
        line()
        show_volume(each)


@app.command(epilog=examples("comity register reads"))
def reads(*, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """List who opened entries of ours: party, role, reason and when."""
    answer = Node(read_home(home)).items("register/reads")
    if as_json:
        json_line(answer)
        return
    rows = [
        (each.at, short(each.handle), each.party, each.role, each.reason)
        for each in shaped(answer, list[EntryReadView])
    ]
    table(("when", "entry", "party", "role", "reason"), rows)


@app.command("test", epilog=examples("comity register test"))
def self_test(*, home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """Test our own entries: how near declared operations came in the last 30 days."""
    answer = Node(read_home(home)).items("register/test")
    if as_json:
        json_line(answer)
        return
    found = shaped(answer, list[EntryTestView])
    rows = [
        (
            *(short(each.handle), each.expires, str(each.within)),
            *(str(each.within_twice), str(each.within_five_times)),
        )
        for each in found
    ]
    table(("entry", "expires", "in clearance", "in twice", "in five times"), rows)
    for each in found:
        for miss in each.misses:
            words = "meets" if miss.meets else "comes too close to"
            line(f"{short(miss.operation)} of {miss.owner} {words} {short(each.handle)}")


def _find(node: Node, digits: str) -> str:
    """The one handle that begins with `digits`; a whole one is taken as it is."""
    whole = 64
    if len(digits) == whole:
        return digits
    found = shaped(node.items("register"), list[ProtectedView])
    handles = [each.handle for each in found if each.handle.startswith(digits)]
    if len(digits) >= 6 and len(handles) == 1:  # noqa: PLR2004 - as for notices
        return handles[0]
    reason = f"{len(handles) or 'no'} entries begin with {digits[:64]}"
    raise Refused(
        Refusal(code="no_such_entry", reason=reason, what_to_do="See comity register list.")
    )


def _given(to: Delivery) -> str:
    """Who has it, and under which handle: what both can say on the telephone."""
    return f"{to.to} as {short(to.known_as or '')}, {to.verdict or 'on its way'}"


def _cell(cell: CellView | None) -> str:
    if cell is None:
        return "does not open: ask for its renewal"
    return f"{cell.south:g},{cell.west:g} and {cell.size:g} deg north and east"


def _from_file(path: Path) -> ProtectRequest:
    data = read_file(path, size_max=BODY_BYTES_MAX)
    try:
        return msgspec.convert(loads(data, bytes_max=BODY_BYTES_MAX), ProtectRequest)
    except msgspec.ValidationError as error:
        raise Malformed(f"{path} is no entry: {error}", code="bad_notice_file") from error


def _seconds(clear_needs: str | None) -> float | None:
    with blaming("--clear-needs"):
        return None if clear_needs is None else seconds(duration_us(clear_needs))
