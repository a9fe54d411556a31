"""Who: a party, its origin (the name of its journal) and the card by which two parties enrol.

Keys appear here as their text form only; `trust` knows what they mean. Called by every room above.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from comity.model.fault import Malformed

__all__ = [
    "ORIGIN_BYTES_MAX",
    "Address",
    "Card",
    "check_origin",
    "exercise_of",
    "is_origin",
    "parse_address",
    "party_name",
]

ORIGIN_BYTES_MAX = 255
_ORIGIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?:/[A-Za-z0-9][A-Za-z0-9._-]*)+", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", re.ASCII)
_EXERCISE = "/exercise/"


def check_origin(text: str) -> str:
    """Return `text` if it is an origin: a schema-less URL such as `alpha.example/comity/2026`."""
    if not is_origin(text):
        raise Malformed(
            f"{text[:60]!r} is not an origin like alpha.example/comity/2026", code="bad_origin"
        )
    return text


def is_origin(text: str) -> bool:
    """Whether `text` is made like an origin; so are the names of the keys named after one."""
    return len(text) <= ORIGIN_BYTES_MAX and bool(_ORIGIN.fullmatch(text))  # the pattern is ASCII


def exercise_of(origin: str) -> str | None:
    """The exercise that an origin belongs to (`.../exercise/ID`), or None for a live one."""
    _, mark, rest = origin.partition(_EXERCISE)
    return rest if mark else None


def party_name(origin: str) -> str:
    """The short name for display: the first label of the origin's host (`alpha`)."""
    return origin.split("/", 1)[0].split(".", 1)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """`http(s)://host:port`; plain http reaches loopback only. `path` is a witness's prefix."""

    tls: bool
    host: str
    port: int
    path: str = ""


def parse_address(text: str, *, path: bool = False) -> Address:
    """Read an address; Malformed (`bad_address`) unless it is whole, and http only on loopback."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _bad_address(text) from error
    plain = f"{parts.scheme}://{_bracketed(host)}:{port}{parts.path if path else ''}"
    if port is None or parts.scheme not in {"http", "https"} or text != plain:
        raise _bad_address(text)
    if _ip(host) is None and not _HOST.fullmatch(host):
        raise _bad_address(text)
    if parts.scheme == "http" and not _is_loopback(host):
        raise Malformed(
            f"{text[:80]}: plain http is for loopback only; use https", code="bad_address"
        )
    return Address(tls=parts.scheme == "https", host=host, port=port, path=parts.path)


def _bad_address(text: str) -> Malformed:
    return Malformed(
        f"{text[:80]!r} is not an address like https://node.example:7101", code="bad_address"
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    number = _ip(host)
    return host == "localhost" if number is None else number.is_loopback


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a party hands to another to be enrolled: where it is and which keys are its own.

    `entry_key`, `log_key` and `cosigner_key` are C2SP verifier keys; `tls_certificate` is DER
    bytes, empty for a node that is reached over loopback only. `log_mldsa_key` is empty, and there
    are no `roots`, on a card of release 0.1; `roots_needed` of the roots decide about other keys.
    """

    origin: str
    address: str
    entry_key: str
    log_key: str
    cosigner_key: str
    tls_certificate: bytes
    log_mldsa_key: str = ""
    roots_needed: int = 0
    roots: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a card whose names or address cannot be right."""
        check_origin(self.origin)
        address = parse_address(self.address)
        if address.tls and not self.tls_certificate:
            raise Malformed("an https node pins its certificate in its card", code="bad_card")
