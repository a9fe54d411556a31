"""Finds what a person means by few letters: a notice by first digits of its id, a party by name.

More than one is refused, never guessed. Called by the verbs.
"""

import re
from collections.abc import Collection

from comity.cli.node import Node, shaped
from comity.model.fault import Malformed, Refusal, Refused
from comity.model.quantity import SECOND_US, instant_us
from comity.web.api.shapes import NoticeView, PartyView, StatusView
from comity.web.api.shapes_requests import RequestView

__all__ = ["find_notice", "find_party", "find_request", "node_now_us", "parties"]

_ID = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DIGITS = re.compile(r"[0-9a-f]{6,63}", re.ASCII)


def find_notice(node: Node, digits: str) -> str:
    """The one id, of a subject or of the newest notice about it, that begins with `digits`.

    A whole id is taken as it is.
    """
    _check_digits(digits)
    if _ID.fullmatch(digits):
        return digits
    found = shaped(node.items("notices"), list[NoticeView])
    ids = _beginning({each for notice in found for each in (notice.id, notice.notice)}, digits)
    if len(ids) == 1:
        return ids[0]
    reason = f"{len(ids) or 'no'} notices begin with {digits}"
    raise Refused(
        Refusal(code="no_such_notice", reason=reason, what_to_do="See comity notice list.")
    )


def find_request(node: Node, digits: str) -> str:
    """The one request whose id begins with `digits`."""
    _check_digits(digits)
    found = shaped(node.items("requests"), list[RequestView])
    ids = _beginning({request.id for request in found}, digits)
    if len(ids) == 1:
        return ids[0]
    reason = f"{len(ids) or 'no'} requests begin with {digits}"
    raise Refused(
        Refusal(code="no_such_request", reason=reason, what_to_do="See comity request list.")
    )


def _check_digits(digits: str) -> None:
    if not (_ID.fullmatch(digits) or _DIGITS.fullmatch(digits)):
        raise Malformed(f"{digits[:64]!r} is no id, nor 6 or more first digits of one")


def _beginning(ids: Collection[str], digits: str) -> list[str]:
    return [each for each in ids if each.startswith(digits)]


def find_party(node: Node, name: str) -> PartyView:
    """The enrolled party with this name or origin."""
    found = [party for party in parties(node) if name in {party.name, party.origin}]
    if len(found) == 1:
        return found[0]
    reason = f"{len(found) or 'no'} parties are called {name}"
    raise Refused(
        Refusal(
            code="no_such_party",
            reason=reason,
            what_to_do="See comity party list; an origin names one party.",
        )
    )


def parties(node: Node) -> list[PartyView]:
    """The enrolled parties."""
    return shaped(node.items("parties"), list[PartyView])


def node_now_us(node: Node) -> int:
    """The node's next full second, in microseconds of UTC: what people say and read back."""
    now_us = instant_us(shaped(node.get("status"), StatusView).now)
    return -(-now_us // SECOND_US) * SECOND_US
