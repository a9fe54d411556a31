"""The part of the report about what was said afterwards: claims side by side, attributed.

Pure: text from the scenario. It counts no votes and draws no conclusion. Called by report.
"""

from itertools import groupby

from comity.exercise.moment import Moments
from comity.exercise.scenario import Claim, EventTime, Scenario
from comity.exercise.table import table

__all__ = ["claims_part"]

_BASES = {
    "own_data_shown": "own data, shown in part",
    "own_data_unpublished": "own data, unpublished",
    "third_party": "third party",
    "hearsay": "hearsay",
    "not_stated": "not stated",
}


_HEAD = (
    "Each line is somebody's statement, in our own words. Statements about one subject stand side "
    "by side; none is preferred. Codes stand for claimants; the parties of the exercise are nobody "
    "in particular."
)
_NO_VERDICT = (
    "This report gives no verdict on who is right. Where accounts contradict each other, both "
    "stand. What would settle them is a record that both sides signed at the time."
)


def claims_part(scenario: Scenario) -> str:
    """Claims by subject, contradictions, supersessions, gaps, reconstructions and sources."""
    if not scenario.claims:
        return ""
    parts = [
        "## What was said afterwards",
        _HEAD,
        _by_subject(scenario),
        _relations(scenario),
        _unstated(scenario),
        _reconstructions(scenario),
        f"### No verdict\n\n{_NO_VERDICT}",
        _sources(scenario),
    ]
    return "\n\n".join(part for part in parts if part)


def _by_subject(scenario: Scenario) -> str:
    moments = Moments(scenario.time, scenario.times)
    first_seen = {
        claim.subject: number for number, claim in reversed(list(enumerate(scenario.claims)))
    }
    ordered = sorted(scenario.claims, key=lambda claim: first_seen[claim.subject])
    parts = []
    for subject, claims in groupby(ordered, key=lambda claim: claim.subject):
        rows = [_claim_row(claim, moments) for claim in claims]
        head = ("id", "time of the event", "who, when", "statement", "basis", "status", "source")
        parts.append(f"**{subject.replace('.', ': ').replace('-', ' ')}**\n\n" + table(head, rows))
    return "### Claims by subject\n\n" + "\n\n".join(parts)


def _claim_row(claim: Claim, moments: Moments) -> tuple[str, ...]:
    said = claim.stated or "day unknown"
    note = f" *{claim.note}*" if claim.note else ""
    return (
        claim.id,
        _when(claim.event, moments),
        f"{claim.claimant.code} {claim.claimant.office}, {said}",
        claim.statement + note,
        _BASES.get(claim.basis, claim.basis),
        claim.status,
        ", ".join(claim.sources),
    )


def _when(event: EventTime | None, moments: Moments) -> str:
    """The interval, in minutes if it is one of whole minutes."""
    if event is None:
        return "not stated"
    first, last = moments.instant_us(event.earliest), moments.instant_us(event.latest)
    a, b = moments.day.clock_text(first), moments.day.clock_text(last)
    if a.endswith(":00") and b.endswith((":00", ":59")):
        a, b = a[:5], b[:5]
    text = a if a == b else f"{a}-{b}"
    return text if event.basis == "stated" else f"{text} (derived)"


def _relations(scenario: Scenario) -> str:
    pairs = {
        tuple(sorted((claim.id, other))) for claim in scenario.claims for other in claim.contradicts
    }
    codes = {claim.id: claim.claimant.code for claim in scenario.claims}
    lines = [
        f"- {a} ({codes[a]}) and {b} ({codes[b]}) contradict each other." for a, b in sorted(pairs)
    ]
    lines += [
        f"- {claim.id} supersedes {claim.supersedes}, by the same claimant ({claim.claimant.code})."
        for claim in scenario.claims
        if claim.supersedes
    ]
    return "### Contradictions and supersessions\n\n" + "\n".join(lines) if lines else ""


def _unstated(scenario: Scenario) -> str:
    lines = [f"- {sentence}." for sentence in scenario.unstated]
    return "### Not stated by anybody\n\n" + "\n".join(lines) if lines else ""


def _reconstructions(scenario: Scenario) -> str:
    lines = [f"- *{track.title}* (reconstruction): {track.basis}." for track in scenario.tracks]
    if not lines:
        return ""
    return (
        "### Reconstructions\n\nMade afterwards, for drawing; no node was given one.\n\n"
        + "\n".join(lines)
    )


def _sources(scenario: Scenario) -> str:
    cited = {source for claim in scenario.claims for source in claim.sources}
    rows = [
        (id_, source.title, source.address)
        for id_, source in scenario.sources.items()
        if id_ in cited
    ]
    return "### Sources\n\n" + table(("id", "source", "address"), rows) if rows else ""
