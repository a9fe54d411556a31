"""One exercise of a failure mode as a short story: its precedent, what happened, what was seen.

Markdown that reads well as plain text. Pure: text out. Called by series and the CLI.
"""

from collections.abc import Iterator

from comity.exercise.moment import LocalDay
from comity.exercise.play import Played
from comity.exercise.record import Outcome
from comity.exercise.scenario import Scenario
from comity.model.quantity import instant_us
from comity.wire.canonical import Json

__all__ = ["story"]

_SHOWN_CHARS = 300


def story(scenario: Scenario, one: Played) -> str:
    """The whole story; `one.summary` holds the judgement."""
    return "\n".join([*_head(scenario), *_happened(scenario, one), *_seen(scenario, one)]) + "\n"


def _head(scenario: Scenario) -> Iterator[str]:
    failure = scenario.failure
    yield f"## {failure.code + ' ' if failure else ''}{scenario.title}"
    yield ""
    if failure is not None:
        sources = ", ".join(f"{scenario.sources[key].title}" for key in failure.sources)
        yield f"Seen before: {failure.precedent.strip()} ({sources})"
        yield f"Against it: {failure.protection.strip()}"
        yield ""
    for party in scenario.parties:
        yield f"- {party.id}: {party.role}"
    yield ""


def _happened(scenario: Scenario, one: Played) -> Iterator[str]:
    yield "What happened:"
    yield ""
    for done in one.record.happened:
        clock = scenario.time.clock_text(done.at_us)
        who = "" if done.outcome is Outcome.NOTE else f"{done.by} "
        fine = done.outcome in (Outcome.DONE, Outcome.NOTE)
        text = done.text if fine else f"{done.do}: {done.outcome}: {done.text}"
        yield f"- {clock} {who}{text}"
    yield ""


def _seen(scenario: Scenario, one: Played) -> Iterator[str]:
    yield "Expected, and seen:"
    yield ""
    expected, outcome = one.summary["expected"], one.summary["outcome"]
    if isinstance(expected, list) and isinstance(outcome, list):
        for wanted, found in zip(expected, outcome, strict=True):
            if isinstance(wanted, dict) and isinstance(found, dict):
                yield _line(scenario.time, wanted, found)
    yield ""
    yield "passed" if one.summary["passed"] is True else "NOT PASSED"


def _line(day: LocalDay, wanted: dict[str, Json], found: dict[str, Json]) -> str:
    mark = "yes" if found["passed"] is True else "NO "
    to = f"{wanted['to']}: " if wanted["to"] else ""
    by = f" by {day.clock_text(instant_us(wanted['by']))}" if isinstance(wanted["by"], str) else ""
    seen = _text(day, found["found"])
    return f"- {mark} {to}{wanted['that']}{by}. Seen: {seen}"


def _text(day: LocalDay, found: Json) -> str:
    """What was found, briefly; instants by the clock of the exercise."""
    if isinstance(found, list):
        return ", ".join(dict.fromkeys(_text(day, item) for item in found)) or "nothing"
    if found is None:
        return "nothing"
    text = " ".join(str(found).split())
    if text.endswith("Z") and text[:1].isdigit():
        return day.clock_text(instant_us(text))
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}..."
