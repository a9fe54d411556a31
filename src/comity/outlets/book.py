"""The outlets of a home: `outlets.toml` beside `home.toml`, and their secrets among the keys.

    outlets.toml           [[outlets]], mode 0600, since a webhook's address may be a secret
    keys/outlet-NAME.key   a mail server's password, or a webhook's signing secret, mode 0600
    outlet-NAME.pem        certificates that this outlet's server is judged by, if given

A node reads it at its start. No secret leaves this file but to the one that sends. Called by the
command line and assembly.
"""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from comity.config import OUTLETS_FILE
from comity.home import replace_file
from comity.model.fault import Fault, Malformed, Refusal, Refused
from comity.model.outlet import NAME_OF_OUTLET, Channel, Details, Mail, Outlet, Tls, Webhook
from comity.trust.keyfile import read_secret
from comity.wire.canonical import b64, unb64

__all__ = [
    "add_outlet",
    "authority_path",
    "checked_webhook_secret",
    "password_from",
    "read_outlets",
    "remove_outlet",
    "secret_of",
    "signing_key_of",
]

Kind = TypeVar("Kind", Channel, Details, Tls)

_BYTES_MAX = 262_144
_SECRET_BYTES_MAX = 1_024
_OUTLETS_MAX = 16  # each is a line that is tried and waited for
_PREFIX = "whsec_"  # Standard Webhooks: by it a secret is known for one
_SIGNING_BYTES = range(24, 65)  # the same
_COMMON = frozenset({"name", "channel", "on", "details", "role", "authority"})
_OF = {
    Channel.MAIL: frozenset({"to", "from", "host", "port", "tls", "user"}),
    Channel.WEBHOOK: frozenset({"url"}),
}


def read_outlets(home: Path) -> tuple[Outlet, ...]:
    """The outlets of the home in the folder `home`, none if it has no such file.

    Raises:
        Malformed: the file is not what it should be (`bad_outlet`, `plain_outlet`).
        Untrusted: it can be read by others (`key_file_mode`).
    """
    path = home / OUTLETS_FILE
    if not path.exists():
        return ()
    try:
        table = tomllib.loads(read_secret(path, _BYTES_MAX).decode("utf-8"))
        listed = table.get("outlets", [])
        known = not set(table) - {"outlets"} and isinstance(listed, list)
        found = tuple(_outlet_from(each) for each in (listed if known else [None]))
    except ValueError:  # TOML or UTF-8; what was written is not repeated
        raise Malformed(f"{path} is no TOML", code="bad_outlet") from None
    except Malformed as fault:
        code = fault.code if fault.code == "plain_outlet" else "bad_outlet"
        raise Malformed(f"{path}: {fault.reason}", code=code) from fault
    if len({each.name for each in found}) != len(found) or len(found) > _OUTLETS_MAX:
        raise Malformed(f"{path}: up to {_OUTLETS_MAX} outlets, each once", code="bad_outlet")
    return found


def add_outlet(
    home: Path, outlet: Outlet, *, secret: bytes | None, authority: bytes | None = None
) -> None:
    """Write an outlet and its secret; the node sends to it from its next start on.

    Raises:
        Refused: there is one of that name (`outlet_exists`), or no room (`too_many_outlets`).
    """
    there = read_outlets(home)
    if any(each.name == outlet.name for each in there):
        raise _no("outlet_exists", f"an outlet is called {outlet.name}", "remove it first")
    if len(there) >= _OUTLETS_MAX:
        raise _no("too_many_outlets", f"a home has at most {_OUTLETS_MAX}", "remove one")
    if secret is not None:
        replace_file(_secret_path(home, outlet.name), secret)
    if authority is not None:
        replace_file(authority_path(home, outlet.name), authority)
    _write(home, (*there, outlet))


def remove_outlet(home: Path, name: str) -> None:
    """Take an outlet and its secret away; Refused (`no_such_outlet`) if there is none."""
    there = read_outlets(home)
    left = tuple(each for each in there if each.name != name)
    if len(left) == len(there):
        raise _no("no_such_outlet", f"no outlet is called {name[:40]}", "see comity outlet list")
    _write(home, left)
    _secret_path(home, name).unlink(missing_ok=True)
    authority_path(home, name).unlink(missing_ok=True)


def secret_of(home: Path, outlet: Outlet) -> bytes:
    """Its password or signing secret as it is kept; raises what `read_secret` raises."""
    return read_secret(_secret_path(home, outlet.name), _SECRET_BYTES_MAX)


def signing_key_of(secret: bytes) -> bytes:
    """The key in a webhook's secret: 24 to 64 bytes as base64, with `whsec_` before it or not.

    Raises:
        Malformed: it is none (`bad_outlet_secret`). Nothing of it is repeated.
    """
    try:
        key = unb64(secret.decode("ascii").strip().removeprefix(_PREFIX))
    except (ValueError, Fault):
        key = b""
    if len(key) not in _SIGNING_BYTES:
        raise Malformed(
            "a webhook's secret is 24 to 64 random bytes in base64, with whsec_ before it",
            code="bad_outlet_secret",
        )
    return key


def checked_webhook_secret(data: bytes) -> bytes:
    """A webhook's secret in the form that is kept; raises what `signing_key_of` raises."""
    return f"{_PREFIX}{b64(signing_key_of(data))}\n".encode()


def password_from(data: bytes) -> bytes:
    """A mail server's password: one line, without its end; Malformed (`bad_outlet_secret`)."""
    line = data.removesuffix(b"\n").removesuffix(b"\r")
    if not 1 <= len(line) <= _SECRET_BYTES_MAX or any(byte < ord(" ") for byte in line):
        raise Malformed("a password is one line of text", code="bad_outlet_secret")
    return line


def authority_path(home: Path, name: str) -> Path:
    """Where the certificates are by which an outlet's server is judged."""
    return home / f"outlet-{name}.pem"


def _secret_path(home: Path, name: str) -> Path:
    if not NAME_OF_OUTLET.fullmatch(name):
        raise Malformed("no outlet can be called so", code="bad_outlet")
    return home / "keys" / f"outlet-{name}.key"


def _outlet_from(table: object) -> Outlet:
    if not isinstance(table, dict):
        raise Malformed("write each outlet under [[outlets]]")
    channel = _choice(table, "channel", Channel)
    for name in table:
        if name not in _COMMON | _OF[channel]:
            raise Malformed(f"no setting of a {channel} outlet is called {name[:40]!r}")
    target: Mail | Webhook
    if channel is Channel.WEBHOOK:
        target = Webhook(url=_text(table, "url"))
    else:
        target = Mail(
            to=_text(table, "to"),
            sender=_text(table, "from"),
            host=_text(table, "host"),
            port=_port(table),
            tls=_choice(table, "tls", Tls),
            user=_text(table, "user") if "user" in table else None,
        )
    rules = table.get("on")
    if not isinstance(rules, list) or not all(isinstance(each, str) for each in rules):
        raise Malformed("on is a list of kinds")
    return Outlet(
        name=_text(table, "name"),
        target=target,
        on=tuple(rules),
        details=_choice(table, "details", Details),
        role=_text(table, "role") if "role" in table else None,
        authority=table.get("authority") is True,
    )


def _text(table: Mapping[str, object], name: str) -> str:
    value = table.get(name)
    if not isinstance(value, str):
        raise Malformed(f"{name} must be there, as text in quotes")
    return value


def _port(table: Mapping[str, object]) -> int:
    value = table.get("port")
    if type(value) is not int:
        raise Malformed("port must be a whole number")
    return value


def _choice(table: Mapping[str, object], name: str, kind: type[Kind]) -> Kind:
    try:
        return kind(_text(table, name))
    except ValueError as error:
        raise Malformed(f"{name} is one of {', '.join(kind)}") from error


def _write(home: Path, outlets: tuple[Outlet, ...]) -> None:
    lines = ["# The outlets of this node: comity outlet add, comity outlet remove"]
    for outlet in outlets:
        lines += ["", "[[outlets]]", *(f"{name} = {value}" for name, value in _settings(outlet))]
    replace_file(home / OUTLETS_FILE, ("\n".join(lines) + "\n").encode())


def _settings(outlet: Outlet) -> list[tuple[str, str]]:
    target = outlet.target
    found: list[tuple[str, str | int | None]] = [
        ("name", outlet.name),
        ("channel", target.channel),
        ("details", outlet.details),
        ("role", outlet.role),
    ]
    if isinstance(target, Mail):
        found += [("to", target.to), ("from", target.sender), ("host", target.host)]
        found += [("port", target.port), ("tls", target.tls), ("user", target.user)]
    else:
        found.append(("url", target.url))
    # For plain text JSON's form is TOML's.
    written = [(name, json.dumps(value)) for name, value in found if value is not None]
    written.append(("on", json.dumps(list(outlet.on))))
    return [*written, *([("authority", "true")] if outlet.authority else [])]


def _no(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do))
