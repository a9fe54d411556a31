"""Parties: who is enrolled, how its line is, and enrolling one whose fingerprint people compared.

Called by way of the table; `party_views` also by status.
"""

import re

from comity.hotline.line import line_now
from comity.intake.enrol import enrol
from comity.intake.terms import Agreed, agreed
from comity.journal.pen import Pen
from comity.model.fault import Corrupt, Refusal, Refused
from comity.model.party import Card, party_name
from comity.storage.rows import PeerRow
from comity.storage.store import Reading, Transaction
from comity.trust.card import fingerprint, open_card
from comity.trust.roster import Roster, peer_of
from comity.web.api.shapes import AgreementView, LineState, Page, PartyRequest, PartyView
from comity.web.api.views import when
from comity.web.gate import Admitted
from comity.web.once import once, remembered
from comity.wire.canonical import sha256
from comity.wire.limits import PEERS_MAX
from comity.wire.terms_v1 import parameters_from

__all__ = ["enrolled", "line_states", "listed", "party_views"]

_APART = re.compile(r"[\s\-\u2010-\u2015]+")  # how people and their editors part the groups


def listed(call: Admitted) -> Page[PartyView]:
    """All enrolled parties."""
    roster = call.node.roster.now
    return Page(items=call.read(lambda r: party_views(r, roster, call.now_us)))


def party_views(reading: Reading, roster: Roster, now_us: int) -> list[PartyView]:
    """Each enrolled party as seen at `now_us`."""
    found = agreed(reading, roster.own, now_us)
    return [_view(reading, row, _card(row, roster), found, now_us) for row in reading.post.peers()]


async def enrolled(call: Admitted, request: PartyRequest) -> bytes:
    """Enrol a party.

    Raises:
        Refused: `fingerprint_differs`, `too_many_parties`, or the roster's rules.
        Malformed, Untrusted: what is wrong with the card.
    """
    node, data = call.node, request.card.encode("utf-8")
    peer = peer_of(open_card(data))
    if _bare(request.fingerprint) != _bare(fingerprint(data)):
        raise _refused(
            "fingerprint_differs",
            "the fingerprint that was read out is not that of this card",
            "do not enrol it; ask the party for its card again, on another line",
            "fingerprint",
        )
    parameters = parameters_from(request.parameters)

    def change(tx: Transaction, pen: Pen) -> PartyView:
        if len(tx.post.peers()) >= PEERS_MAX:
            raise _refused(
                "too_many_parties", f"a node knows at most {PEERS_MAX}", "use a second node", None
            )
        enrol(tx, pen, peer, data, parameters)
        row = tx.post.peer(peer.origin)
        if row is None:
            raise Corrupt("a party that was enrolled is not there", code="invariant_broken")
        return _view(tx, row, peer.card, agreed(tx, pen.origin, pen.now_us), call.now_us)

    kept = call.read(lambda r: remembered(r, call))
    if kept is not None:
        return kept
    try:
        done = await node.enrol(peer, once(call, change), call.now_us)
    except Refused:
        kept = call.read(
            lambda r: remembered(r, call)
        )  # a twin of this request may have been first
        if kept is None:
            raise
        return kept
    return done.value


def _card(row: PeerRow, roster: Roster) -> Card:
    """As the roster has it, since opening a card anew checks five keys."""
    known = roster.peers.get(row.origin)
    return open_card(row.card) if known is None else known.card


def _view(reading: Reading, row: PeerRow, card: Card, found: Agreed, now_us: int) -> PartyView:
    return PartyView(
        name=party_name(row.origin),
        origin=row.origin,
        address=card.address,
        fingerprint=fingerprint(row.card),
        card=row.card.decode("utf-8"),
        line=_line(reading, row, found, now_us),
        last_contact=when(row.contact_us),
        queued=reading.post.outbox_count(row.origin),
        agreement=_agreement(reading, row.origin),
    )


def line_states(reading: Reading, own: str, now_us: int) -> dict[str, LineState]:
    """The state of every line, by origin."""
    found = agreed(reading, own, now_us)
    return {row.origin: _line(reading, row, found, now_us) for row in reading.post.peers()}


def _line(reading: Reading, row: PeerRow, found: Agreed, now_us: int) -> LineState:
    return line_now(reading, row, found.toward(row.origin), now_us).state.value


def _agreement(reading: Reading, origin: str) -> AgreementView | None:
    row = reading.post.agreement(origin)
    if row is None:
        return None
    return AgreementView(
        terms_hash=sha256(row.ours.encode()).hex(),
        text=row.ours,
        ours=True,
        theirs=row.theirs == row.ours,
        in_force_since=when(row.in_force_us),
    )


def _bare(text: str) -> str:
    """A fingerprint without what only helps the eye."""
    return _APART.sub("", text).upper()


def _refused(code: str, reason: str, what_to_do: str, field: str | None) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do, field=field))
