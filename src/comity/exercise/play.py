"""One variant on its own processes, from first heartbeat to last look; and several at once.

Each variant is deterministic in itself. What was started is ended, whatever happens; an interrupt
ends a run at the next instant. Called by run.
"""

from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Protocol

from comity.exercise.bundles import Bundle, fetch_bundles
from comity.exercise.check_steps import BUNDLES
from comity.exercise.fleet import Fleet
from comity.exercise.perform import Performer
from comity.exercise.plan import PlannedStep, Play
from comity.exercise.record import Happened, Outcome, Record
from comity.exercise.scenario import Scenario
from comity.exercise.stick import Stick, Verbs
from comity.exercise.summary import variant_summary
from comity.exercise.verbs import Attest, Line, Say
from comity.exercise.watch import Watch
from comity.model.party import Card
from comity.model.quantity import SECOND_US
from comity.wire.canonical import Json

__all__ = [
    "SETUP_US",
    "Eyes",
    "Played",
    "Progress",
    "cuts_lines",
    "play_all",
    "play_on",
    "play_variant",
]

SETUP_US = 60 * SECOND_US  # virtual time before `from`, for enrolment


class Progress(Protocol):
    """Who watches a run. Called from several threads."""

    def begin(self, variant: str, steps: int) -> None:
        """A variant starts its processes; it has so many steps."""

    def step(self, variant: str, clock: str, text: str) -> None:
        """A step is done, at this local time."""

    def done(self, variant: str, verdict: str) -> None:
        """A variant is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A variant that was played, with what is needed to check and report it."""

    play: Play
    record: Record
    bundles: tuple[Bundle, ...]
    cards: tuple[Card, ...]
    witness_keys: tuple[str, ...]
    summary: dict[str, Json]


class Interrupted(Exception):  # noqa: N818 - not an error: somebody asked for it
    """Another variant failed or a person pressed Ctrl-C."""


def play_all(
    scenario: Scenario,
    plays: Sequence[Play],
    out: Path,
    progress: Progress,
    *,
    jobs: int,
    verbs: Verbs | None,
) -> list[Played]:
    """All variants, `jobs` at a time; the first failure stops the others.

    With `verbs`, everything between the nodes goes by stick; without, over the network.
    """
    stop = Event()
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        futures = [
            pool.submit(play_variant, scenario, play, out, progress, stop=stop, verbs=verbs)
            for play in plays
        ]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            if not all(future.done() and not future.exception() for future in futures):
                stop.set()
                for future in futures:
                    future.cancel()
    return _results(futures)


def play_variant(
    scenario: Scenario,
    play: Play,
    out: Path,
    progress: Progress,
    *,
    stop: Event,
    verbs: Verbs | None,
) -> Played:
    """Play one variant on its own processes.

    Its homes are left in `out/<variant>/homes`, and in `out/<variant>/stick` what was carried.
    """
    progress.begin(play.name, len(play.steps))
    folder = out / play.name
    homes = folder / "homes"
    stick = Stick(verbs, homes, scenario.links, folder / "stick") if verbs else None
    fleet = Fleet(
        scenario, f"{scenario.name}-{play.name}", homes, stick, can_be_cut=cuts_lines(play)
    )
    eyes = Eyes(fleet, stop)
    with fleet:
        fleet.begin(play.start_us - SETUP_US, eyes.look)
        return play_on(fleet, eyes, scenario, play, out, progress, stick=stick)


class Eyes:
    """Whoever watches the nodes at the moment; told each instant, and whether to go on."""

    def __init__(self, fleet: Fleet, stop: Event) -> None:
        """Nobody plays yet."""
        self._stop = stop
        self.watch = Watch(fleet.nodes)

    def look(self, at_us: int) -> None:
        """Look, unless somebody asked for an end."""
        if self._stop.is_set():
            raise Interrupted
        self.watch.look(at_us)


def cuts_lines(play: Play) -> bool:
    """Whether a step of it cuts a line."""
    return any(isinstance(step.details, Line) for step in play.steps)


def _ends_of(step: PlannedStep) -> tuple[str, ...]:
    return (step.by, step.details.other) if isinstance(step.details, Line) else ()


def play_on(  # noqa: PLR0917 - what is played, where, and who watches
    fleet: Fleet,
    eyes: Eyes,
    scenario: Scenario,
    play: Play,
    out: Path,
    progress: Progress,
    *,
    stick: Stick | None = None,
    since_us: int = 0,
) -> Played:
    """Play one variant on nodes that run already; what was before `since_us` is not looked at."""
    watch = eyes.watch = Watch(
        fleet.nodes,
        since_us=since_us,
        units=any(isinstance(step.details, Attest) for step in play.steps),
        hearers=[step.details.to for step in play.steps if isinstance(step.details, Say)],
        cut_off=[name for step in play.steps for name in _ends_of(step)],
    )
    fleet.time.run_to(play.start_us)
    performer = Performer(scenario, play, fleet.nodes, fleet.wires, fleet.clocks)
    happened = _perform_all(play, fleet, performer, watch, progress)
    fleet.time.run_to(play.until_us)
    fleet.bind()
    record = Record(
        variant=play.name,
        parties=watch.last_look({party.id: party.language for party in scenario.parties}),
        sightings=watch.sightings(),
        happened=happened,
        labels=performer.labels(),
        judged=performer.judged()[0],
        assessment=watch.assessment,
        parcels=stick.carried if stick else None,
        placed=watch.placed(),
        lines=tuple(watch.lines),
        overtaken=watch.overtaken(performer.mishaps.cuts),
        drafts=tuple(performer.speaker.drafts),
    )
    folder = out / BUNDLES / play.name
    bundles = fetch_bundles(record, fleet.nodes, folder) if scenario.bundles else ()
    summary = variant_summary(record, _loss_us(scenario, play))
    progress.done(play.name, str(summary["verdict"]))
    return Played(
        play=play,
        record=record,
        bundles=bundles,
        cards=tuple(fleet.cards.values()),
        witness_keys=fleet.witness_keys,
        summary=summary,
    )


def _perform_all(
    play: Play, fleet: Fleet, performer: Performer, watch: Watch, progress: Progress
) -> tuple[Happened, ...]:
    happened: list[Happened] = []
    for number, step in enumerate(play.steps):
        if step.at_us > fleet.time.now_us:
            fleet.time.run_to(step.at_us)
        done = performer.perform(number, step)
        happened.append(done)
        if done.notice and done.name == play.judged:
            watch.judge(*performer.judged())
        fleet.time.settle()
        progress.step(play.name, play.moments.day.clock_text(step.at_us), _line(step, done))
    return tuple(happened)


def _results(futures: Sequence[Future[Played]]) -> list[Played]:
    """What the variants gave; the failure that stopped the others rather than its echoes."""
    for future in futures:
        error = None if future.cancelled() else future.exception()
        if error is not None and not isinstance(error, Interrupted):
            raise error
    return [future.result() for future in futures]


def _loss_us(scenario: Scenario, play: Play) -> int | None:
    return play.moments.instant_us(scenario.loss.at) if scenario.loss else None


def _line(step: PlannedStep, done: Happened) -> str:
    """A step in one line, as progress shows it."""
    text = done.text if done.outcome is Outcome.NOTE else f"{step.by} {done.text}"
    fine = done.outcome in (Outcome.DONE, Outcome.NOTE)
    return text if fine else f"{step.by} {step.do}: {done.outcome}: {done.text}"
