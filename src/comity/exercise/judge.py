"""What a variant was expected to show, what it showed, and whether that is the same.

The three keys `expected`, `outcome` and `passed` of a summary, and the same as sentences. Pure.
Called by run and series.
"""

from collections.abc import Sequence

from comity.exercise.expect import unmet, value_at, wanted
from comity.exercise.plan import Play
from comity.exercise.record import Happened, Outcome
from comity.wire.canonical import Json

__all__ = ["judged_keys", "troubles"]

_FINE = (Outcome.DONE, Outcome.NOTE, Outcome.REFUSED_AS_EXPECTED)


def judged_keys(
    play: Play, happened: Sequence[Happened], summary: dict[str, Json]
) -> dict[str, Json]:
    """`expected` and `outcome`, one line each for one expectation, then the steps; and `passed`.

    A step that should have been refused, or that went otherwise, is such a line too.
    """
    expected: list[Json] = []
    outcome: list[Json] = []
    refusals = {step.where: step.expect_refusal for step in play.steps}
    for each in play.expect:
        expected.append(
            {
                "of": play.name,
                "that": each.that or f"{each.path} is {wanted(each)}",
                "to": each.to or None,
                "by": each.no_later,
                "path": each.path,
                "wanted": wanted(each),
            }
        )
        found = value_at(summary, each.path)
        outcome.append({"found": found, "passed": unmet(each, summary) is None})
    for done in happened:
        refusal = refusals.get(done.where)
        if refusal is None and done.outcome in _FINE:
            continue
        expected.append(
            {
                "of": play.name,
                "that": f"{done.do} is refused as {refusal}, and nothing changes"
                if refusal
                else f"{done.do} is done",
                "to": done.by,
                "by": None,
                "path": done.where,
                "wanted": refusal or "done",
            }
        )
        found_ = f"{done.outcome}: {done.text}"
        outcome.append({"found": found_, "passed": done.outcome in _FINE})
    passed = all(isinstance(line, dict) and line["passed"] is True for line in outcome)
    return {"expected": expected, "outcome": outcome, "passed": passed}


def troubles(play: Play, happened: Sequence[Happened], summary: dict[str, Json]) -> list[str]:
    """What was not as expected: steps that went otherwise, and expectations that do not hold."""
    found = [
        f"{play.name}: {done.where} ({done.by} {done.do}): {done.outcome}: {done.text}"
        for done in happened
        if done.outcome not in _FINE
    ]
    for expectation in play.expect:
        sentence = unmet(expectation, summary)
        that = f"{expectation.that}; " if expectation.that else ""
        found += [f"{play.name}: {that}{sentence}"] if sentence else []
    return found
