"""What the outlets hear of entries that are no notices, and of one that cannot be read."""

from pathlib import Path

import pytest

from comity.model.fault import Malformed
from comity.outlets.entries import Entries
from tests.exchange.net import Net, run
from tests.exchange.test_exchange import give
from tests.exchange.test_exchange import joined as two_joined
from tests.exchange.test_line_check import answers, asks, joined
from tests.outlets.samples import night
from tests.outlets.telling import Slot, fit, rows


@pytest.mark.parametrize("answered", [True, False])
def test_an_answer_on_the_floor_keeps_nobody_from_hearing_of_the_next(
    tmp_path: Path, *, answered: bool
) -> None:
    """A line check that a peer answers comes back as an entry of the floor, and is no notice."""

    async def story(net: Net) -> None:
        alpha, bravo = await joined(net)
        slot = Slot()
        fit(net, "alpha", {night(): slot})
        await net.advance(2)
        of = await asks(net, alpha, bravo)
        if answered:
            await answers(net, bravo, of)
        await net.advance(2)
        await asks(net, bravo, alpha)
        await net.advance(10)
        assert [(row.kind, row.state) for row in rows(net, "alpha")] == [("L1", "accepted")]
        assert len(slot.sent) == 1

    run(tmp_path, story)


def test_one_that_cannot_be_read_keeps_nobody_from_hearing_of_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, spoilt = Entries.thing, list[bytes]()

    def thing(source: Entries, reading: object, of: bytes) -> object:
        if not spoilt or of == spoilt[0]:
            spoilt[:] = [of]
            raise Malformed("it cannot be read")
        return real(source, reading, of)  # type: ignore[arg-type]

    async def story(net: Net) -> None:
        await two_joined(net)
        slot = Slot()
        fit(net, "bravo", {night(on=("notice",)): slot})
        await net.advance(2)
        monkeypatch.setattr(Entries, "thing", thing)
        await give(net, "alpha", "bravo", lat=50.0)
        await give(net, "alpha", "bravo", lat=55.0)
        await net.advance(5)
        assert [row.kind for row in rows(net, "bravo")] == ["notice"]

    run(tmp_path, story)
