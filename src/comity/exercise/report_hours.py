"""The part of the report about one variant: its hours, who was told, conflicts, warnings, journals.

Pure: text from the record and the summary. Called by report.
"""

import re
from collections.abc import Iterator

from comity.exercise.amount import duration_text
from comity.exercise.play import Played
from comity.exercise.record import Happened, Outcome
from comity.exercise.report_said import said_parts
from comity.exercise.scenario import Scenario
from comity.exercise.table import table
from comity.model.quantity import instant_text, instant_us
from comity.wire.canonical import Json

__all__ = ["hours_part"]

_SHORT_CHARS = 8  # of an id, as nodes write it into a warning
_SHORT = re.compile(rf"\b[0-9a-f]{{{_SHORT_CHARS}}}\b", re.ASCII)


def hours_part(scenario: Scenario, one: Played) -> str:
    """All sections of one variant."""
    parts = [
        f"## {one.play.name}: {one.play.title}",
        one.play.about.strip(),
        _timeline(one),
        _units(one),
        _conflicts(one),
        _warnings(scenario, one),
        *said_parts(one.summary, lambda value: _clock(one, value)),
        _journals(one),
    ]
    return "\n\n".join(part for part in parts if part)


def _timeline(one: Played) -> str:
    events = sorted([*_steps(one), *_shown(one)], key=lambda event: event[0])
    day = one.play.moments.day
    rows = [
        (day.clock_text(at_us), instant_text(at_us)[11:], who, what) for at_us, who, what in events
    ]
    return table(("local", "Z", "who", "what"), rows)


def _steps(one: Played) -> Iterator[tuple[int, str, str]]:
    for done in one.record.happened:
        claims = f" ({', '.join(done.claims)})" if done.claims else ""
        if done.outcome is Outcome.NOTE:
            yield done.at_us, "referee", f"{done.text}{claims}"
        else:
            yield done.at_us, done.by, f"{_said(done)}{claims}"


def _said(done: Happened) -> str:
    match done.outcome:
        case Outcome.DONE:
            return done.text
        case Outcome.REFUSED_AS_EXPECTED:
            return f"the node refuses to {done.do}, as it must: {done.text}"
        case _:
            return f"{done.do}: {done.outcome}: {done.text}"


def _shown(one: Played) -> Iterator[tuple[int, str, str]]:
    """What the nodes showed of themselves: conflicts, other warnings, units by their handles."""
    for conflict in _dicts(one.summary["conflicts"]):
        who, pair = f"node of {_seen_by(conflict)}", f"{conflict['a']} and {conflict['b']}"
        yield _us(conflict["at"]), who, f"finds that {pair} meet"
        if conflict["over_at"]:
            yield _us(conflict["over_at"]), who, f"finds that {pair} no longer meet"
    for warning in _dicts(one.summary["warnings"]):
        if warning["kind"] == "conflict":
            continue  # the conflict itself is there
        who, text = f"node of {warning['to']}", f"{_words(warning['kind'])}: {_named(one, warning)}"
        yield _us(warning["raised_at"]), who, f"warns: {text}"
        if warning["cleared_at"]:
            yield _us(warning["cleared_at"]), who, f"clears: {text}"
    for seen in one.record.sightings:
        if seen.risk.unit is None:
            notice = one.record.labels.get(seen.risk.notice, "a notice")
            text = f"shows a unit as {seen.risk.handle[:8]}: {seen.risk.state} of {notice}"
            yield seen.at_us, f"node of {seen.party}", text


def _named(one: Played, warning: dict[str, Json]) -> str:
    """The node's own text, with our names in the place of short ids."""
    names = {id_[:_SHORT_CHARS]: label for id_, label in one.record.labels.items()}
    return _SHORT.sub(lambda found: names.get(found[0], found[0]), str(warning["text"]))


def _seen_by(conflict: dict[str, Json]) -> str:
    seen_by = conflict["seen_by"]
    return " and ".join(str(party) for party in seen_by) if isinstance(seen_by, list) else ""


def _units(one: Played) -> str:
    rows = []
    for state in ("told", "unreached"):
        for unit in _dicts(one.summary[state]):
            closed = f"; told at {_clock(one, unit['closed_at'])}" if unit.get("closed_at") else ""
            word = str(unit["state"]) if state == "told" else f"**not reached**{closed}"
            who = f"{unit['unit']} ({unit['party']})"
            known = "; ".join(_knows(one, known) for known in _dicts(unit["known_to"]))
            rows.append((who, str(unit["notice"]), word, _clock(one, unit["at"]), known))
    if not rows:
        return "### Who was told\n\nNothing is known of any unit."
    head = ("unit", "about", "state", "at", "known to")
    return "### Who was told, and who knew it\n\n" + table(head, rows)


def _knows(one: Played, known: dict[str, Json]) -> str:
    as_handle = " (only a handle)" if known.get("as") else ""
    return f"{known['party']} since {_clock(one, known['at'])}{as_handle}"


def _conflicts(one: Played) -> str:
    sentences = [_conflict(one, found) for found in _dicts(one.summary["conflicts"])]
    if not sentences:
        return "### Conflicts\n\nNone was found."
    return "### Conflicts\n\n" + "\n".join(f"- {sentence}" for sentence in sentences)


def _conflict(one: Played, found: dict[str, Json]) -> str:
    closest = found["closest_m"]
    how = (
        f"come within {closest:,.0f} m of each other"
        if isinstance(closest, int | float)
        else "pass close"
    )
    meet = "meet" if found["meets"] else how
    who = _seen_by(found)
    pair = f"{found['a']} and {found['b']} {meet} ({found['clause']})"
    return f"At {_clock(one, found['at'])} the node of {who} found that {pair}."


def _warnings(scenario: Scenario, one: Played) -> str:
    rows = [
        (
            _words(warning["kind"]),
            str(warning["to"]),
            str(warning["about"] or _named(one, warning)),
            _clock(one, warning["raised_at"]),
            _clock(one, warning["cleared_at"]) if warning["cleared_at"] else "open at the end",
            *([_before(warning["seconds_before_loss"])] if scenario.loss else []),
        )
        for warning in _dicts(one.summary["warnings"])
    ]
    if not rows:
        return "### Warnings\n\nNo node raised one."
    head = ["what", "shown to", "about", "raised", "cleared"]
    if scenario.loss:
        head.append(f"before the loss ({scenario.loss.claim}, {scenario.loss.at})")
    return "### Warnings\n\n" + table(head, rows)


def _journals(one: Played) -> str:
    parties = one.summary["parties"]
    rows = [
        (name, str(party["journal_size"]), f"`{party['root']}`", _proven(party["verified"]))
        for name, party in (parties.items() if isinstance(parties, dict) else ())
        if isinstance(party, dict)
    ]
    bundle = one.summary["bundle"]
    text = (
        f"Evidence bundle: `{bundle}`." if bundle else "No bundle of a notice: none was delivered."
    )
    return (
        "### Journals\n\n" + table(("party", "entries", "root", "verified"), rows) + f"\n\n{text}"
    )


def _proven(verified: Json) -> str:
    if verified is None:
        return "no bundle holds its head"
    return "yes" if verified else "**no**"


def _before(value: Json) -> str:
    if not isinstance(value, int | float):
        return "unknown"
    return duration_text(value) if value >= 0 else f"{duration_text(-value)} after it"


def _clock(one: Played, value: Json) -> str:
    return one.play.moments.day.clock_text(_us(value)) if isinstance(value, str) else "unknown"


def _us(value: Json) -> int:
    return instant_us(str(value))


def _words(value: Json) -> str:
    return str(value).replace("_", " ")


def _dicts(value: Json) -> list[dict[str, Json]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
