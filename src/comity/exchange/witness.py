"""A neutral witness: C2SP tlog-witness, `add-checkpoint` and the monitoring endpoint.

Knows the keys of the logs that it cosigns for, and of each the newest head; learns sizes and times
and nothing else. Stores before it answers; cosigns only what extends what it has seen, with one
line for each of its keys; its times never go back. Statuses as the specification has them. Called
by assembly (`comity witness serve`).
"""

import asyncio
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from comity.clock import Clock
from comity.exchange.feed import ADD_CHECKPOINT_PATH
from comity.journal.checkpoint import parse_checkpoint
from comity.journal.cosignature import cosign, cosigned_at
from comity.journal.heads import advanced
from comity.journal.prove import with_signatures
from comity.model.fault import Corrupt, Fault, Malformed, Untrusted, must
from comity.storage.rows import Head
from comity.storage.store import Store, Transaction
from comity.trust.keys import SigningKey, VerifierKey
from comity.trust.note import Note, Signature, parse_note, serialise, verify_note
from comity.web.app import admit_bytes, problem_response
from comity.web.problem import witness_response
from comity.wire.canonical import decimal, hash32, sha256
from comity.wire.limits import PROOF_HASHES_MAX

__all__ = ["Witness", "witness_routes"]

_REQUEST_BYTES_MAX = 65_536
_SECOND_US = 1_000_000


class Witness:
    """See the module docstring; `logs` are the keys of logs (0x01) by origin, one or more each."""

    def __init__(
        self,
        *,
        keys: tuple[SigningKey, ...],
        logs: Mapping[str, tuple[VerifierKey, ...]],
        store: Store,
        clock: Clock,
    ) -> None:
        """Cosign with `keys` (0x04, 0x06): one at least, all of one name."""
        must(len({key.name for key in keys}) == 1, "a witness has one name")
        self._keys = keys
        self._logs = logs
        self._store = store
        self._clock = clock

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """The public halves."""
        return tuple(key.verifier() for key in self._keys)

    def add(self, body: bytes) -> tuple[Signature, ...]:
        """Follow a log and cosign its head, by every key at the same time.

        Raises:
            Malformed: 400. Untrusted: 404 `unknown_log`, 403 for signatures, 422 `inconsistent`.
            OtherSize: 409.
        """
        old, proof, note = _parse(body)
        origin = parse_checkpoint(note.text).origin
        keys = self._logs.get(origin)
        if keys is None:
            raise _unknown_log()
        log_key = next(iter(verify_note(note, keys)), keys[0])

        def work(tx: Transaction) -> tuple[Signature, ...]:
            known = tx.post.head(origin)
            head = advanced(known, note, log_key, old, proof)
            time_s = self._time_s(known)
            signatures = tuple(cosign(note.text, key, time_s) for key in self._keys)
            tx.post.save_head(_with(head, signatures))
            return signatures

        return self._store.write(work)

    def _time_s(self, known: Head | None) -> int:
        """Now, but never before what we said last about this log."""
        now_s = self._clock.now_us() // _SECOND_US
        if known is None:
            return now_s
        before = parse_note(known.note)
        times = (cosigned_at(before, key) for key in self.keys)
        return max(now_s, *(time_s or 0 for time_s in times))

    def newest(self, origin_hash: str) -> bytes | None:
        """The newest cosigned checkpoint of the log whose origin has this SHA-256, in hex."""
        names = {sha256(origin.encode()).hex(): origin for origin in self._logs}
        origin = names.get(origin_hash)
        head = None if origin is None else self._store.read(lambda r: r.post.head(origin))
        return None if head is None else head.note


def _with(head: Head, signatures: tuple[Signature, ...]) -> Head:
    note = with_signatures(parse_note(head.note), signatures)
    return Head(origin=head.origin, size=head.size, root=head.root, note=serialise(note))


def _parse(body: bytes) -> tuple[int, tuple[bytes, ...], Note]:
    head, blank, rest = body.partition(b"\n\n")
    if not blank or not head.isascii() or not head.startswith(b"old "):
        raise Malformed("not an add-checkpoint request", code="bad_request")
    first, *lines = head.decode("ascii").split("\n")
    if len(lines) > PROOF_HASHES_MAX:
        raise Malformed(f"a proof has at most {PROOF_HASHES_MAX} hashes", code="bad_proof")
    old = decimal(first.removeprefix("old "))
    return old, tuple(hash32(line) for line in lines), parse_note(rest)


def witness_routes(witness: Witness) -> list[Route]:
    """The two routes of the specification."""

    async def add_checkpoint(request: Request) -> Response:
        try:
            body = await admit_bytes(request, _REQUEST_BYTES_MAX)
            signatures = await asyncio.to_thread(witness.add, body)
        except Corrupt:
            raise  # the frame ends the process: it comes back through the loader
        except Fault as fault:
            return witness_response(fault)
        return PlainTextResponse("".join(signature.line() for signature in signatures))

    async def checkpoint(request: Request) -> Response:
        note = witness.newest(request.path_params["origin"])
        if note is None:
            return problem_response(_unknown_log())
        return PlainTextResponse(note, headers={"cache-control": "no-cache"})

    return [
        Route(ADD_CHECKPOINT_PATH, add_checkpoint, methods=["POST"]),
        Route("/{origin}/checkpoint", checkpoint, methods=["GET"]),
    ]


def _unknown_log() -> Untrusted:
    return Untrusted("no log of that origin is witnessed here", code="unknown_log")
