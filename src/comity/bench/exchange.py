"""The exchange measured: from a notice's POST to the courier's TAKE, and notices accepted by POST.

Times of the way are those of the nodes' own records (one machine, so one clock): when alpha read
its clock for the POST, when bravo read its for the GIVE, when alpha had verified the TAKE and gave
it to the pen. How long a GIVE took from its sending to its whole TAKE is alpha's own metric, read
after each notice. Called by `comity bench exchange`.
"""

import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

import msgspec

from comity.bench.door import Door
from comity.bench.figure import Aim, Bound, Figure, Measured, latencies
from comity.bench.ground import Ground
from comity.bench.pair import Pair, Receipt, deliver_one, notice_body, wait_delivered
from comity.model.fault import Unavailable, must
from comity.trust.note import parse_note
from comity.wire.canonical import hex32
from comity.wire.entry_v1 import Entry, EntryType, ReceiptBody, parse_entry
from comity.wire.limits import LIVE_SUBJECTS_MAX

__all__ = ["FULL", "QUICK", "ExchangePlan", "Recorded", "Way", "measure_exchange", "ways"]

_NS_PER_S = 1_000_000_000
_NS_PER_US = 1_000
_GIVEN = "comity_give_to_take_seconds"
_TAKE_MS = Aim(bound=Bound.AT_MOST, value=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangePlan:
    """How much is measured: `notices` a round to the peer, one each `gap_s`; `posts` kept at home.

    `posts` holds (clients at once, notices a round).
    """

    rounds: int
    notices: int
    gap_s: float
    posts: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        """Hold that the peer accepts them all: they stay live."""
        must(self.rounds * self.notices < LIVE_SUBJECTS_MAX, "a peer takes only so many")

    @property
    def steps(self) -> int:
        """How many steps are told."""
        return 2 + self.rounds * (1 + len(self.posts))


QUICK = ExchangePlan(rounds=3, notices=12, gap_s=0.06, posts=((1, 40), (16, 96)))
FULL = ExchangePlan(rounds=5, notices=39, gap_s=0.1, posts=((1, 400), (16, 800)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One notice's way, in microseconds UTC: posted at alpha, given to bravo, its TAKE at alpha."""

    posted_us: int
    given_us: int
    taken_us: int

    def __post_init__(self) -> None:
        """Hold the order, without which the records do not belong together."""
        if not self.posted_us <= self.given_us <= self.taken_us:
            raise Unavailable("the clock went back while it was measured; run it again")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An entry of a node's journal, with its leaf hash."""

    leaf: bytes
    entry: Entry


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    leaf: str
    note: str


class _Status(msgspec.Struct, frozen=True, kw_only=True):
    journal_size: int


def measure_exchange(ground: Ground, plan: ExchangePlan) -> Measured:
    """All figures of the exchange between two node processes."""
    ground.progress.begin(plan.steps)
    with Pair(ground) as pair:
        deliver_one(pair)  # not counted: the first GIVE opens the line
        ground.progress.step("two nodes enrolled, and a first notice delivered")
        indexes, taken_ns = _give(ground, plan, pair)
        found = ways(_recorded(pair.alpha), _recorded(pair.doors["bravo"]), indexes)
        ground.progress.step(f"{len(found)} ways read from the records")
        dealt = [found[at :: plan.rounds] for at in range(plan.rounds)]
        asked = [taken_ns[at :: plan.rounds] for at in range(plan.rounds)]
        figures = latencies("give_sent_to_take", asked, {50: _TAKE_MS}) | _way_figures(dealt)
        figures |= _posting(ground, plan, pair.alpha)
    return Measured(figures=figures, peers={})


def ways(
    alpha: Sequence[Recorded], bravo: Sequence[Recorded], indexes: Sequence[int]
) -> tuple[Way, ...]:
    """The ways of the entries `indexes` of alpha, from the journals of both.

    Bravo's receipt names the entry that was given and says when; alpha's entry that binds bravo's
    head refers to that receipt. Unavailable if one of them is not there.
    """
    receipts = {
        each.entry.body.given_index: (each.leaf, each.entry.body.taken_us)
        for each in bravo
        if isinstance(each.entry.body, ReceiptBody)
    }
    bound = {
        leaf: each.entry.issued_us
        for each in alpha
        if each.entry.type is EntryType.PEER_CHECKPOINT
        for leaf in each.entry.refs
    }
    found = []
    for index in indexes:
        leaf, given_us = receipts.get(index, (b"", 0))
        if leaf not in bound:
            raise Unavailable(f"the journals hold no receipt of entry {index} that was bound")
        posted_us = alpha[index].entry.issued_us
        found.append(Way(posted_us=posted_us, given_us=given_us, taken_us=bound[leaf]))
    return tuple(found)


def _recorded(door: Door) -> tuple[Recorded, ...]:
    """A node's whole journal, by index."""
    size = door.get("status", _Status).journal_size
    found = [door.get(f"entries/{index}", _Entry) for index in range(size)]
    return tuple(
        Recorded(leaf=hex32(each.leaf), entry=parse_entry(parse_note(each.note.encode()).text))
        for each in found
    )


def _give(ground: Ground, plan: ExchangePlan, pair: Pair) -> tuple[list[int], list[int]]:
    """Declare to bravo, one notice each gap, until the last is taken.

    Alpha's entries, and for each the nanoseconds from its GIVE's sending to its whole TAKE.
    """
    receipts: list[Receipt] = []
    taken_ns: list[int] = []
    before = _taken(pair)
    for number in range(plan.rounds * plan.notices):
        body = notice_body(number, pair.bravo_origin)
        receipts.append(pair.alpha.post("notices", body, Receipt))
        Event().wait(plan.gap_s)  # nobody asks meanwhile: the way is undisturbed
        wait_delivered(pair, receipts[-1])
        now = _taken(pair)
        if now.count != before.count + 1:
            raise Unavailable(f"a notice took {now.count - before.count} GIVEs; run it again")
        taken_ns.append(round((now.sum_s - before.sum_s) * _NS_PER_S))
        before = now
        if len(receipts) % plan.notices == 0:
            ground.progress.step(f"{len(receipts)} notices given")
    return [receipt.entries[0].index for receipt in receipts], taken_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """How many GIVEs to bravo were answered, and the seconds that they took in all."""

    count: int
    sum_s: float


def _taken(pair: Pair) -> _Taken:
    count, sum_s = (
        pair.alpha.metric(f"{_GIVEN}_{part}", party=pair.bravo_origin) for part in ("count", "sum")
    )
    return _Taken(count=int(count), sum_s=sum_s)


def _way_figures(rounds: Sequence[Sequence[Way]]) -> dict[str, Figure]:
    """Every round is a part of all ways, dealt out in turn."""
    to_give = [[(way.given_us - way.posted_us) * _NS_PER_US for way in each] for each in rounds]
    to_take = [[(way.taken_us - way.posted_us) * _NS_PER_US for way in each] for each in rounds]
    answer = [[(way.taken_us - way.given_us) * _NS_PER_US for way in each] for each in rounds]
    return (
        latencies("post_to_take", to_take, {50: _TAKE_MS})
        | latencies("post_to_give", to_give)
        | latencies("give_to_take", answer)
    )


def _posting(ground: Ground, plan: ExchangePlan, door: Door) -> dict[str, Figure]:
    """Notices that stay at home, posted by one client after the other and by many at once."""
    rates: defaultdict[tuple[int, int], list[float]] = defaultdict(list)
    taken: defaultdict[int, list[list[int]]] = defaultdict(list)
    for number in range(1, plan.rounds + 1):
        for clients, posts in plan.posts:
            began_ns = time.perf_counter_ns()
            with ThreadPoolExecutor(clients) as pool:
                found = list(pool.map(lambda at: _post_ns(door, at), range(posts)))
            spent_ns = time.perf_counter_ns() - began_ns
            rates[clients, posts].append(posts * _NS_PER_S / spent_ns)
            taken[clients].append(found)
            ground.progress.step(f"round {number}: {posts} posts by {clients}")
    figures: dict[str, Figure] = {}
    for (clients, posts), rounds in rates.items():
        name = f"posts_by_{clients}"
        figures[name] = Figure(unit="notices/s", rounds=tuple(rounds), samples=posts)
        figures |= latencies(f"{name}_latency", taken[clients])
    return figures


def _post_ns(door: Door, number: int) -> int:
    began_ns = time.perf_counter_ns()
    door.post("notices", notice_body(number, None), Receipt)
    return time.perf_counter_ns() - began_ns
