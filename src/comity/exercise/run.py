"""A whole exercise: variants played, then trust, verification, summary and report in one folder.

Called by the CLI and tests; parts of it by series. The judgement of expectations is `judge`'s.
"""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from comity.exercise.bundles import verified, write_trust
from comity.exercise.check_steps import BUNDLES
from comity.exercise.judge import judged_keys, troubles
from comity.exercise.plan import plan
from comity.exercise.play import Played, Progress, cuts_lines, play_all
from comity.exercise.report import report
from comity.exercise.scenario import Scenario
from comity.exercise.stick import Verbs
from comity.model.fault import Refusal, Refused
from comity.wire.canonical import Json

__all__ = ["Result", "checked", "make_room", "moved_to", "pretty", "run", "together", "unmet_in"]

_MARK = ".comity-exercise"
_MADE = ("summary.json", "report.md", "trust.note")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a run left: the summary, what was not as expected, and the folder."""

    summary: dict[str, Json]
    unmet: tuple[str, ...]
    out: Path
    played: tuple[Played, ...] = ()


def run(
    scenario: Scenario,
    names: Sequence[str],
    out: Path,
    *,
    progress: Progress,
    jobs: int = 2,
    keep_homes: bool = False,
    verbs: Verbs | None = None,
) -> Result:
    """Play the variants `names` into the folder `out`; with `verbs`, by stick.

    Raises:
        Refused: `out` holds something that no exercise made (`not_our_folder`), or steps cut lines
            where there are none (`bad_scenario`).
        Unavailable: a process did not start, answer or end in time.
    """
    plays = [plan(scenario, name) for name in names]
    if verbs is not None and any(map(cuts_lines, plays)):
        raise Refused(
            Refusal(
                code="bad_scenario",
                reason="its steps cut lines, and by stick there are none",
                what_to_do="play it over the network",
            )
        )
    make_room(out, names)
    played = play_all(scenario, plays, out, progress, jobs=jobs, verbs=verbs)
    trust = out / "trust.note"
    cards = [card for one in played for card in one.cards]
    keys = [key for one in played for key in one.witness_keys]
    write_trust(trust, scenario.name, cards, keys)
    variants: dict[str, Json] = {one.play.name: checked(one, trust, out) for one in played}
    summary: dict[str, Json] = {
        "exercise": scenario.failure.code if scenario.failure else scenario.name,
        "title": scenario.title,
        **together(list(variants.values())),
        "trust": trust.name,
        "variants": variants,
    }
    (out / "summary.json").write_bytes(pretty(summary).encode())
    (out / "report.md").write_text(report(scenario, played), encoding="utf-8")
    if not keep_homes:
        for name in names:
            shutil.rmtree(out / name, ignore_errors=True)
    unmet = tuple(line for one in played for line in unmet_in(one))
    return Result(summary=summary, unmet=unmet, out=out, played=tuple(played))


def unmet_in(one: Played) -> list[str]:
    """What was not as expected in one variant, in sentences."""
    return troubles(one.play, one.record.happened, one.summary)


def checked(one: Played, trust: Path, out: Path) -> dict[str, Json]:
    """The summary of a variant with its bundle, what `comity verify` says, and the judgement."""
    proven = verified(one.bundles, trust)
    summary = one.summary
    parties = summary["parties"]
    if isinstance(parties, dict):
        for name, party in parties.items():
            if isinstance(party, dict):
                party["verified"] = proven.get(name)
    decisive = [bundle for bundle in one.bundles if bundle.judged] or list(one.bundles)
    if decisive:
        summary["bundle"] = decisive[0].folder.relative_to(out).as_posix()
    summary |= judged_keys(one.play, one.record.happened, summary)
    return summary


def together(summaries: Sequence[Json]) -> dict[str, Json]:
    """What was expected of all, what came of it, and whether all passed."""
    found = [summary for summary in summaries if isinstance(summary, dict)]
    passed = all(one["passed"] is True for one in found)
    return {
        "passed": passed,
        "expected": [line for one in found for line in _lines(one["expected"])],
        "outcome": [line for one in found for line in _lines(one["outcome"])],
    }


def _lines(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def pretty(value: Json) -> str:
    """JSON for people: indented, in the order of its making."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def moved_to(summary: dict[str, Json], out: Path, folder: Path) -> dict[str, Json]:
    """The same summary with its paths relative to `folder` instead of `out`."""
    key = "exercises" if "exercises" in summary else "variants"
    variants = summary[key]
    moved = {
        name: variant | {"bundle": _from(variant["bundle"], out, folder)}
        for name, variant in (variants.items() if isinstance(variants, dict) else ())
        if isinstance(variant, dict)
    }
    return summary | {"trust": _from(summary["trust"], out, folder), key: dict(moved)}


def _from(path: Json, out: Path, folder: Path) -> Json:
    return os.path.relpath(out / path, folder) if isinstance(path, str) else None


def make_room(out: Path, names: Sequence[str]) -> None:
    """Make the folder, or clear what an earlier exercise left in it; refuse anybody else's."""
    mark = out / _MARK
    if out.exists() and not mark.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Refused(
            Refusal(
                code="not_our_folder",
                reason=f"{out} holds something that no exercise wrote",
                what_to_do="Name another folder with --out, or remove it",
            )
        )
    out.mkdir(parents=True, exist_ok=True)
    mark.touch()
    for folder in (BUNDLES, *names):
        shutil.rmtree(out / folder, ignore_errors=True)
    for file in _MADE:
        (out / file).unlink(missing_ok=True)
