"""A variant made ready to play: steps with instants, in order of time, the base variant's woven in.

`based_on` takes over the other variant's times and steps; a step with the same local id replaces
it. Pure. Called by check, which finds the flaws, and by run, which plays what has none.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from comity.exercise.moment import Moments
from comity.exercise.scenario import Expectation, Scenario, Step, Variant
from comity.exercise.verbs import WITH, Details
from comity.model.fault import Malformed
from comity.model.quantity import instant_text

__all__ = ["PlannedStep", "Play", "details_of", "moments_of", "plan", "steps_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """A step at its instant; `where` is its place in the file."""

    at_us: int
    by: str
    do: str
    details: Details
    expect_refusal: str | None
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """A variant that can be played: the span in virtual time and the steps in their order."""

    name: str
    title: str
    about: str
    judged: str
    start_us: int
    until_us: int
    moments: Moments
    steps: tuple[PlannedStep, ...]
    expect: tuple[Expectation, ...]


def moments_of(scenario: Scenario, variant: Variant) -> Moments:
    """The names of times in this variant: the file's, its base's, its own; the last wins."""
    base = scenario.variant(variant.based_on).times if variant.based_on else {}
    return Moments(scenario.time, {**scenario.times, **base, **variant.times})


def steps_of(scenario: Scenario, variant: Variant) -> Iterator[tuple[str, Step]]:
    """The steps of the base that are not replaced, then the variant's own, each with its place."""
    own = {step.details.get("id") for step in variant.steps} - {None}
    if variant.based_on:
        base = scenario.variant(variant.based_on)
        for where, step in _placed(scenario, base):
            if step.details.get("id") not in own:
                yield where, step
    yield from _placed(scenario, variant)


def details_of(step: Step) -> Details:
    """`with` of a step in the shape of its verb; Malformed if it has another."""
    try:
        return msgspec.convert(step.details, WITH[step.do])
    except msgspec.ValidationError as error:
        raise Malformed(str(error), code="bad_scenario") from error


def plan(scenario: Scenario, name: str) -> Play:
    """Make the variant `name` ready; Malformed where `check` would have found a flaw."""
    variant = scenario.variant(name)
    moments = moments_of(scenario, variant)
    steps = [
        PlannedStep(
            at_us=moments.instant_us(step.at),
            by=step.by,
            do=step.do,
            details=details_of(step),
            expect_refusal=step.expect_refusal,
            where=where,
        )
        for where, step in steps_of(scenario, variant)
    ]
    return Play(
        name=variant.name,
        title=variant.title,
        about=variant.about,
        judged=variant.judged,
        start_us=moments.instant_us(variant.start),
        until_us=moments.instant_us(variant.until),
        moments=moments,
        steps=tuple(sorted(steps, key=lambda step: step.at_us)),
        expect=tuple(_timed(each, moments) for each in variant.expect),
    )


def _timed(expectation: Expectation, moments: Moments) -> Expectation:
    """The same with its times as instants."""
    texts = {key: getattr(expectation, key) for key in ("no_later", "no_earlier")}
    instants = {
        key: instant_text(moments.instant_us(text))
        for key, text in texts.items()
        if text is not None
    }
    return msgspec.structs.replace(expectation, **instants)


def _placed(scenario: Scenario, variant: Variant) -> Iterator[tuple[str, Step]]:
    index = scenario.variants.index(variant)
    for number, step in enumerate(variant.steps):
        yield f"variants[{index}].steps[{number}]", step
