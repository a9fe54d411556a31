"""Outlets, things and certificates for the tests of outlets."""

import secrets
import ssl
from pathlib import Path

from comity.home import create_home
from comity.model.outlet import Details, Group, Mail, Outlet, Tls, Webhook
from comity.outlets.thing import Thing
from comity.wire.canonical import b64

ORIGIN = "alpha.example/comity/2026"
BRAVO = "bravo.example/comity/2026"
AT_US = 1_795_348_800_000_000  # 2026-11-22T12:00:00Z
NOW_US = 1_764_460_800_000_000  # when certificates are made; the machine's clock is later
KEY = bytes(range(32))
SECRET = f"whsec_{b64(KEY)}"
UNIT, PLACE = "Falcon 3", "35.5000, 35.7000"
ID = bytes(range(100, 132))


def mail(port: int, **changes: object) -> Mail:
    """A mailbox behind a server on loopback."""
    whole: dict[str, object] = {
        "to": "duty@alpha.example",
        "sender": "comity@alpha.example",
        "host": "127.0.0.1",
        "port": port,
        "tls": Tls.NONE,
    }
    return Mail(**(whole | changes))  # type: ignore[arg-type]


def night(port: int = 25, **changes: object) -> Outlet:
    """An outlet by mail."""
    whole: dict[str, object] = {"name": "night", "target": mail(port)}
    return Outlet(**(whole | changes))  # type: ignore[arg-type]


def pager(url: str = "http://127.0.0.1:80/hook", **changes: object) -> Outlet:
    """An outlet by webhook."""
    whole: dict[str, object] = {"name": "pager", "target": Webhook(url=url)}
    return Outlet(**(whole | changes))  # type: ignore[arg-type]


def thing(**changes: object) -> Thing:
    """A unit that was not reached."""
    whole: dict[str, object] = {
        "of": bytes(range(32)),
        "kind": "unit_not_reached",
        "title": "warning unit_not_reached",
        "group": Group.WARNING,
        "floor": True,
        "at_us": AT_US,
        "look": "comity status",
        "about": bytes(range(32, 64)),
        "party": BRAVO,
        "words": f"{UNIT} of alpha was not reached at {PLACE}",
    }
    return Thing(**(whole | changes))  # type: ignore[arg-type]


FULL = Details.FULL


def certified(folder: Path, name: str = "server") -> tuple[ssl.SSLContext, Path]:
    """A server's context on 127.0.0.1, and the certificate by which it is judged."""
    home = create_home(
        folder / name,
        name=name,
        origin=ORIGIN,
        address="https://127.0.0.1:7101",
        exercise=None,
        seeds=lambda: secrets.token_bytes(32),
        now_us=NOW_US,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home.path / "keys/tls.crt", home.path / "keys/tls.key")
    return context, home.path / "keys/tls.crt"
