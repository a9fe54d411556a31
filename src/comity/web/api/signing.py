"""The keys that sign: ours and every peer's with their times, and statements that change ours.

A statement is made and signed on the command line, its root signatures offline; here it is judged,
written for every peer, and put into force, in one transaction. Called by way of the table.
"""

import asyncio

from comity.intake.renew import announce, own_lives
from comity.journal.pen import Pen
from comity.model.quantity import SECOND_US, instant_text
from comity.storage.store import Transaction
from comity.trust.keys import parse_verifier_key
from comity.trust.lives import KeyLife
from comity.trust.note import parse_note
from comity.trust.statement import STATEMENT_BYTES_MAX, role_of
from comity.web.api.shapes import Page
from comity.web.api.shapes_keys import SigningKeyView, StatementRequest, StatementView
from comity.web.gate import Admitted
from comity.web.once import commit
from comity.wire.key_v1 import KeyText, parse_statement

__all__ = ["listed", "submitted"]


def listed(call: Admitted) -> Page[SigningKeyView]:
    """Our keys, then those of each peer."""
    node = call.node
    found = [(node.origin, life) for life in call.read(lambda r: own_lives(r, node.identity))]
    for origin, peer in sorted(node.roster.now.peers.items()):
        found += [(origin, life) for life in peer.all_lives]
    return Page(items=[_view(origin, life) for origin, life in found])


async def submitted(call: Admitted, request: StatementRequest) -> bytes:
    """Put a statement about our own keys into force.

    Raises:
        Malformed, Untrusted, Refused: what is wrong with it; nothing has changed.
    """
    node, data = call.node, request.statement.encode("utf-8", "surrogatepass")
    statement = parse_statement(parse_note(data, size_max=STATEMENT_BYTES_MAX).text)
    role = role_of(statement)
    fresh = None
    if isinstance(statement, KeyText):
        fresh = node.vault.load(role, parse_verifier_key(statement.new).key_id.hex())

    def change(tx: Transaction, pen: Pen) -> StatementView:
        announce(tx, pen, data, node.identity, fresh)
        peers = len(tx.post.peers())
        return StatementView(role=role, counts_from=tx.journal.size(), peers=peers)

    answer = await commit(call, change)
    await asyncio.to_thread(node.vault.settle)
    return answer


def _view(origin: str, life: KeyLife) -> SigningKeyView:
    since = None if life.revoked_s is None else instant_text(life.revoked_s * SECOND_US)
    return SigningKeyView(
        origin=origin,
        role=life.role,
        key=life.key.text(),
        start=life.span.start,
        end=life.span.end,
        revoked=since,
    )
