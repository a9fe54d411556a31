"""Purges: one person proposes, another confirms, with a key that was there before the proposal.

Called by way of the table.
"""

import asyncio
from dataclasses import replace

from comity.intake.purge import Doomed, doomed, purge
from comity.intake.terms import agreed
from comity.journal.pen import Pen
from comity.model.fault import Corrupt, Refusal, Refused
from comity.model.quantity import instant_text, instant_us
from comity.storage.rows import CallerRow, PurgeRow
from comity.storage.store import Reading, Transaction
from comity.web.api.shapes import Page
from comity.web.api.shapes_keys import PurgeConfirmation, PurgeRequest, PurgeView
from comity.web.api.translate import identity_from
from comity.web.api.views import when
from comity.web.gate import Admitted
from comity.web.once import commit
from comity.web.problem import BadField
from comity.wire.canonical import sha256

__all__ = ["confirmed", "listed", "proposed"]

_NOTHING = Doomed(
    subjects=(), notices=frozenset(), requests=(), reports=(), messages=(), calls=(), kept=()
)


def listed(call: Admitted) -> Page[PurgeView]:
    """All purges, proposed and done."""
    return Page(items=call.read(lambda r: [_view(r, row, _NOTHING) for row in r.people.purges()]))


async def proposed(call: Admitted, request: PurgeRequest) -> bytes:
    """Propose: nothing is deleted, and the answer says what would be."""
    if (request.before is None) == (request.notice is None):
        raise BadField("say `before` or `notice`", code="bad_scope", field="before")
    caller = _caller(call)
    row = PurgeRow(
        id=_id(caller.key_hash, call.now_us, request),
        before_us=None if request.before is None else instant_us(request.before),
        notice=None if request.notice is None else identity_from(request.notice, "notice"),
        proposed_by=caller.key_hash,
        proposed_us=call.now_us,
        confirmed_by=None,
        done_us=None,
    )

    def change(tx: Transaction, pen: Pen) -> PurgeView:
        found = doomed(tx, row, agreed(tx, pen.origin, pen.now_us), pen.now_us)
        tx.people.save_purge(row)
        return _view(tx, row, found)

    return await commit(call, change)


async def confirmed(call: Admitted, _: PurgeConfirmation) -> bytes:
    """Confirm and do it; done again, the files are cleaned once more and nothing else happens.

    Raises:
        Refused: no such proposal (`not_found`), the same key, or one made after the proposal
            (`same_key`), or what `intake.purge` refuses.
        Unavailable: it is purged, but the files are in use (`files_in_use`): confirm again.
    """
    id_, caller = identity_from(call.path["id"], "id"), _caller(call)

    def change(tx: Transaction, pen: Pen) -> PurgeView:
        row = tx.people.purge(id_)
        if row is None:
            raise _refused("not_found", "no purge has that id", "list them")
        if row.done_us is not None:
            return _view(tx, row, _NOTHING)
        first = tx.people.caller(row.proposed_by)
        if first is None or first.revoked_us is not None:
            raise _refused("not_found", "the key that proposed it is revoked", "propose it anew")
        if caller.key_hash == row.proposed_by or caller.created_us > row.proposed_us:
            raise _refused(
                "same_key",
                "another key confirms, and one that was made before the proposal",
                "let another person confirm with a key of their own",
            )
        done = replace(row, confirmed_by=caller.key_hash, done_us=pen.now_us)
        found = purge(tx, pen, row, (first.name, caller.name))
        tx.people.save_purge(done)
        return _view(tx, done, found)

    answer = await commit(call, change)
    await asyncio.to_thread(call.node.store.scrub)
    return answer


def _id(caller: bytes, now_us: int, request: PurgeRequest) -> bytes:
    """One for each proposal of one caller at one moment."""
    said = f"{now_us}\0{request.before or ''}\0{request.notice or ''}"
    return sha256(b"comity/purge/v1\0" + caller + said.encode())


def _caller(call: Admitted) -> CallerRow:
    if call.caller is None:
        raise Corrupt("a route that changes something asks for a scope", code="invariant_broken")
    return call.caller


def _view(reading: Reading, row: PurgeRow, found: Doomed) -> PurgeView:
    names = [None if key is None else reading.people.caller(key) for key in _keys(row)]
    first, second = (None if each is None else each.name for each in names)
    return PurgeView(
        id=row.id.hex(),
        before=when(row.before_us),
        notice=None if row.notice is None else row.notice.hex(),
        subjects=[each.hex() for each in found.subjects],
        calls=len(found.calls),
        kept=[each.hex() for each in found.kept],
        proposed=instant_text(row.proposed_us),
        proposed_by=first or "",
        confirmed_by=second,
        done=when(row.done_us),
    )


def _keys(row: PurgeRow) -> tuple[bytes | None, bytes | None]:
    return row.proposed_by, row.confirmed_by


def _refused(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do))
