"""Where else our own people are told: a mailbox or a webhook, what goes there, and what came of it.

What an outlet says back proves that a program took something, and no more: no state here says that
anything was delivered, seen or read. Secrets are no part of these nouns. Called by outlets and the
doors.
"""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from comity.model.fault import Malformed

__all__ = [
    "FLOOR",
    "GROUPS",
    "NAME_OF_OUTLET",
    "WARNING_KINDS",
    "WHAT_ACCEPTED_MEANS",
    "Channel",
    "Details",
    "DispatchState",
    "Group",
    "Mail",
    "Outlet",
    "Tls",
    "Webhook",
    "wanted",
]

NAME_OF_OUTLET = re.compile(r"[a-z0-9][a-z0-9-]{0,31}", re.ASCII)
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@"
    r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*",
    re.ASCII,
)
_CODE = re.compile(r"[A-Z]{1,2}[0-9]?", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", re.ASCII)
_URL = re.compile(r"[\x21-\x7e]{8,2000}", re.ASCII)
_USER = re.compile(r"[\x20-\x7e]{1,256}", re.ASCII)
_ADDRESS_CHARS_MAX = 254  # RFC 5321, a path without its brackets
_PORT_MAX = 65_535
_RULES_MAX = 64

# Every kind of warning that this release raises: what is misspelt would go nowhere, unseen.
WARNING_KINDS = frozenset(
    {
        *("agreement_differs", "agreement_proposed", "agreement_suspended", "clock_unsure"),
        *("clock_untrusted", "conflict", "false_statement", "flooded", "forked", "key_changed"),
        *("no_room", "inside_border_buffer", "register_exposed", "register_read_often"),
        *("register_refused", "register_unopenable", "hazard_contradicted", "hazard_lapsed"),
        *("insufficient_notice", "not_recorded_by_peer", "message_unanswered", "not_understood"),
        *("request_unanswered", "overdue_end", "refused_by_peer", "no_area", "overgrown"),
        *("read_back_differs", "short_notice", "shrunk", "stalled", "unbound_at_peer"),
        *("unproven_head", "unable", "witness_stale", "unit_not_reached", "not_dispatched"),
        *("answer_refused", "escalated", "receipt_overdue", "nobody_answers", "not_closed"),
        *("line_check_due", "line_check_overdue", "waiting_for_release", "not_released"),
    }
)
WHAT_ACCEPTED_MEANS = (
    "accepted: the server at the other end took it; nothing says that it arrived in a mailbox or "
    "that a person has seen it"
)


class Channel(StrEnum):
    """By what it goes."""

    MAIL = "mail"
    WEBHOOK = "webhook"


class Tls(StrEnum):
    """How a line to a mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class Details(StrEnum):
    """How much leaves the node: ids, kinds, parties and times, or also what our own people see."""

    LEAST = "least"
    FULL = "full"


class DispatchState(StrEnum):
    """How far a dispatch is.

    `accepted` says that the server took it; `refused` that it will never; `given-up` that nobody
    tries any more.
    """

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    GIVEN_UP = "given-up"


class Group(StrEnum):
    """What a thing to tell is: each can be asked for as a whole."""

    WARNING = "warning"
    MESSAGE = "message"
    NOTICE = "notice"
    HAZARD = "hazard"
    END = "end"


GROUPS = frozenset(Group)
FLOOR = "floor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mailbox, and the mail server that is asked to take what goes there.

    `authority` says that the server's certificate is signed by one that the home names itself.
    """

    to: str
    sender: str
    host: str
    port: int
    tls: Tls
    user: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no address, no server, and a line that others can read."""
        for text, name in ((self.to, "to"), (self.sender, "from")):
            if len(text) > _ADDRESS_CHARS_MAX or not _ADDRESS.fullmatch(text):
                raise _bad(f"{name}: {text[:60]!r} is no address like duty@alpha.example")
        if not (_is_host(self.host) and 1 <= self.port <= _PORT_MAX):
            raise _bad(f"server: {self.host[:60]!r}:{self.port} is no HOST:PORT")
        if self.user is not None and not _USER.fullmatch(self.user):
            raise _bad("user: 1 to 256 plain characters")
        if self.tls is Tls.NONE and not _is_loopback(self.host):
            raise _plain("mail without TLS goes to loopback only; use --tls starttls or tls")

    @property
    def channel(self) -> Channel:
        """Mail."""
        return Channel.MAIL

    @property
    def place(self) -> str:
        """Where it goes, as it may be shown: the mailbox."""
        return self.to


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address that is sent signed JSON. Its path may be a secret: it is shown to nobody."""

    url: str

    def __post_init__(self) -> None:
        """Refuse what is no address, and a line that others can read."""
        try:
            parts = urlsplit(self.url)
            port = parts.port
        except ValueError as error:
            raise _bad("url: not an address") from error
        host = parts.hostname or ""
        whole = _URL.fullmatch(self.url) and parts.scheme in {"http", "https"} and _is_host(host)
        if not whole or port == 0 or "@" in parts.netloc or parts.fragment:
            raise _bad("url: not an address like https://alerts.alpha.example/comity")
        if parts.scheme == "http" and not _is_loopback(host):
            raise _plain("plain http goes to loopback only; use https")

    @property
    def channel(self) -> Channel:
        """A webhook."""
        return Channel.WEBHOOK

    @property
    def place(self) -> str:
        """Where it goes, as it may be shown: scheme and host."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """One outlet: its name here, where it goes, what goes there, and how much of it.

    `on` names kinds of warning, codes of messages, groups of things, or `floor`. With a `role` it
    gets what is for that role too, whatever `on` says.
    """

    name: str
    target: Mail | Webhook
    on: tuple[str, ...] = (FLOOR, Group.WARNING)
    details: Details = Details.LEAST
    role: str | None = None
    authority: bool = False

    def __post_init__(self) -> None:
        """Refuse names and rules that cannot be right."""
        if not NAME_OF_OUTLET.fullmatch(self.name):
            raise _bad(f"{self.name[:40]!r} is no name: 1 to 32 of a-z, 0-9 and -")
        if self.role is not None and not NAME_OF_OUTLET.fullmatch(self.role):
            raise _bad(f"role: {self.role[:40]!r} is none: 1 to 32 of a-z, 0-9 and -")
        if not 1 <= len(self.on) <= _RULES_MAX or len(set(self.on)) != len(self.on):
            raise _bad(f"on: 1 to {_RULES_MAX} kinds, each once")
        for kind in self.on:
            if not (kind == FLOOR or kind in GROUPS or kind in WARNING_KINDS or _is_code(kind)):
                raise _bad(f"on: no warning, code or group is called {kind[:40]!r}")


def wanted(outlet: Outlet, kind: str, group: str, role: str | None, *, floor: bool) -> bool:
    """Whether a thing goes to an outlet: what is for a role goes to the outlets of that role."""
    if role is not None:
        return role == outlet.role
    return kind in outlet.on or group in outlet.on or (floor and FLOOR in outlet.on)


def _is_code(text: str) -> bool:
    """Whether it has the form of a code; which there are is the phrasebook's to say."""
    return _CODE.fullmatch(text) is not None


def _is_host(host: str) -> bool:
    return _ip(host) is not None or _HOST.fullmatch(host) is not None


def _is_loopback(host: str) -> bool:
    number = _ip(host)
    return host == "localhost" if number is None else number.is_loopback


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _bad(reason: str) -> Malformed:
    return Malformed(reason, code="bad_outlet")


def _plain(reason: str) -> Malformed:
    return Malformed(reason, code="plain_outlet")
