"""A peer whose history we do not follow answers under heads that prove nothing: safety goes on."""

from pathlib import Path

from comity.hotline.message import answer_message, send_message
from comity.intake.terms import agreed
from comity.journal.pen import Pen
from comity.model.message import MessageAnswer, ordered
from comity.storage.store import Reading, Transaction
from comity.wire.fields import parse_fields
from comity.wire.message_v1 import message_answer_from
from tests.exchange.net import Net, run
from tests.exchange.test_unbound import forked, warned
from tests.hotline.talking import SHORTEST, reply, short


async def says_stop(net: Net, here: str, there: str) -> bytes:
    to = net.nodes[there].origin

    def work(tx: Transaction, pen: Pen) -> bytes:
        return send_message(tx, pen, short("X"), agreed(tx, pen.origin, pen.now_us).toward(to)).id

    return (await net.nodes[here].commit(work, net.now())).value


def test_every_stop_reaches_whoever_forked(tmp_path: Path) -> None:
    """Bravo follows no head of alpha's any more, so no receipt of alpha's counts with bravo."""

    async def story(net: Net) -> None:
        await forked(net)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        said = [await says_stop(net, "bravo", "alpha") for _ in range(2)]  # in one batch
        await net.advance(2)
        for _ in range(2):
            said.append(await says_stop(net, "bravo", "alpha"))
            await net.advance(2)

        def heard(reading: Reading) -> list[bool]:
            return [reading.messages.message(each) is not None for each in said]

        assert alpha.read(heard) == [True] * 4
        assert bravo.read(lambda r: r.post.outbox_count(alpha.origin)) == 4  # none is proven
        assert "forked" in warned(net, "bravo")
        await net.advance(120)
        assert len(alpha.read(lambda r: r.messages.messages(None, 100))) == 4  # each taken once

    run(tmp_path, story)


def test_a_wilco_is_heard_after_a_standby(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await forked(net)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        stop = await says_stop(net, "alpha", "bravo")
        await net.advance(2)

        async def answers(answer: MessageAnswer) -> None:
            await bravo.commit(lambda tx, pen: answer_message(tx, pen, answer), net.now())
            await net.advance(2)

        await answers(reply(stop, "S", minutes=2))
        await answers(reply(stop, "W", read_back=ordered(SHORTEST["X"])))
        rows = alpha.read(lambda r: r.messages.answers(stop))
        codes = [message_answer_from(parse_fields(row.content)).code for row in rows]
        assert codes == ["S", "W"]

    run(tmp_path, story)
