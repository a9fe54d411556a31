"""Answers to hazards and to ends go as what they answer: ahead of all, on a forked line too."""

from pathlib import Path

from comity.hotline.answer import give_answer
from comity.intake.move import move
from comity.intake.order import MoveOrder
from comity.model.answer import Answer, Step
from comity.model.notice import Code
from comity.trust.note import parse_note
from comity.wire.answer_v1 import fields_of_answer
from comity.wire.entry_v1 import EntryType, parse_entry
from tests.exchange.net import Net, run
from tests.exchange.test_exchange import give, joined
from tests.exchange.test_full_disk import hazard, say
from tests.exchange.test_unbound import forked


async def sees(net: Net, here: str, of: bytes) -> EntryType:
    """A person there has seen it; the type of the entry that says so."""
    answer = Answer(of=of, step=Step.SEEN, role="duty officer")
    node = net.nodes[here]
    row = (await node.commit(lambda tx, pen: give_answer(tx, pen, answer), net.now())).value
    index = node.read(lambda r: r.journal.index_of(row.leaf))
    entry = node.read(lambda r: r.journal.entry(index or 0))
    assert entry is not None
    return parse_entry(parse_note(entry.body).text).type


def test_that_a_hazard_was_seen_is_heard_on_a_forked_line(tmp_path: Path) -> None:
    """Bravo follows no head of alpha's any more; what alpha has seen is heard all the same."""

    async def story(net: Net) -> None:
        await forked(net)
        danger = await say(net, "bravo", hazard())
        await net.advance(5)
        assert await sees(net, "alpha", danger.notice) is EntryType.SAFETY
        await net.advance(5)
        bravo = net.nodes["bravo"]
        assert len(bravo.read(lambda r: r.people.answers(danger.notice))) == 1

    run(tmp_path, story)


def test_answers_to_ends_are_of_the_floor_and_those_to_operations_are_not(tmp_path: Path) -> None:
    async def story(net: Net) -> None:
        await joined(net)
        given = await give(net, "alpha", "bravo")
        await net.advance(2)
        of = given.entry.body.root  # type: ignore[union-attr]
        assert await sees(net, "bravo", of) is EntryType.ANSWER
        end = MoveOrder(subject=of, code=Code.CANCEL, at_us=net.now())
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        over = (await alpha.commit(lambda tx, pen: move(tx, pen, end), net.now())).value.notice
        await net.advance(2)
        assert await sees(net, "bravo", over) is EntryType.SAFETY
        await net.advance(2)
        assert len(alpha.read(lambda r: r.people.answers_about(of))) == 2
        second = await give(net, "alpha", "bravo", lat=61.0)
        await net.advance(2)
        live = second.entry.body.root  # type: ignore[union-attr]
        content = fields_of_answer(Answer(of=live, step=Step.SEEN, role="duty officer"))
        written = (
            await bravo.commit(
                lambda _, pen: pen.write_content(EntryType.SAFETY, alpha.origin, pen.seal(content)),
                net.now(),
            )
        ).value
        await net.advance(2)
        taken = bravo.read(lambda r: r.post.taken(written.index))
        assert taken is not None
        assert taken.verdict == "not_safety"  # nothing ordinary goes ahead

    run(tmp_path, story)
