"""What no schema can say about a scenario: names that point nowhere, times that make no sense.

Yields flaws, raises nothing, plays nothing. The steps of the variants are `check_steps`'s.
Called by load.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from comity.agreement.lint import check as lint
from comity.exercise.accord import agreement_of
from comity.exercise.agreement import KEYS, parameters
from comity.exercise.check_steps import variant_flaws
from comity.exercise.flaw import Flaw
from comity.exercise.moment import NAME, Moments
from comity.exercise.scenario import Claim, Scenario, Track
from comity.model.fault import Malformed

__all__ = ["flaws_in"]


def flaws_in(scenario: Scenario) -> Iterator[Flaw]:
    """Every flaw of a scenario that fits the schema, in the order of the file."""
    yield from _doubles(scenario)
    yield from _party_flaws(scenario)
    yield from _agreement_flaws(scenario)
    moments = Moments(scenario.time, scenario.times)
    yield from time_table_flaws("times", scenario.times, moments)
    yield from _accord_flaws(scenario, moments)
    yield from _loss_flaws(scenario, moments)
    yield from _failure_flaws(scenario)
    yield from _claim_flaws(scenario, moments)
    for index, track in enumerate(scenario.tracks):
        yield from _track_flaws(f"tracks[{index}]", track, scenario, moments)
    yield from variant_flaws(scenario)


def time_table_flaws(path: str, names: Iterable[str], moments: Moments) -> Iterator[Flaw]:
    """Flaws of a `times` table: names that are no names, expressions that mean nothing."""
    for name in names:
        if not NAME.fullmatch(name):
            remedy = "Use a-z, digits and _, beginning with a letter"
            yield Flaw(path=f"{path}.{name}", problem="this is no name", what_to_do=remedy)
            continue
        try:
            moments.check(name)
        except Malformed as error:
            remedy = "Write 21:39, 20m, or names joined by ' + ' and ' - '"
            yield Flaw(path=f"{path}.{name}", problem=error.reason, what_to_do=remedy)


def _doubles(scenario: Scenario) -> Iterator[Flaw]:
    lists: dict[str, list[str]] = {
        "parties": [party.id for party in scenario.parties],
        "units": [unit.id for unit in scenario.units],
        "claims": [claim.id for claim in scenario.claims],
        "tracks": [track.id for track in scenario.tracks],
        "variants": [variant.name for variant in scenario.variants],
        "agreements": [accord.name for accord in scenario.agreements],
        "links": [" - ".join(sorted(link)) for link in scenario.links],
    }
    for table, ids in lists.items():
        for double, count in Counter(ids).items():
            if count > 1:
                problem = f"{double!r} is there {count} times"
                yield Flaw(path=table, problem=problem, what_to_do="Keep one or rename the others")


def _party_flaws(scenario: Scenario) -> Iterator[Flaw]:
    parties = {party.id for party in scenario.parties}
    for index, (a, b) in enumerate(scenario.links):
        if a == b:
            yield _unknown(f"links[{index}]", f"{a!r} is linked to itself", parties)
        for party in sorted({a, b} - parties):
            yield _unknown(f"links[{index}]", f"no party is called {party!r}", parties)
    for index, unit in enumerate(scenario.units):
        if unit.party not in parties:
            path = f"units[{index}].party"
            yield _unknown(path, f"no party is called {unit.party!r}", parties)


def _agreement_flaws(scenario: Scenario) -> Iterator[Flaw]:
    for key, text in scenario.agreement.items():
        try:
            parameters({key: text})
        except Malformed as error:
            remedy = "Write 15m or 30s for a duration, 3nm or 5556m for a length"
            if key not in KEYS:
                remedy = "Remove it or correct its name"
            yield Flaw(path=f"agreement.{key}", problem=error.reason, what_to_do=remedy)


def _accord_flaws(scenario: Scenario, moments: Moments) -> Iterator[Flaw]:
    """What is wrong with an agreement's text, and with who should sign it."""
    origins = {party.id: f"{party.id}.example/comity" for party in scenario.parties}
    for index, accord in enumerate(scenario.agreements):
        path = f"agreements[{index}]"
        try:
            lint(agreement_of(accord, origins, moments))
        except Malformed as error:
            yield Flaw(
                path=path, problem=error.reason, what_to_do="See docs/reference/agreement.md"
            )
        for party in accord.principals:
            missing = set(accord.principals) - {party} - set(scenario.peers_of(party))
            if missing:
                problem = f"{party} is not linked with {min(missing)!r}"
                remedy = "Link every principal with every other"
                yield Flaw(path=f"{path}.principals", problem=problem, what_to_do=remedy)


def _loss_flaws(scenario: Scenario, moments: Moments) -> Iterator[Flaw]:
    if scenario.loss is None:
        return
    claims = {claim.id for claim in scenario.claims}
    if scenario.loss.claim not in claims:
        yield _unknown("loss.claim", f"no claim is called {scenario.loss.claim!r}", claims)
    yield from _instant_flaws("loss.at", scenario.loss.at, moments)


def _failure_flaws(scenario: Scenario) -> Iterator[Flaw]:
    for source in scenario.failure.sources if scenario.failure else ():
        if source not in scenario.sources:
            problem = f"{source!r} is no source of this file"
            yield _unknown("failure.sources", problem, set(scenario.sources))


def _claim_flaws(scenario: Scenario, moments: Moments) -> Iterator[Flaw]:
    claims = {claim.id for claim in scenario.claims}
    for index, claim in enumerate(scenario.claims):
        path = f"claims[{index}]"
        for source in claim.sources:
            if source not in scenario.sources:
                problem = f"{claim.id} cites {source!r}, which is no source of this file"
                yield _unknown(f"{path}.sources", problem, set(scenario.sources))
        yield from _relation_flaws(path, claim, claims)
        if claim.event:
            yield from _order_flaws(
                f"{path}.event", claim.event.earliest, claim.event.latest, moments
            )


def _relation_flaws(path: str, claim: Claim, claims: set[str]) -> Iterator[Flaw]:
    related = {"contradicts": claim.contradicts}
    related["supersedes"] = (claim.supersedes,) if claim.supersedes else ()
    for relation, others in related.items():
        for other in others:
            if other == claim.id or other not in claims:
                problem = f"{claim.id} {relation} {other!r}, which is no other claim of this file"
                remedy = "Name the id of another claim, or take the relation out"
                yield Flaw(path=f"{path}.{relation}", problem=problem, what_to_do=remedy)


def _track_flaws(path: str, track: Track, scenario: Scenario, moments: Moments) -> Iterator[Flaw]:
    claims = {claim.id for claim in scenario.claims}
    for claim in track.claims:
        if claim not in claims:
            yield _unknown(f"{path}.claims", f"no claim is called {claim!r}", claims)
    for index in range(1, len(track.points)):
        earlier, later = track.points[index - 1].at, track.points[index].at
        yield from _order_flaws(f"{path}.points[{index}]", earlier, later, moments)


def _order_flaws(path: str, earlier: str, later: str, moments: Moments) -> Iterator[Flaw]:
    flaws = [*_instant_flaws(path, earlier, moments), *_instant_flaws(path, later, moments)]
    yield from flaws
    if not flaws and moments.instant_us(later) < moments.instant_us(earlier):
        problem = f"{later!r} comes before {earlier!r}"
        yield Flaw(path=path, problem=problem, what_to_do="Put the earlier time first")


def _instant_flaws(path: str, text: str, moments: Moments) -> list[Flaw]:
    try:
        moments.instant_us(text)
    except Malformed as error:
        remedy = "Write 21:39, an RFC 3339 time, or an expression over `times`"
        return [Flaw(path=path, problem=error.reason, what_to_do=remedy)]
    return []


def _unknown(path: str, problem: str, known: Iterable[str]) -> Flaw:
    names = ", ".join(sorted(known)) or "none"
    return Flaw(path=path, problem=problem, what_to_do=f"Known are: {names}")
