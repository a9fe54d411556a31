"""Between a commit and the signature of its head nothing is given: no signed head proves it."""

import threading
from pathlib import Path

import pytest

from comity.exchange.courier import Courier
from comity.journal.checkpoint import Checkpoint
from comity.journal.scribe import Scribe, SignedHead
from comity.model.agreement import DEFAULT
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import text_field
from tests.exchange.net import Net, run

WAIT_S = 10


def test_what_no_signed_head_covers_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    may_sign, sign = threading.Event(), Scribe._sign
    may_sign.set()

    def waits(scribe: Scribe, checkpoint: Checkpoint) -> SignedHead:
        assert may_sign.wait(WAIT_S)
        return sign(scribe, checkpoint)

    async def story(net: Net) -> None:
        net.add("alpha")
        net.add("bravo")
        await net.join("alpha", "bravo")
        await net.advance(0)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        courier = Courier(net.senders["alpha", "bravo"], DEFAULT.heartbeat_us)
        await courier.tick(net.now())  # the first beat
        monkeypatch.setattr(Scribe, "_sign", waits)
        may_sign.clear()
        try:
            content = (text_field("words", "given in between"),)
            given = alpha.scribe.submit(
                lambda _, pen: pen.write_content(EntryType.ANSWER, bravo.origin, pen.seal(content)),
                net.now(),
            )
            while not alpha.read(lambda r: r.post.outbox_count(bravo.origin)):
                assert not given.done()
            assert await courier.tick(net.now()) == 0
            due_us = courier.next_due(net.now())
            assert due_us is None or due_us > net.now()
        finally:
            may_sign.set()
        given.result(WAIT_S)
        assert await courier.tick(net.now()) == 1

    run(tmp_path, story)
