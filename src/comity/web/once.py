"""Changes through the one pen, done once however often they are asked for.

A request with an Idempotency-Key leaves its answer in the transaction of its effect: both are there
or neither is, also after a power cut. Sent again, it gets the same bytes and changes nothing; with
another content it is refused. Called by every route that changes something.
"""

from collections.abc import Callable

import msgspec

from comity.journal.pen import Pen
from comity.model.fault import Corrupt, Refusal, Refused
from comity.storage.rows import CallerRow
from comity.storage.store import Reading, Transaction
from comity.web.gate import Admitted, unknown_key

__all__ = ["Change", "commit", "once", "remembered"]

Change = Callable[[Transaction, Pen], msgspec.Struct | None]


async def commit(call: Admitted, change: Change) -> bytes:
    """Make a change and give its answer, encoded; it is durable when this returns."""
    done = await call.node.say_or_commit(once(call, change), call.now_us)
    return done.value


def once(
    call: Admitted, change: Change, *, keep_answer: bool = True
) -> Callable[[Transaction, Pen], bytes]:
    """The work that makes a change unless it was made before; its value is the answer's bytes.

    A change without an answer (a deletion) is made again: it is the same as often as it is made.
    Without `keep_answer`, for answers that hold a secret, a repetition is refused
    (`answer_not_kept`) instead of answered.
    """
    caller = _known(call)

    def work(tx: Transaction, pen: Pen) -> bytes:
        present = tx.people.caller(caller.key_hash)
        if present is None or present.revoked_us is not None:
            raise unknown_key()  # revoked while the request was on its way
        kept = remembered(tx, call)
        if kept is not None:
            pen.claim_floor()  # it writes nothing: a full disk is no reason to refuse it
            return kept
        answer = change(tx, pen)
        if answer is None:
            return b""
        data = msgspec.json.encode(answer)
        if call.idempotency is not None:
            tx.people.remember(
                caller.key_hash,
                call.idempotency.key,
                call.idempotency.request,
                data if keep_answer else b"",
                pen.now_us,
            )
        return data

    return work


def remembered(reading: Reading, call: Admitted) -> bytes | None:
    """The answer that this very request got before; None if it is new.

    Raises:
        Refused: the key stands for another request (`idempotency_mismatch`), or for one whose
            answer held a secret (`answer_not_kept`).
    """
    if call.idempotency is None:
        return None
    found = reading.people.recall(_known(call).key_hash, call.idempotency.key)
    if found is None:
        return None
    request, answer = found
    if request != call.idempotency.request:
        raise _refused(
            "idempotency_mismatch",
            "this Idempotency-Key was used for another request",
            "use a new one for each new request",
        )
    if not answer:
        raise _refused(
            "answer_not_kept",
            "this was done before; its answer held a secret and was not kept",
            "a key: revoke the one that was lost, make another; an entry: open it again",
        )
    return answer


def _known(call: Admitted) -> CallerRow:
    if call.caller is None:
        raise Corrupt("a route that changes something asks for a scope", code="invariant_broken")
    return call.caller


def _refused(code: str, reason: str, what_to_do: str) -> Refused:
    refusal = Refusal(code=code, reason=reason, what_to_do=what_to_do, field="idempotency-key")
    return Refused(refusal)
