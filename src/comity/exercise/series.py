"""Several short exercises one after another on the same nodes, so that many cost little.

They need the same parties, links and numbers, and times that do not overlap; of what an earlier one
left, nothing is counted for a later one. Called by the CLI and tests.
"""

import shutil
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from threading import Event

from comity.exercise.bundles import write_trust
from comity.exercise.fleet import Fleet
from comity.exercise.plan import Play, plan
from comity.exercise.play import SETUP_US, Eyes, Played, Progress, cuts_lines, play_on
from comity.exercise.run import Result, checked, make_room, pretty, together, unmet_in
from comity.exercise.scenario import Scenario
from comity.exercise.story import story
from comity.model.fault import Malformed
from comity.wire.canonical import Json

__all__ = ["run_series"]

Member = tuple[Scenario, Play]


def run_series(
    scenarios: Sequence[Scenario],
    name: str,
    out: Path,
    *,
    progress: Progress,
    keep_homes: bool = False,
) -> Result:
    """Play the first variant of each scenario into the folder `out`, in order of time.

    Raises:
        Malformed: `bad_scenario`: they do not fit on the same nodes.
        Refused: `out` holds something that no exercise made (`not_our_folder`).
        Unavailable: a process did not start, answer or end in time.
    """
    members = _in_order(scenarios)
    make_room(out, [name])
    played = _play_all(members, name, out, progress)
    trust = out / "trust.note"
    write_trust(trust, name, played[0].cards, played[0].witness_keys)
    summary = _summary(
        name,
        trust,
        {
            _code(scenario): checked(one, trust, out)
            for (scenario, _), one in zip(members, played, strict=True)
        },
    )
    stories = (story(s, one) for (s, _), one in zip(members, played, strict=True))
    (out / "summary.json").write_bytes(pretty(summary).encode())
    (out / "report.md").write_text(f"# Exercise: {name}\n\n" + "\n".join(stories), "utf-8")
    if not keep_homes:
        shutil.rmtree(out / name, ignore_errors=True)
    unmet = tuple(line for one in played for line in unmet_in(one))
    return Result(summary=summary, unmet=unmet, out=out, played=tuple(played))


def _summary(name: str, trust: Path, found: dict[str, Json]) -> dict[str, Json]:
    return {
        "exercise": name,
        "title": "One after another on the same nodes",
        **together(list(found.values())),
        "trust": trust.name,
        "exercises": found,
    }


def _play_all(members: Sequence[Member], name: str, out: Path, progress: Progress) -> list[Played]:
    first, play = members[0]
    can_be_cut = any(cuts_lines(each) for _, each in members)
    fleet = Fleet(first, name, out / name / "homes", can_be_cut=can_be_cut)
    eyes = Eyes(fleet, Event())
    found: list[Played] = []
    with fleet:
        fleet.begin(play.start_us - SETUP_US, eyes.look)
        for scenario, each in members:
            progress.begin(each.name, len(each.steps))
            found.append(
                play_on(fleet, eyes, scenario, each, out, progress, since_us=each.start_us)
            )
    return found


def _in_order(scenarios: Sequence[Scenario]) -> list[Member]:
    members = [(scenario, plan(scenario, scenario.variants[0].name)) for scenario in scenarios]
    members.sort(key=lambda member: member[1].start_us)
    if not members:
        raise Malformed("there is nothing to play", code="bad_scenario")
    for (one, before), (other, after) in pairwise(members):
        if after.start_us < before.until_us:
            raise Malformed(f"{one.name} and {other.name} overlap", code="bad_scenario")
        if _cast(one) != _cast(other):
            reason = f"{one.name} and {other.name} have other parties, links or numbers"
            raise Malformed(reason, code="bad_scenario")
    return members


def _cast(scenario: Scenario) -> object:
    """What the nodes of a scenario are set up with."""
    parties = [party.id for party in scenario.parties]
    return parties, scenario.links, scenario.agreement, scenario.time.date[:4]


def _code(scenario: Scenario) -> str:
    return scenario.failure.code if scenario.failure else scenario.name
