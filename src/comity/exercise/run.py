"""A whole exercise: variants played, then trust, verification, summary and report in one folder.

Called by the CLI and tests. Expectations are judged here and written nowhere.
"""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from comity.exercise.bundles import verified, write_trust
from comity.exercise.check_steps import BUNDLES
from comity.exercise.expect import unmet
from comity.exercise.plan import plan
from comity.exercise.play import Played, Progress, play_all
from comity.exercise.record import Outcome
from comity.exercise.report import report
from comity.exercise.scenario import Scenario
from comity.exercise.stick import Verbs
from comity.model.fault import Refusal, Refused
from comity.wire.canonical import Json

__all__ = ["Result", "moved_to", "pretty", "run"]

_MARK = ".comity-exercise"
_MADE = ("summary.json", "report.md", "trust.note")
_FINE = (Outcome.DONE, Outcome.NOTE, Outcome.REFUSED_AS_EXPECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a run left: the summary, what was not as expected, and the folder."""

    summary: dict[str, Json]
    unmet: tuple[str, ...]
    out: Path


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
        Refused: `out` holds something that no exercise made (`not_our_folder`).
        Unavailable: a process did not start, answer or end in time.
    """
    plays = [plan(scenario, name) for name in names]
    _make_room(out, names)
    played = play_all(scenario, plays, out, progress, jobs=jobs, verbs=verbs)
    trust = out / "trust.note"
    cards = [card for one in played for card in one.cards]
    keys = [key for one in played for key in one.witness_keys]
    write_trust(trust, scenario.name, cards, keys)
    variants: dict[str, Json] = {}
    for one in played:
        variants[one.play.name] = _checked(one, trust, out)
    summary: dict[str, Json] = {
        "exercise": scenario.name,
        "title": scenario.title,
        "trust": trust.name,
        "variants": variants,
    }
    (out / "summary.json").write_bytes(pretty(summary).encode())
    (out / "report.md").write_text(report(scenario, played), encoding="utf-8")
    if not keep_homes:
        for name in names:
            shutil.rmtree(out / name, ignore_errors=True)
    return Result(summary=summary, unmet=tuple(_unmet(played)), out=out)


def _checked(one: Played, trust: Path, out: Path) -> dict[str, Json]:
    """The summary of a variant with its bundle and with what `comity verify` says."""
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
    return summary


def _unmet(played: Sequence[Played]) -> list[str]:
    """What was not as expected: steps that went otherwise, and expectations that do not hold."""
    found: list[str] = []
    for one in played:
        found += [
            f"{one.play.name}: {done.where} ({done.by} {done.do}): {done.outcome}: {done.text}"
            for done in one.record.happened
            if done.outcome not in _FINE
        ]
        for expectation in one.play.expect:
            sentence = unmet(expectation, one.summary)
            found += [f"{one.play.name}: {sentence}"] if sentence else []
    return found


def pretty(value: Json) -> str:
    """JSON for people: indented, in the order of its making."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def moved_to(summary: dict[str, Json], out: Path, folder: Path) -> dict[str, Json]:
    """The same summary with its paths relative to `folder` instead of `out`."""
    variants = summary["variants"]
    moved = {
        name: variant | {"bundle": _from(variant["bundle"], out, folder)}
        for name, variant in (variants.items() if isinstance(variants, dict) else ())
        if isinstance(variant, dict)
    }
    return summary | {"trust": _from(summary["trust"], out, folder), "variants": dict(moved)}


def _from(path: Json, out: Path, folder: Path) -> Json:
    return os.path.relpath(out / path, folder) if isinstance(path, str) else None


def _make_room(out: Path, names: Sequence[str]) -> None:
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
