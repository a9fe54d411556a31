"""The referee's view of a variant as one JSON object, made from what the nodes answered.

Pure: a Record in, plain JSON out. Unknown is null. No node's interface gives this view: it sees all
sides. Keys: docs/reference/scenario.md. Called by run; read by expectations, the report and people.
"""

from collections.abc import Iterable

from comity.exercise.answers import Alarm, Assessment, Conflict
from comity.exercise.record import Outcome, PartyRecord, Record, Sighting
from comity.exercise.summary_hotline import hotline_keys
from comity.exercise.summary_said import said_keys
from comity.model.quantity import instant_text, instant_us, seconds
from comity.wire.canonical import Json

__all__ = ["variant_summary"]

_TOLD = ("told", "answered")
_PROMPTS_MAX = 8  # notices that prompted one another; more would be a circle


def variant_summary(record: Record, loss_us: int | None) -> dict[str, Json]:
    """All keys of a variant; `bundle` and `verified` are filled in when bundles are checked."""
    assessment = record.assessment
    return {
        "notice_lead_s": assessment.lead_s if assessment else None,
        "time_to_clear_s": assessment.time_to_clear_s if assessment else None,
        "time_to_clear_terms_s": _terms(assessment),
        "verdict": assessment.verdict if assessment else "unknown",
        "verdict_reason": assessment.reason if assessment else "no_notice",
        "judged": record.labels.get(record.judged),
        "told": list(_units(record, told=True)),
        "unreached": list(_units(record, told=False)),
        "conflicts": _conflicts(record),
        "warnings": _warnings(record, loss_us),
        "refusals": _refusals(record),
        "parcels": record.parcels,
        **said_keys(record),
        **hotline_keys(record),
        "bundle": None,
        "parties": {found.party: _party(found) for found in record.parties},
    }


def _terms(assessment: Assessment | None) -> Json:
    if assessment is None or assessment.terms_s is None:
        return None
    return dict(assessment.terms_s)


def _units(record: Record, *, told: bool) -> Iterable[Json]:
    """Units by name, from the nodes at which they have one: the first time in this state."""
    done: set[tuple[str, str | None, str]] = set()
    for seen in record.sightings:
        key = (seen.party, seen.risk.unit, seen.risk.notice)
        if seen.risk.unit is None or (seen.risk.state in _TOLD) != told or key in done:
            continue
        done.add(key)
        unit: dict[str, Json] = {
            "unit": seen.risk.unit,
            "party": seen.party,
            "notice": _label(record, seen.risk.notice),
            "at": seen.risk.at,
            "known_to": _known_to(record, seen),
        }
        if told:
            unit["state"] = seen.risk.state
        else:
            unit["closed_at"] = _closed_at(record, seen)
        yield unit


def _known_to(record: Record, home: Sighting) -> Json:
    """Which nodes showed it and since when; another party's node knows only a handle."""
    known: dict[str, Json] = {}
    known[home.party] = {"party": home.party, "at": instant_text(home.at_us)}
    about = _prompting(record, home.risk.notice)
    for seen in sorted(record.sightings, key=lambda seen: seen.risk.notice != home.risk.notice):
        if seen.party in known or seen.risk.unit is not None:
            continue
        if _same_state(seen, home) and _is_about(record, seen, home, about):
            at = instant_text(seen.at_us)
            known[seen.party] = {"party": seen.party, "at": at, "as": seen.risk.handle}
    return list(known.values())


def _is_about(record: Record, seen: Sighting, home: Sighting, about: tuple[str, ...]) -> bool:
    """Whether a handle stands for the unit of `home`.

    For the notice itself by the handle. For the notice that prompted it, the handle is a fresh one:
    there it is ours if no unit of the party that passed it on has it.
    """
    if seen.risk.notice == home.risk.notice:
        return seen.risk.handle == home.risk.handle
    named = {
        other.risk.handle
        for other in record.sightings
        if other.risk.unit is not None and other.risk.notice == seen.risk.notice
    }
    return seen.risk.notice in about and seen.risk.handle not in named


def _prompting(record: Record, notice: str) -> tuple[str, ...]:
    """The notices that led to this one, nearest first, as the nodes of their owners show it."""
    causes = {
        shown.id: shown.prompted_by
        for party in record.parties
        for shown in party.notices
        if shown.prompted_by
    }
    found: list[str] = []
    for _ in range(_PROMPTS_MAX):
        if notice not in causes:
            break
        notice = causes[notice]
        found.append(notice)
    return tuple(found)


def _same_state(a: Sighting, b: Sighting) -> bool:
    return (a.risk.state in _TOLD) == (b.risk.state in _TOLD)


def _closed_at(record: Record, home: Sighting) -> Json:
    for seen in record.sightings:
        same = (seen.party, seen.risk.unit, seen.risk.notice) == (
            home.party,
            home.risk.unit,
            home.risk.notice,
        )
        if same and seen.risk.state in _TOLD and seen.at_us >= home.at_us:
            return seen.risk.at
    return None


def _conflicts(record: Record) -> Json:
    """Each pair and clause once, with the nodes that found it; the earliest finding counts."""
    rows = [(found.found, *_pair(record, found), party, found) for party, found in _found(record)]
    first: dict[tuple[str, str, str], Conflict] = {}
    seen_by: dict[tuple[str, str, str], list[Json]] = {}
    for _, a, b, party, conflict in sorted(rows, key=lambda row: row[:4]):
        key = (a, b, conflict.clause)
        first.setdefault(key, conflict)
        parties = seen_by.setdefault(key, [])
        parties += [party] if party not in parties else []
    return [_conflict(key, conflict, seen_by[key]) for key, conflict in first.items()]


def _found(record: Record) -> Iterable[tuple[str, Conflict]]:
    return ((party.party, conflict) for party in record.parties for conflict in party.conflicts)


def _pair(record: Record, conflict: Conflict) -> tuple[str, str]:
    """The two subjects by name, in one order whatever their ids are."""
    a, b = sorted((_label(record, conflict.a), _label(record, conflict.b)))
    return a, b


def _conflict(key: tuple[str, str, str], conflict: Conflict, seen_by: list[Json]) -> Json:
    a, b, clause = key
    return {
        "a": a,
        "b": b,
        "clause": clause,
        "closest_m": conflict.closest_m,
        "meets": conflict.meets,
        "at": conflict.found,
        "over_at": conflict.over,
        "seen_by": seen_by,
    }


def _warnings(record: Record, loss_us: int | None) -> Json:
    pairs = {conflict.id: " with ".join(_pair(record, conflict)) for _, conflict in _found(record)}
    labels = pairs | record.labels
    raised = [(party.party, alarm) for party in record.parties for alarm in party.alarms]
    raised.sort(key=lambda pair: (instant_us(pair[1].raised), pair[1].kind, pair[0]))
    return [_warning(party, alarm, labels.get(alarm.about), loss_us) for party, alarm in raised]


def _warning(to: str, alarm: Alarm, about: str | None, loss_us: int | None) -> Json:
    before = None if loss_us is None else seconds(loss_us - instant_us(alarm.raised))
    return {
        "kind": alarm.kind,
        "to": to,
        "about": about,
        "text": alarm.text,
        "raised_at": alarm.raised,
        "cleared_at": alarm.cleared,
        "seconds_before_loss": before,
    }


def _refusals(record: Record) -> Json:
    refused = (Outcome.REFUSED, Outcome.REFUSED_AS_EXPECTED, Outcome.CHANGED)
    return [
        {
            "by": done.by,
            "at": instant_text(done.at_us),
            "code": done.text.partition(":")[0],
            "nothing_changed": done.outcome is not Outcome.CHANGED,
        }
        for done in record.happened
        if done.outcome in refused
    ]


def _party(found: PartyRecord) -> Json:
    status = found.status
    return {"journal_size": status.journal_size, "root": status.root, "verified": None}


def _label(record: Record, id_: str) -> str:
    """`party/local-id` where the referee knows one, else the id itself."""
    return record.labels.get(id_, id_)
