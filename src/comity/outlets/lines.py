"""Outlets with their way out, from the home's files; and the sources of what there is to tell.

Called by assembly and the command line.
"""

import ssl
from pathlib import Path

from comity.model.outlet import Mail, Outlet
from comity.outlets.book import authority_path, secret_of, signing_key_of
from comity.outlets.entries import Entries
from comity.outlets.mail import MailTransport
from comity.outlets.outcome import SEND_DEADLINE_S, Transport
from comity.outlets.raised import Raised
from comity.outlets.thing import Source
from comity.outlets.webhook import WebhookTransport

__all__ = ["SOURCES", "transport_of"]

# Whoever has something else to tell adds one line here.
SOURCES: tuple[Source, ...] = (Raised(), Entries())


def transport_of(home: Path, outlet: Outlet, deadline_s: float = SEND_DEADLINE_S) -> Transport:
    """The way out of an outlet of the home in the folder `home`. Nothing is read or sent yet."""

    def trust() -> ssl.SSLContext:
        if outlet.authority:
            return ssl.create_default_context(cafile=authority_path(home, outlet.name))
        return ssl.create_default_context()

    def password() -> str:
        return secret_of(home, outlet).decode("utf-8", "surrogateescape")

    def key() -> bytes:
        return signing_key_of(secret_of(home, outlet))

    if isinstance(outlet.target, Mail):
        return MailTransport(outlet.target, password, trust, deadline_s)
    return WebhookTransport(outlet.target, key, trust, deadline_s)
