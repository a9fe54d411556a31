from dataclasses import dataclass, field, replace

import pytest

from comity.exercise.answers import Assessment, Call, EntryRow, Notice, Risk, Status
from comity.exercise.record import Cut, Overtaken
from comity.exercise.watch import Watch
from comity.model.fault import Refusal, Refused
from comity.model.quantity import instant_us
from tests.exercise.recorded import ACTIVITY, APPROACH, ASSESSMENT, RECORD, notice, risk


@dataclass
class Shown:
    """A node that shows what it is told to show."""

    risk_list: tuple[Risk, ...] = ()
    said: dict[str, Assessment] = field(default_factory=dict)

    def risks(self) -> tuple[Risk, ...]:
        return self.risk_list

    def calls(self) -> tuple[Call, ...]:
        return ()

    def notice(self, id_: str) -> Notice:
        if id_ not in self.said:
            raise Refused(Refusal(code="not_found", reason="no such notice", what_to_do="look"))
        return replace(notice(id_, "alpha", "bravo", None), assessment=self.said[id_])


NOT_REACHED = risk(APPROACH, "host:battery-1", "2b", "not-reached", "18:22:40")


@pytest.fixture
def bravo() -> Shown:
    return Shown()


@pytest.fixture
def watch(bravo: Shown) -> Watch:
    return Watch({"bravo": bravo})  # type: ignore[dict-item]


def test_the_first_time_counts(watch: Watch, bravo: Shown) -> None:
    watch.look(10)
    bravo.risk_list = (NOT_REACHED,)
    watch.look(20)
    watch.look(30)
    assert [(seen.party, seen.at_us) for seen in watch.sightings()] == [("bravo", 20)]


def test_a_new_state_is_a_new_sighting(watch: Watch, bravo: Shown) -> None:
    bravo.risk_list = (NOT_REACHED,)
    watch.look(10)
    bravo.risk_list = (replace(NOT_REACHED, state="told"),)
    watch.look(20)
    assert [seen.risk.state for seen in watch.sightings()] == ["not-reached", "told"]


def test_the_first_word_on_the_judged_notice_counts(watch: Watch, bravo: Shown) -> None:
    watch.judge(ACTIVITY, "bravo")
    watch.look(10)
    assert watch.assessment is None
    bravo.said[ACTIVITY] = ASSESSMENT
    watch.look(20)
    bravo.said[ACTIVITY] = replace(ASSESSMENT, verdict="short")
    watch.look(30)
    assert watch.assessment == ASSESSMENT


def test_what_was_before_is_of_another_exercise(bravo: Shown) -> None:
    known_us = instant_us(NOT_REACHED.known)
    bravo.risk_list = (NOT_REACHED,)
    for since_us, count in ((known_us, 1), (known_us + 1, 0)):
        watch = Watch({"bravo": bravo}, since_us=since_us)  # type: ignore[dict-item]
        watch.look(10)
        assert len(watch.sightings()) == count


@dataclass
class Journalled:
    """A node with a journal: types of entries, to whom, and the note of each."""

    origin: str
    rows: list[tuple[str, str, str]]

    def status(self) -> Status:
        return replace(RECORD.parties[0].status, origin=self.origin)

    def entries(self, start: int) -> tuple[EntryRow, ...]:
        rows = enumerate(self.rows)
        return tuple(
            EntryRow(index=index, type=kind, to=to, issued="")
            for index, (kind, to, _) in rows
            if index >= start
        )

    def get(self, path: str, shape: type) -> object:
        return shape(note=self.rows[int(path.removeprefix("entries/"))][2])


@pytest.mark.parametrize(("given", "first", "passed"), [(4, "safety", 2), (2, "notice", 0)])
def test_what_was_taken_first_when_a_line_was_mended(given: int, first: str, passed: int) -> None:
    giver = [("warning", "alpha", ""), ("notice", "bravo", ""), ("notice", "bravo", "")]
    giver += [("message", "bravo", ""), ("safety", "bravo", "")]
    receipts = [("receipt", "alpha", "given x 0"), ("notice", "alpha", "")]
    receipts += [("receipt", "alpha", f"comity/receipt@v1\ngiven aaaa {given}\ngot full")]
    nodes = {"alpha": Journalled("alpha", giver), "bravo": Journalled("bravo", receipts)}
    watch = Watch(nodes)  # type: ignore[arg-type]
    cuts = [
        Cut(mended=False, sizes={"alpha": 2, "bravo": 1}),
        Cut(mended=True, sizes={"alpha": 5, "bravo": 1}),
    ]
    assert watch.overtaken(cuts) == (
        Overtaken(party="bravo", giver="alpha", first=first, passed=passed),
    )
    assert watch.overtaken(cuts[:1]) == ()
