"""The lying party's hand in what its node sends: signed with its own keys, and false.

Its node is the real one; only what leaves it is changed, so every lie is one that its keys allow.
"""

import random
from dataclasses import replace
from typing import Any

import msgspec

from comity.exchange.line import BEAT_PATH, ENVELOPE_HEADER, GIVE_PATH
from comity.exchange.messages import Beat, Beaten, Give, Growth, Take, decode, encode
from comity.journal.checkpoint import Checkpoint, checkpoint_text
from comity.trust.envelope import seal_transport
from comity.trust.identity import Identity
from comity.trust.note import serialise, sign_note
from comity.wire.canonical import b64, unb64
from comity.wire.limits import BODY_BYTES_MAX
from tests.simulation.network import Answer, Parcel
from tests.simulation.plan import Lie

__all__ = ["Liar"]

REQUESTS: dict[str, type[Any]] = {GIVE_PATH: Give, BEAT_PATH: Beat}
ANSWERS: dict[str, type[Any]] = {GIVE_PATH: Take, BEAT_PATH: Beaten}
SHARE = 0.5  # of its messages; the others are true, so that there is something to contradict


class Liar:
    """Lies in requests and answers, by a seeded chance. `told` counts its lies."""

    def __init__(self, lie: Lie, identity: Identity, seed: int) -> None:
        self._lie = lie
        self._identity = identity
        self._chance = random.Random(f"liar/{seed}")
        self._old: str | None = None
        self.told = 0

    def request(self, parcel: Parcel, audience: str, now_us: int) -> Parcel:
        """What it sends instead."""
        kind = REQUESTS.get(parcel.path)
        if kind is None:
            return parcel
        message = decode(parcel.body, kind, BODY_BYTES_MAX)
        false = self._false(message, max(each.old for each in message.growth))
        if false is message:
            return parcel
        self.told += 1
        body = encode(false)
        key = self._identity.entry
        envelope = seal_transport(key, self._identity.origin, audience, parcel.path, body, now_us)
        headers = ((ENVELOPE_HEADER, b64(envelope)),)
        return replace(parcel, body=body, headers=headers)

    def answer(self, parcel: Parcel, answer: Answer) -> Answer:
        """What it answers instead."""
        if parcel.path not in REQUESTS or answer.status != 200:
            return answer
        asked = decode(parcel.body, REQUESTS[parcel.path], BODY_BYTES_MAX)
        message = decode(answer.body, ANSWERS[parcel.path], BODY_BYTES_MAX)
        false = self._false(message, asked.have)
        if false is message:
            return answer
        self.told += 1
        return replace(answer, body=encode(false))

    def _false(self, message: Any, known: int) -> Any:
        """`known`: the size of ours that the other side has."""
        if self._chance.random() >= SHARE:
            return message
        if self._lie is Lie.FALSE_PROOFS:
            return self._bent(message)
        if not hasattr(message, "checkpoint"):
            return message
        if self._lie is Lie.TWO_HEADS and known > 0:
            return msgspec.structs.replace(
                message,
                checkpoint=self._signed(known, self._chance.randbytes(32)),
                growth=[Growth(old=known, hashes=[])],
            )
        if self._lie is Lie.OLD_HEADS:
            self._old = self._old or message.checkpoint
            return msgspec.structs.replace(
                message, checkpoint=self._old, growth=[Growth(old=known, hashes=[])]
            )
        return message

    def _bent(self, message: Any) -> Any:
        """One hash of the proofs of growth, with a bit turned."""
        growth = list(message.growth)
        shown = [at for at, each in enumerate(growth) if each.hashes]
        if not shown:
            return message
        at = self._chance.choice(shown)
        hashes = list(growth[at].hashes)
        place = self._chance.randrange(len(hashes))
        turned = bytearray(unb64(hashes[place]))
        turned[self._chance.randrange(32)] ^= 1 << self._chance.randrange(8)
        hashes[place] = b64(bytes(turned))
        growth[at] = Growth(old=growth[at].old, hashes=hashes)
        return msgspec.structs.replace(message, growth=growth)

    def _signed(self, size: int, root: bytes) -> str:
        head = Checkpoint(origin=self._identity.origin, size=size, root=root)
        return serialise(sign_note(checkpoint_text(head), self._identity.log)).decode()
