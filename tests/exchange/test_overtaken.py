"""The safety floor overtakes an entry whose receipt was lost: both receipts come home, in order."""

from pathlib import Path

from comity.intake.order import DeclareOrder
from comity.intake.receive import declare
from comity.journal.pen import Written
from comity.model.notice import (
    Code,
    Confidence,
    Craft,
    Declaration,
    Domain,
    HazardBasis,
    Onward,
    Purpose,
)
from comity.model.quantity import Position
from comity.model.volume import Circle, HeightBand, Volume4D, Window
from tests.exchange.net import NOON, Net, run

HOUR = 3_600_000_000
LINE = ("alpha", "bravo")


def something(code: Code) -> Declaration:
    """An operation or a hazard, in an hour."""
    window = Window(start_us=NOON + HOUR, end_us=NOON + 2 * HOUR)
    hazard = code is Code.HAZARD
    return Declaration(
        code=code,
        purpose=Purpose.DANGER_AREA if hazard else Purpose.TRAINING,
        domain=Domain.AIR,
        craft=Craft.NONE if hazard else Craft.UAV,
        onward=Onward.NONE,
        name="",
        volumes=(
            Volume4D(
                footprint=Circle(
                    centre=Position(lat_e7=355_000_000, lon_e7=357_000_000), radius_mm=20_000_000
                ),
                heights=HeightBand(lower_mm=0, upper_mm=9_000_000),
                window=window,
            ),
        ),
        basis=HazardBasis(source="seen", confidence=Confidence.PROBABLE, expires_us=window.end_us)
        if hazard
        else None,
    )


async def give(net: Net, code: Code) -> Written:
    """Alpha declares for bravo."""
    order = DeclareOrder(notice=something(code), to=(net.nodes["bravo"].origin,))
    done = await net.nodes["alpha"].commit(lambda tx, pen: declare(tx, pen, order), net.now())
    return done.value.written[0]


async def joined(net: Net) -> None:
    """Alpha and bravo, agreed."""
    net.add("alpha")
    net.add("bravo")
    await net.join(*LINE)
    await net.advance()


def test_a_hazard_does_not_wait_for_a_lost_receipt_for_ever(tmp_path: Path) -> None:
    """Bravo's receipts are a chain: that of the hazard is refused until the one before it came."""

    async def story(net: Net) -> None:
        await joined(net)
        net.lines[LINE].lose = 1
        operation = await give(net, Code.NOTIFY)
        await net.advance()
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        assert bravo.read(lambda r: r.post.received(operation.leaf))
        assert alpha.read(lambda r: r.post.taken(operation.index)) is None
        hazard = await give(net, Code.HAZARD)
        await net.advance()
        for written in (operation, hazard):
            taken = alpha.read(lambda r, at=written.index: r.post.taken(at))  # type: ignore[misc]
            assert taken is not None
            assert taken.verdict == "accepted"
        assert alpha.read(lambda r: r.post.outbox_count(bravo.origin)) == 0

    run(tmp_path, story)


def test_the_line_may_fail_again_while_the_receipt_is_fetched(tmp_path: Path) -> None:
    """Both are tried again later, and neither without a pause."""

    async def story(net: Net) -> None:
        await joined(net)
        net.lines[LINE].lose = 1
        await give(net, Code.NOTIFY)
        await net.advance()
        seen = len(net.lines[LINE].seen)
        await give(net, Code.HAZARD)
        net.lines[LINE].lose = 1  # the hazard's answer, so it is deferred; then the fetch is cut
        await net.advance()
        net.lines[LINE].cut = True
        await net.advance(30)
        net.lines[LINE].cut = False
        assert len(net.lines[LINE].seen) - seen <= 4
        await net.advance(61)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        assert alpha.read(lambda r: r.post.outbox_count(bravo.origin)) == 0

    run(tmp_path, story)
