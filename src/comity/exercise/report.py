"""report.md: what was played and what came of it, for a person; judged by nobody.

Attributed claims have their own part (`report_claims`), the hours of one variant too
(`report_hours`). Pure: text out. Called by run.
"""

from collections.abc import Sequence

from comity.exercise.amount import duration_text
from comity.exercise.play import Played
from comity.exercise.report_claims import claims_part
from comity.exercise.report_hours import hours_part
from comity.exercise.scenario import Scenario
from comity.exercise.table import table
from comity.wire.canonical import Json

__all__ = ["report"]

_TERMS = ("delivery", "human", "relay", "decision", "turn", "distance", "margin")
_REASONS = {
    "no_area": "an area was named in words only, and words are no area",
    "lead_unknown": "the account states no time",
    "area_unknown": "the account does not say whether an area was given",
    "lead_and_area_unknown": "the account states neither a time nor an area",
    "lead_below_time_to_clear": "the lead is shorter than the time needed to get clear",
    "lead_below_clear_needs": "the lead is shorter than the clearing time that was published",
    "lead_below_agreed": "there is time to get clear, but less than the agreed lead",
    "time_to_clear_met": "there is time to get clear, and the agreed lead is kept",
    "clear_needs_met": "the lead is as long as the clearing time that was published",
    "nothing_inside": "nothing of the receiver's was inside",
    "no_notice": "no notice was given",
}


_RUN = (
    "An exercise, not the event: real nodes, virtual time, scripted people. For each variant every "
    "party had a node of its own, as a process, and one neutral witness cosigned the journals. "
    "Enrolled were {links}; no other pair exchanged anything."
)
_BY_HAND = (
    "No node could reach another: {parcels} files of `comity export`, carried by hand and taken in "
    "by `comity import`, were all that passed between them. A trip took no virtual time. Each node "
    "reached the witness."
)
_WORDS = (
    "Local times are UTC{offset}; Z is UTC. *Acknowledged* means received and understood, never "
    "approved. Nothing here says who was right, or what would have happened."
)
_CHAIN = (
    "The time to clear, term by term, from delivery of the notice to a transport that has left:"
)
_LEAD = (
    "Lead is the start of the activity minus the delivery of its notice, never counted to a later "
    "event. The judgement is that of the receiver's node, about its own presences, when the notice "
    "came. Unknown stays unknown."
)
_PROOF = (
    "Each bundle holds one notice (or, where none passed, the terms that both signed) with its "
    "receipt, both parties' signed journal heads and the witness's word. `trust.note` says whose "
    "keys are whose; take it from somebody you trust, not from the bundle. In this folder:"
)
_NO_BUNDLE = (
    "left no bundle: no notice passed from node to node, only an account of a call, which its own "
    "author keeps and which proves nothing."
)


def report(scenario: Scenario, played: Sequence[Played]) -> str:
    """The whole report as Markdown."""
    parts = [
        f"# Exercise: {scenario.title}",
        scenario.about.strip(),
        _what_was_run(scenario, played),
        _verdicts(played),
        *(hours_part(scenario, one) for one in played),
        claims_part(scenario),
        _how_to_verify(played),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _what_was_run(scenario: Scenario, played: Sequence[Played]) -> str:
    links = ", ".join(f"{a} with {b}" for a, b in scenario.links)
    roles = [f"- **{party.id}**: {party.role}" for party in scenario.parties]
    variants = [f"- `{one.play.name}`: {one.play.title}" for one in played]
    lines = [
        "## What was run",
        "",
        _RUN.format(links=links),
        *_by_hand(played),
        "",
        *roles,
        "",
        "Variants:",
        "",
        *variants,
        "",
        _WORDS.format(offset=scenario.time.offset),
    ]
    return "\n".join(lines)


def _by_hand(played: Sequence[Played]) -> list[str]:
    parcels = [one.record.parcels for one in played if one.record.parcels is not None]
    return ["", _BY_HAND.format(parcels=sum(parcels))] if parcels else []


def _verdicts(played: Sequence[Played]) -> str:
    head = ("variant", "lead", "time to clear", "verdict", "why")
    rows = [_verdict_row(one) for one in played]
    parts = ["## Was the notice early enough?", "", table(head, rows)]
    terms = [row for one in played if (row := _terms_row(one))]
    if terms:
        parts += [
            "",
            _CHAIN,
            "",
            table(("variant", *_TERMS, "together"), terms),
        ]
    return "\n".join([*parts, "", _LEAD])


def _verdict_row(one: Played) -> tuple[str, ...]:
    summary = one.summary
    reason = str(summary["verdict_reason"])
    return (
        f"`{one.play.name}`",
        _seconds(summary["notice_lead_s"]),
        _seconds(summary["time_to_clear_s"]),
        f"**{summary['verdict']}**",
        _REASONS.get(reason, reason.replace("_", " ")),
    )


def _terms_row(one: Played) -> tuple[str, ...] | None:
    terms = one.summary["time_to_clear_terms_s"]
    if not isinstance(terms, dict):
        return None
    together = _seconds(one.summary["time_to_clear_s"])
    return (f"`{one.play.name}`", *(_seconds(terms.get(term)) for term in _TERMS), together)


def _seconds(value: Json) -> str:
    return duration_text(value) if isinstance(value, int | float) else "unknown"


def _how_to_verify(played: Sequence[Played]) -> str:
    commands = [
        f"comity verify bundles/{one.play.name}/{bundle.folder.name} --trust trust.note"
        for one in played
        for bundle in one.bundles
    ]
    without = " and ".join(f"`{one.play.name}`" for one in played if not one.bundles)
    lines = ["## How to verify the record"]
    if commands:
        codes = "Exit code 0 means proven, 10 not proven, 12 misbehaviour found, 13 damaged."
        lines += ["", _PROOF, "", "```sh", *commands, "```", "", codes]
    if without:
        lines += ["", f"{without} {_NO_BUNDLE}"]
    return "\n".join(lines)
