"""`comity outlet add`: a mailbox or a webhook, with what goes there. Called by `outlet`.

Works on the home's files alone; the node reads them at its next start.
"""

import re
import ssl
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.area import blaming
from comity.cli.files import read_file
from comity.cli.options import HOME, HomeOption, JsonOption, examples
from comity.cli.outlet_view import show_outlet
from comity.config import Home, read_home
from comity.hotline.phrases import phrasebook
from comity.model.fault import Malformed, Refusal, Refused
from comity.model.outlet import (
    FLOOR,
    GROUPS,
    WARNING_KINDS,
    Details,
    Group,
    Mail,
    Outlet,
    Tls,
    Webhook,
)
from comity.model.party import exercise_of
from comity.outlets.book import add_outlet, checked_webhook_secret, password_from

__all__ = ["app", "refuse_exercise"]

app = typer.Typer(help="Add a mailbox or a webhook; the node sends to it from its next start on.")

_SERVER = re.compile(r"(\[[0-9a-fA-F:.]{2,45}\]|[^:\s\[\]]{1,253}):([0-9]{1,5})", re.ASCII)
_SECRET_BYTES_MAX = 1_024
_PEM_BYTES_MAX = 262_144

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="What it is called here: 1 to 32 of a-z, 0-9, -.")
]
OnOption = Annotated[
    list[str] | None,
    typer.Option(
        "--on",
        metavar="KIND",
        help=f"What goes there: a kind of warning, a code of a message, {FLOOR}, or "
        f"{', '.join(Group)}; repeat it. Default: {FLOOR} and {Group.WARNING}.",
    ),
]
DetailsOption = Annotated[
    Details,
    typer.Option("--details", help="least: ids, kinds, parties, times. full: also places, units."),
]
RoleOption = Annotated[
    str | None,
    typer.Option("--role", metavar="ROLE", help="It gets what is for this role too."),
]
AuthorityOption = Annotated[
    Path | None,
    typer.Option(
        "--authority", metavar="FILE", help="Certificates (PEM) to judge the server by, no others."
    ),
]


@app.command(
    epilog=examples(
        "comity outlet add mail night --to duty@alpha.example --server mail.alpha.example:587 \\",
        "    --user comity --password-file password",
        "comity outlet add mail here --to duty@localhost --server 127.0.0.1:25 --tls none",
    )
)
def mail(
    name: NameArgument,
    *,
    to: Annotated[str, typer.Option("--to", metavar="ADDRESS", help="The mailbox.")],
    server: Annotated[str, typer.Option("--server", metavar="HOST:PORT", help="The mail server.")],
    tls: Annotated[
        Tls, typer.Option("--tls", help="starttls, tls from the first byte, or none on loopback.")
    ] = Tls.STARTTLS,
    user: Annotated[str | None, typer.Option("--user", help="Sign in as this user.")] = None,
    password_file: Annotated[
        Path | None, typer.Option("--password-file", metavar="FILE", help="With --user.")
    ] = None,
    sender: Annotated[
        str | None, typer.Option("--from", metavar="ADDRESS", help="Default: comity@ our origin.")
    ] = None,
    on: OnOption = None,
    details: DetailsOption = Details.LEAST,
    role: RoleOption = None,
    authority: AuthorityOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Add a mailbox: short mails, by a mail server that must speak TLS unless it is on loopback."""
    ours = read_home(home)
    if (user is None) != (password_file is None):
        raise typer.BadParameter("these two go together", param_hint="--user, --password-file")
    found = _SERVER.fullmatch(server)
    if found is None:
        raise typer.BadParameter("it is HOST:PORT", param_hint="--server")
    target = Mail(
        to=to,
        sender=sender or f"comity@{ours.origin.partition('/')[0]}",
        host=found[1].strip("[]"),
        port=int(found[2]),
        tls=tls,
        user=user,
    )
    secret = None
    if password_file is not None:
        with blaming("--password-file"):
            secret = password_from(read_file(password_file, size_max=_SECRET_BYTES_MAX))
    outlet = _outlet(name, target, on, details, role, authority)
    _add(ours, outlet, secret, authority, as_json=as_json)


@app.command(
    epilog=examples(
        "comity outlet add webhook pager --url https://alerts.alpha.example/comity \\",
        "    --secret-file secret --on floor --on unit_not_reached",
    )
)
def webhook(
    name: NameArgument,
    *,
    url: Annotated[
        str, typer.Option("--url", help="Where to POST; http is for loopback only. Kept private.")
    ],
    secret_file: Annotated[
        Path,
        typer.Option(
            "--secret-file", metavar="FILE", help="24 to 64 random bytes in base64: it signs."
        ),
    ],
    on: OnOption = None,
    details: DetailsOption = Details.LEAST,
    role: RoleOption = None,
    authority: AuthorityOption = None,
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Add a webhook: JSON, signed as Standard Webhooks says."""
    ours = read_home(home)
    target = Webhook(url=url)
    with blaming("--secret-file"):
        secret = checked_webhook_secret(read_file(secret_file, size_max=_SECRET_BYTES_MAX))
    outlet = _outlet(name, target, on, details, role, authority)
    _add(ours, outlet, secret, authority, as_json=as_json)


def refuse_exercise(home: Home) -> None:
    """Refused (`exercise_sends_nothing`) for the home of an exercise."""
    if exercise_of(home.origin) is not None:
        raise Refused(
            Refusal(
                code="exercise_sends_nothing",
                reason="this home is an exercise's: it sends nothing to the outside",
                what_to_do="Add outlets to the home of the live node.",
            )
        )


def _outlet(  # noqa: PLR0917 - what was typed
    name: str,
    target: Mail | Webhook,
    on: list[str] | None,
    details: Details,
    role: str | None,
    authority: Path | None,
) -> Outlet:
    rules = tuple(dict.fromkeys(on or (FLOOR, Group.WARNING)))
    outlet = Outlet(
        name=name,
        target=target,
        on=rules,
        details=details,
        role=role,
        authority=authority is not None,
    )
    for rule in rules:
        if not (rule == FLOOR or rule in GROUPS or rule in WARNING_KINDS):
            phrasebook().phrase(rule)  # Malformed for no code of the book
    return outlet


def _add(
    home: Home, outlet: Outlet, secret: bytes | None, authority: Path | None, *, as_json: bool
) -> None:
    refuse_exercise(home)
    pem = None
    if authority is not None:
        pem = read_file(authority, size_max=_PEM_BYTES_MAX)
        if not _certificates_in(pem):
            raise Malformed(f"{authority} holds no certificates in PEM form")
    add_outlet(home.path, outlet, secret=secret, authority=pem)
    show_outlet(outlet, as_json=as_json)


def _certificates_in(pem: bytes) -> int:
    """How many certificates a file holds."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=pem.decode("ascii"))
    except (ssl.SSLError, ValueError):
        return 0
    return context.cert_store_stats()["x509"]
