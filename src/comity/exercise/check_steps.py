"""The flaws of variants: who does what to whom, when, and to what that was said before.

Steps are played in order of time, so a step may lean only on steps that come before it. Yields
flaws, raises nothing. Called by check.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from comity.exercise.expect import check_path
from comity.exercise.flaw import Flaw
from comity.exercise.moment import Moments
from comity.exercise.plan import details_of, moments_of, steps_of
from comity.exercise.scenario import Expectation, Scenario, Step, Variant
from comity.exercise.verbs import (
    Answer,
    Area,
    Ask,
    Attest,
    Call,
    Clock,
    Declare,
    Details,
    Draft,
    Duty,
    Heard,
    Hotline,
    Line,
    Mishap,
    Move,
    Remark,
    Reply,
    Report,
    Say,
    Sign,
    Standing,
    Volume,
)
from comity.model.fault import Malformed

__all__ = ["BUNDLES", "variant_flaws"]

BUNDLES = "bundles"  # a folder beside those of the variants

_AHEAD_S_MAX = 86_400
_SPAN_US_MAX = 24 * 3_600 * 1_000_000  # a longer exercise is cut into several
_COMPARISONS = (
    *("equals", "at_least", "at_most", "contains", "is_null"),
    *("says", "lacks", "same_as", "no_later", "no_earlier"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """A step with its place, its instant (None if it has none) and its details."""

    where: str
    step: Step
    at_us: int | None
    details: Details


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """What the checks of one variant look things up in."""

    scenario: Scenario
    moments: Moments
    named: dict[str, _Placed]
    claims: frozenset[str]


def variant_flaws(scenario: Scenario) -> Iterator[Flaw]:
    """The flaws of all variants."""
    for index, variant in enumerate(scenario.variants):
        path = f"variants[{index}]"
        if variant.name == BUNDLES:
            problem = f"{BUNDLES!r} is the folder of all variants' bundles"
            yield _flaw(f"{path}.name", problem, "Choose another name")
        base = _base_flaw(scenario, variant, path)
        if base:
            yield base
            continue
        moments = moments_of(scenario, variant)
        yield from _table_flaws(f"{path}.times", variant, moments)
        span = _instant(moments, variant.start), _instant(moments, variant.until)
        yield from _span_flaws(path, variant, moments, span)
        yield from _step_flaws(scenario, variant, path, span)
        for number, expectation in enumerate(variant.expect):
            yield from _expect_flaws(f"{path}.expect[{number}]", expectation, scenario, moments)


def _base_flaw(scenario: Scenario, variant: Variant, path: str) -> Flaw | None:
    bases = {v.name for v in scenario.variants if v.based_on is None and v is not variant}
    if variant.based_on is None or variant.based_on in bases:
        return None
    problem = f"{variant.based_on!r} is no variant that stands on its own"
    return _flaw(f"{path}.based_on", problem, f"Choose one of: {_names(bases)}")


def _table_flaws(path: str, variant: Variant, moments: Moments) -> Iterator[Flaw]:
    for name in variant.times:
        try:
            moments.check(name)
        except Malformed as error:
            yield _flaw(f"{path}.{name}", error.reason, "Write 21:39, 20m or names joined by ' - '")


def _span_flaws(
    path: str, variant: Variant, moments: Moments, span: tuple[int | None, int | None]
) -> Iterator[Flaw]:
    yield from _time_flaws(f"{path}.from", variant.start, moments)
    yield from _time_flaws(f"{path}.until", variant.until, moments)
    start, until = span
    if start is not None and until is not None and not 0 < until - start <= _SPAN_US_MAX:
        problem = f"from {variant.start} until {variant.until} is no span"
        yield _flaw(path, problem, "Let `until` come after `from`, by at most 24 h")


def _step_flaws(
    scenario: Scenario, variant: Variant, path: str, span: tuple[int | None, int | None]
) -> Iterator[Flaw]:
    moments = moments_of(scenario, variant)
    placed: list[_Placed] = []
    for where, step in steps_of(scenario, variant):
        try:
            details = details_of(step)
        except Malformed as error:
            yield _flaw(f"{where}.with", error.reason, "Compare with docs/reference/scenario.md")
            continue
        at_us = _instant(moments, step.at)
        placed.append(_Placed(where=where, step=step, at_us=at_us, details=details))
    named = {found.details.id: found for found in placed if found.details.id}
    claims = frozenset(claim.id for claim in scenario.claims)
    scene = _Scene(scenario=scenario, moments=moments, named=named, claims=claims)
    yield from _double_ids(placed)
    yield from _judged_flaws(path, variant, scene)
    for found in placed:
        yield from _one_step(found, scene, span)


def _double_ids(placed: list[_Placed]) -> Iterator[Flaw]:
    seen: set[str] = set()
    for found in placed:
        name = found.details.id
        if name and name in seen:
            yield _flaw(f"{found.where}.with.id", f"{name!r} is there twice", "Rename one of them")
        seen |= {name} if name else set()


def _judged_flaws(path: str, variant: Variant, scene: _Scene) -> Iterator[Flaw]:
    judged = scene.named.get(variant.judged)
    if not variant.judged:
        return
    if judged is None or not isinstance(judged.details, Declare | Call):
        known = [n for n, p in scene.named.items() if isinstance(p.details, Declare | Call)]
        problem = f"no notice or call of this variant is called {variant.judged!r}"
        yield _flaw(f"{path}.judged", problem, f"Choose one of: {_names(known)}")


def _one_step(found: _Placed, scene: _Scene, span: tuple[int | None, int | None]) -> Iterator[Flaw]:
    step, where = found.step, found.where
    parties = {party.id for party in scene.scenario.parties}
    if step.by not in parties:
        yield _flaw(
            f"{where}.by", f"no party is called {step.by!r}", f"Use one of: {_names(parties)}"
        )
    yield from _time_flaws(f"{where}.at", step.at, scene.moments)
    if found.at_us is not None and None not in span and not _within(found.at_us, span):
        problem = f"{step.at} lies outside the span of the variant"
        yield _flaw(f"{where}.at", problem, "Move the step, or widen `from` and `until`")
    for claim in sorted(set(found.details.claims) - scene.claims):
        yield _flaw(f"{where}.with.claims", f"no claim is called {claim!r}", "Name a claim's id")
    yield from _detail_flaws(found, scene)


def _detail_flaws(found: _Placed, scene: _Scene) -> Iterator[Flaw]:
    match found.details:
        case Declare():
            yield from _declare_flaws(found, found.details, scene)
        case Move():
            yield from _move_flaws(found, found.details, scene)
        case Answer() | Attest():
            yield from _answer_flaws(found, found.details, scene)
        case Call():
            yield from _call_flaws(found, found.details, scene)
        case Sign():
            yield from _sign_flaws(found, found.details, scene)
        case Ask() | Reply() | Report():
            yield from _reference_flaws(found, "of", found.details.of, scene)
            yield from _said_flaws(found, found.details, scene)
        case Say() | Heard() | Standing() | Draft() | Duty():
            yield from _hotline_flaws(found, found.details, scene)
        case _ as other:
            yield from _mishap_flaws(found, other, scene)


def _mishap_flaws(found: _Placed, details: Mishap | Remark, scene: _Scene) -> Iterator[Flaw]:
    """Of what no node does; a note is right, whatever it says."""
    if isinstance(details, Line):
        yield from _peer_flaws(found, (details.other,), scene, key="other")
    elif isinstance(details, Clock) and not abs(details.ahead_s) <= _AHEAD_S_MAX:
        problem = f"a clock is wrong by {_AHEAD_S_MAX} s at most"
        yield _flaw(f"{found.where}.with.ahead_s", problem, "Set it less far off")


def _hotline_flaws(found: _Placed, details: Hotline, scene: _Scene) -> Iterator[Flaw]:
    match details:
        case Say():
            yield from _say_flaws(found, details, scene)
        case Heard():
            yield from _reference_flaws(found, "of", details.of, scene)
            said = scene.named.get(details.of)
            if said and not (isinstance(said.details, Say) and said.details.to == found.step.by):
                problem = f"{details.of!r} is no message to {found.step.by}"
                yield _flaw(f"{found.where}.with.of", problem, "Name a message to this party")
        case Draft():
            yield from _reference_flaws(found, "of", details.of, scene)
        case Standing():
            yield from _peer_flaws(found, (details.other,), scene, key="other")
        case Duty():
            for role in details.holds.keys() - set(details.chain):
                problem = f"{role!r} is no role of the chain"
                yield _flaw(f"{found.where}.with.holds", problem, "Name a role of `chain`")


def _say_flaws(found: _Placed, details: Say, scene: _Scene) -> Iterator[Flaw]:
    if details.about is not None:
        yield from _reference_flaws(found, "about", details.about, scene)
    for name, text in details.times.items():
        yield from _time_flaws(f"{found.where}.with.times.{name}", text, scene.moments)
    if found.step.expect_refusal is None:
        yield from _peer_flaws(found, (details.to,), scene)


def _sign_flaws(found: _Placed, details: Sign, scene: _Scene) -> Iterator[Flaw]:
    named = {accord.name: accord for accord in scene.scenario.agreements}
    accord = named.get(details.agreement)
    if accord is None or found.step.by not in accord.principals:
        problem = f"{found.step.by} is no principal of {details.agreement!r}"
        yield _flaw(f"{found.where}.with.agreement", problem, f"Known are: {_names(named)}")


def _said_flaws(found: _Placed, details: Ask | Reply | Report, scene: _Scene) -> Iterator[Flaw]:
    by, of = found.step.by, details.of
    wrong: tuple[str, str] | None = None
    if isinstance(details, Ask):
        yield from _time_flaws(f"{found.where}.with.by", details.by, scene.moments)
        if not _hold_it(of, {by, details.to}, scene):
            remedy = "Name what the one gave the other"
            wrong = f"{by} and {details.to} do not both hold {of!r}", remedy
    elif isinstance(details, Reply):
        asked = scene.named.get(of)
        request = asked.details if asked else None
        if not isinstance(request, Ask) or request.to != by:
            wrong = f"{of!r} is no request to {by}", "Name a request to this party"
    else:
        hazard = _declaration(of, scene)
        if hazard is None or hazard.kind != "hazard" or not _hold_it(of, {by}, scene):
            wrong = f"{of!r} is no hazard that {by} knows", "Name a hazard that it knows"
        yield from _peer_flaws(found, details.to, scene)
        yield from _volume_flaws(found, details.volumes, scene)
    if wrong:
        yield _flaw(f"{found.where}.with.of", *wrong)


def _hold_it(name: str, parties: set[str], scene: _Scene) -> bool:
    """Whether parties declared what is called `name`, or were given it."""
    declared, placed = _declaration(name, scene), scene.named.get(name)
    if declared is None or placed is None:
        return True  # a reference that leads nowhere is a flaw of its own
    return parties <= {placed.step.by, *declared.to}


def _peer_flaws(
    found: _Placed, to: Iterable[str], scene: _Scene, *, key: str = "to"
) -> Iterator[Flaw]:
    peers = scene.scenario.peers_of(found.step.by)
    for party in to:
        if party not in peers:
            problem = f"{found.step.by} is not linked with {party!r}"
            yield _flaw(f"{found.where}.with.{key}", problem, f"Its links lead to: {_names(peers)}")


def _declare_flaws(found: _Placed, details: Declare, scene: _Scene) -> Iterator[Flaw]:
    yield from _peer_flaws(found, details.to, scene)
    if details.prompted_by is not None:
        yield from _reference_flaws(found, "prompted_by", details.prompted_by, scene)
    if details.basis:
        yield from _time_flaws(
            f"{found.where}.with.basis.expires", details.basis.expires, scene.moments
        )
    yield from _volume_flaws(found, details.volumes, scene)


def _move_flaws(found: _Placed, details: Move, scene: _Scene) -> Iterator[Flaw]:
    yield from _reference_flaws(found, "of", details.of, scene)
    declared = scene.named.get(details.of)
    if declared and _foreign(declared, found):
        problem = f"{found.step.by} declared nothing called {details.of!r}"
        yield _flaw(
            f"{found.where}.with.of", problem, "Only what a party declared itself can be moved"
        )
    if (found.step.do == "amend") != bool(details.volumes):
        problem = f"{found.step.do} {'needs' if found.step.do == 'amend' else 'takes no'} volumes"
        yield _flaw(f"{found.where}.with.volumes", problem, "An amendment replaces all volumes")
    if details.at is not None:
        yield from _time_flaws(f"{found.where}.with.at", details.at, scene.moments)
    yield from _volume_flaws(found, details.volumes, scene)


def _foreign(declared: _Placed, found: _Placed) -> bool:
    """Whether the step that is moved was another party's, or declared nothing."""
    return declared.step.by != found.step.by or not isinstance(declared.details, Declare)


def _answer_flaws(found: _Placed, details: Answer | Attest, scene: _Scene) -> Iterator[Flaw]:
    yield from _reference_flaws(found, "of", details.of, scene)
    notice = _declaration(details.of, scene)
    if details.of in scene.named and (notice is None or found.step.by not in notice.to):
        problem = f"{details.of!r} was not given to {found.step.by}"
        yield _flaw(f"{found.where}.with.of", problem, "Name a notice that this party received")
    if not isinstance(details, Attest):
        return
    own = {unit.id for unit in scene.scenario.units if unit.party == found.step.by}
    for unit in details.units:
        if unit.unit not in own:
            problem = f"{found.step.by} has no unit {unit.unit!r}"
            yield _flaw(f"{found.where}.with.units", problem, f"Its units are: {_names(own)}")


def _call_flaws(found: _Placed, details: Call, scene: _Scene) -> Iterator[Flaw]:
    if details.other not in {party.id for party in scene.scenario.parties} - {found.step.by}:
        problem = f"{details.other!r} is no other party"
        yield _flaw(f"{found.where}.with.other", problem, "Name the party at the other end")
    for key, text in (("received", details.received), ("start", details.start)):
        if text is not None:
            yield from _time_flaws(f"{found.where}.with.{key}", text, scene.moments)


def _declaration(name: str, scene: _Scene) -> Declare | None:
    """What was declared under `name`, or what the move of that name is about."""
    found = scene.named.get(name)
    if found and isinstance(found.details, Move):
        found = scene.named.get(found.details.of)
    return found.details if found and isinstance(found.details, Declare) else None


def _reference_flaws(found: _Placed, key: str, name: str, scene: _Scene) -> Iterator[Flaw]:
    path = f"{found.where}.with.{key}"
    other = scene.named.get(name)
    if other is None or other is found:
        yield _flaw(path, f"no other step is called {name!r}", f"Known are: {_names(scene.named)}")
    elif other.at_us is not None and found.at_us is not None and other.at_us > found.at_us:
        problem = f"out of order: at {found.step.at} nothing called {name!r} has been said"
        yield _flaw(path, problem, f"Move this step after {other.step.at}")


def _volume_flaws(found: _Placed, volumes: tuple[Volume, ...], scene: _Scene) -> Iterator[Flaw]:
    for index, volume in enumerate(volumes):
        path = f"{found.where}.with.volumes[{index}]"
        yield from _time_flaws(f"{path}.start", volume.start, scene.moments)
        yield from _time_flaws(f"{path}.end", volume.end, scene.moments)
        yield from _area_flaws(f"{path}.footprint", volume.footprint, scene)


def _area_flaws(path: str, area: Area, scene: _Scene) -> Iterator[Flaw]:
    if area.place is not None and area.place not in scene.scenario.places:
        problem = f"no place is called {area.place!r}"
        yield _flaw(path, problem, f"Known are: {_names(scene.scenario.places)}")
    forms = [area.polygon is not None, area.centre is not None, area.place is not None]
    if forms.count(True) != 1 or (area.polygon is None) != (area.radius_m is not None):
        problem = "this is neither one polygon nor one circle"
        yield _flaw(path, problem, "Write a polygon, or radius_m with either centre or place")


def _expect_flaws(
    path: str, expectation: Expectation, scenario: Scenario, moments: Moments
) -> Iterator[Flaw]:
    for key, text in (("path", expectation.path), ("same_as", expectation.same_as)):
        try:
            check_path(text if text is not None else expectation.path)
        except Malformed as error:
            remedy = "Join keys by dots; [0], [*] and [key=value] select"
            yield _flaw(f"{path}.{key}", error.reason, remedy)
    for key in ("no_later", "no_earlier"):
        if (text := getattr(expectation, key)) is not None:
            yield from _time_flaws(f"{path}.{key}", text, moments)
    parties = {party.id for party in scenario.parties}
    if expectation.to and expectation.to not in parties:
        problem = f"no party is called {expectation.to!r}"
        yield _flaw(f"{path}.to", problem, f"Use one of: {_names(parties)}")
    used = [name for name in _COMPARISONS if getattr(expectation, name) is not None]
    if used not in ([name] for name in _COMPARISONS) and used != ["at_least", "at_most"]:
        remedy = f"Use one of: {', '.join(_COMPARISONS)}"
        yield _flaw(path, "an expectation makes one comparison", remedy)


def _time_flaws(path: str, text: str, moments: Moments) -> Iterator[Flaw]:
    try:
        moments.instant_us(text)
    except Malformed as error:
        remedy = "Write 21:39, an RFC 3339 time, or an expression over `times`"
        yield _flaw(path, error.reason, remedy)


def _instant(moments: Moments, text: str) -> int | None:
    try:
        return moments.instant_us(text)
    except Malformed:
        return None


def _within(at_us: int, span: tuple[int | None, int | None]) -> bool:
    start, until = span
    return start is not None and until is not None and start <= at_us <= until


def _flaw(path: str, problem: str, what_to_do: str) -> Flaw:
    return Flaw(path=path, problem=problem, what_to_do=what_to_do)


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"
