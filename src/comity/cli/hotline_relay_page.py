"""`comity hotline relay link, heard, check`: a page for a unit without a node, and its code.

A page is one file that needs nothing else. `check` works alone: no node, no network, no home.
Called by `hotline_relay`.
"""

from pathlib import Path
from typing import Annotated

import typer

from comity.cli.ack_step import RoleOption
from comity.cli.area import blaming
from comity.cli.exit_codes import ExitCode
from comity.cli.files import read_file, write_new
from comity.cli.find import find_notice
from comity.cli.hotline_relay_view import show_relay
from comity.cli.node import Node, body, shaped
from comity.cli.options import HOME, HomeOption, IdArgument, JsonOption, OnceOption
from comity.cli.show import facts, json_line, line
from comity.clock import SystemClock
from comity.config import read_home
from comity.exercise.amount import duration_us
from comity.hotline.relay_page import Form, checked_page
from comity.journal.trustfile import TRUST_BYTES_MAX, parse_trust
from comity.model.quantity import SECOND_US, instant_text
from comity.model.relay import RelayPage
from comity.trust.card import CARD_BYTES_MAX, card_keys, open_card
from comity.trust.identity import Role
from comity.trust.keys import VerifierKey
from comity.web.api.shapes_relay import (
    RelayCodeRequest,
    RelayCodeView,
    RelayPageRequest,
    RelayPageView,
)
from comity.wire.limits import RELAY_PAGE_BYTES_MAX
from comity.wire.voice_text import spelled

__all__ = ["check", "heard", "link"]

UnitArgument = Annotated[
    str, typer.Argument(metavar="UNIT", help="Its name on our list; the page does not say it.")
]


def link(
    notice: IdArgument,
    unit: UnitArgument,
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="A new .html, .txt or .json file; else text is printed."),
    ] = None,
    valid: Annotated[
        str, typer.Option("--valid", metavar="SPAN", help="For how long: up to 24h.")
    ] = "1h",
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Make a page for one unit of exactly what may be passed on of a notice, with a code."""
    node = Node(read_home(home))
    form = _form(out)
    with blaming("--valid"):
        valid_s = duration_us(valid) // SECOND_US
    request = RelayPageRequest(unit=unit, valid_for_s=valid_s, form=form)
    path = f"notices/{find_notice(node, notice)}/relay/pages"
    answer = node.post(path, body(request), once)
    view = shaped(answer, RelayPageView)
    if out is not None:
        write_new(out, view.page.encode("utf-8"))
    if as_json:
        json_line(answer)
    elif out is None:
        typer.echo(view.page, nl=False)
    else:
        line(f"{out}: for {unit} alone, valid until {view.until}")
        line(f"it reads back {' '.join(view.code)}: comity hotline relay heard")


def _form(out: Path | None) -> Form:
    if out is None:
        return Form.TEXT
    try:
        return Form(out.suffix.removeprefix("."))
    except ValueError as error:
        known = ", ".join(f".{form}" for form in Form)
        raise typer.BadParameter(f"a page is one of {known}", param_hint="--out") from error


def heard(
    notice: IdArgument,
    unit: UnitArgument,
    code: Annotated[
        list[str], typer.Argument(metavar="CODE...", help="What it read back: letters or words.")
    ],
    *,
    role: RoleOption = "duty officer",
    once: OnceOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Record that a unit read its page's code back: told and answered. A wrong one is recorded."""
    node = Node(read_home(home))
    path = f"notices/{find_notice(node, notice)}/relay/codes"
    request = RelayCodeRequest(unit=unit, code=" ".join(code), role=role)
    answer = node.post(path, body(request), once)
    if as_json:
        json_line(answer)
        return
    line(f"the code is right: {unit} has read its page and understood it; nothing is approved")
    show_relay(shaped(answer, RelayCodeView).relay)


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A page; `-` is stdin.")],
    *,
    trust: Annotated[
        Path | None, typer.Option("--trust", metavar="FILE", help="Whose keys you believe.")
    ] = None,
    card: Annotated[
        Path | None,
        typer.Option("--card", metavar="FILE", help="The card of who made it, in its place."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check a page offline: who signed it, that it shows what was signed, and until when.

    Ends with 1 if it has expired by this machine's clock.
    """
    if (trust is None) == (card is None):
        raise typer.BadParameter("name one of the two", param_hint="--trust or --card")
    believed = _of_card(card) if card is not None else _of_trust(trust or Path())
    data = read_file(file, size_max=RELAY_PAGE_BYTES_MAX)
    page = checked_page(data, lambda origin: believed.get(origin, ()))
    over = page.until_us <= SystemClock().now_us()
    if as_json:
        json_line(
            {
                "made_by": page.made_by,
                "shows": page.passed.notice.hex(),
                "declared_by": page.passed.declared_by,
                "until": instant_text(page.until_us),
                "over": over,
                "code": [*page.code],
            }
        )
    else:
        _show(page, over=over)
    if over:
        raise typer.Exit(ExitCode.REFUSED)


def _show(page: RelayPage, *, over: bool) -> None:
    until = instant_text(page.until_us)
    if over:
        line(f"EXPIRED at {until} by this machine's clock: it holds no more. Ask for a new page.")
    line(f"SIGNED by {page.made_by}, and it shows what was signed")
    facts(
        [
            ("declared by", page.passed.declared_by),
            ("notice", page.passed.notice.hex()),
            ("made", instant_text(page.made_us)),
            ("valid until", f"{until}: EXPIRED" if over else until),
            ("read back", " ".join(f"{group} ({spelled(group)})" for group in page.code)),
        ]
    )


def _of_card(path: Path) -> dict[str, tuple[VerifierKey, ...]]:
    card = open_card(read_file(path, size_max=CARD_BYTES_MAX))
    return {card.origin: card_keys(card)[:1]}


def _of_trust(path: Path) -> dict[str, tuple[VerifierKey, ...]]:
    """The entry keys of each party that nobody has revoked."""
    found = parse_trust(read_file(path, size_max=TRUST_BYTES_MAX))
    return {
        party.origin: tuple(
            life.key for life in party.of_role(Role.ENTRY) if life.revoked_s is None
        )
        for party in found.parties
    }
