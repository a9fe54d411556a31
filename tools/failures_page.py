#!/usr/bin/env python3
"""Writes docs/reference/failures.md: `.venv/bin/python tools/failures_page.py`.

A test compares the page with what this would write.
"""

from collections.abc import Iterator
from pathlib import Path

from comity.exercise.load import failures, find, read
from comity.exercise.scenario import Failure, Scenario, Step

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "failures.md"
FILES = "../../src/comity/exercise/scenarios/failures"
CODES = [f"F{number:02}" for number in range(1, 24)]
HEAD = """\
# Failure modes, and what Comity shows

This page is written by `tools/failures_page.py` from the exercises in
`src/comity/exercise/scenarios/failures`, and a test keeps it true. Each is a way in which notices
between parties have failed, with where that was seen and by whose account; no account is taken for
true. Areas, times and answers of the exercises are inventions.

```sh
comity exercise list
comity exercise run F05
comity exercise run F05 --json f05.json
comity exercise run failures
```

Each runs three real nodes on virtual time: alpha and host are each on a line with bravo, and on
none with each other. What is expected is compared with what the nodes answer over HTTP; `--json`
writes it as `expected`, `outcome` and `passed`, and the exit code is 1 where one does not hold. A
name like `told` or `attested` below is the moment of that step, written out in the file. All of
them run in `make test`, and so do spoilt ones that must fail.

In F04 alpha has a duty roster: the alternate and the next echelon are alerted a minute apart, and
after 180 s bravo is told that nobody answers. Without a roster STOP stands as unanswered at both.
"""
LATER = {
    "F10": ("An incentive to keep airspace open", "a neutral party that publishes"),
    "F16": ("Fear of leaks makes for a minimal notice", "notices that are opened later"),
    "F17": ("A list of what is protected is misused", "an exercise of the register"),
    "F20": ("An aircraft is taken for another", "tracks of what really flies"),
}


def page() -> str:
    """The whole page."""
    scenarios = {code: read(find(code)) for code in failures()}
    parts = [HEAD, *_overview(scenarios)]
    for code, scenario in scenarios.items():
        parts += ["", *_part(code, scenario)]
    return "\n".join(parts) + "\n"


def _overview(scenarios: dict[str, Scenario]) -> Iterator[str]:
    yield "| | failure mode | what Comity does |"
    yield "|---|---|---|"
    for code in CODES:
        scenario = scenarios.get(code)
        if scenario is None or scenario.failure is None:
            name, missing = LATER[code]
            yield f"| {code} | {name} | no exercise yet: it needs {missing} |"
        else:
            link = f"[{code}]({FILES}/{code}.toml)"
            yield f"| {link} | {scenario.title} | {scenario.failure.protection} |"


def _part(code: str, scenario: Scenario) -> Iterator[str]:
    (variant,) = scenario.variants
    yield f"## {code} {scenario.title}"
    yield ""
    if scenario.failure is not None:
        yield _seen(scenario, scenario.failure)
        yield ""
    yield "| shown to | what | by when |"
    yield "|---|---|---|"
    for step in variant.steps:
        if step.expect_refusal is not None:
            yield f"| {step.by} | {_refused(step)} | at once |"
    for each in variant.expect:
        when = _when(each.no_later, each.no_earlier)
        yield f"| {each.to or 'whoever verifies'} | {each.that} | {when} |"


def _seen(scenario: Scenario, failure: Failure) -> str:
    sources = "; ".join(scenario.sources[key].title for key in failure.sources)
    return f"*Seen:* {failure.precedent.strip()} ({sources}.)"


def _refused(step: Step) -> str:
    return f"`{step.do}` is refused as `{step.expect_refusal}`, and nothing changes"


def _when(latest: str | None, earliest: str | None) -> str:
    if latest is not None:
        return f"`{latest}`"
    return f"not before `{earliest}`" if earliest is not None else "in the end"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
