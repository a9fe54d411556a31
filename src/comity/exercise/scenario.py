"""What a scenario file holds: the shapes of its tables, and nothing about how they are read.

A field is a key of the file; texts that mean a time or an amount stay texts here (`moment`,
`amount`). `with` of a step has one shape for each verb: `verbs`. The same shapes as JSON Schema,
with a sentence for each key: scenarios/scenario.schema.json. For people:
docs/reference/scenario.md.
"""

import msgspec

from comity.exercise.moment import LocalDay

__all__ = [
    "Accord",
    "AccordClause",
    "Claim",
    "Claimant",
    "EventTime",
    "Expectation",
    "Failure",
    "Loss",
    "Party",
    "Place",
    "Point",
    "Scenario",
    "Source",
    "Step",
    "Track",
    "Unit",
    "Variant",
]

Scalar = str | int | float | bool


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file; a key that is not a field is refused."""


class Place(_Table, frozen=True, kw_only=True):
    """A named point, [lat, lon] in degrees, with where the number comes from (`K`, `derived`)."""

    at: tuple[float, float]
    basis: str
    note: str = ""


class Source(_Table, frozen=True, kw_only=True):
    """A public source: who said it when, and the address where it was read."""

    title: str
    address: str


class Loss(_Table, frozen=True, kw_only=True):
    """The moment from which seconds are counted back, with the claim that states it."""

    claim: str
    at: str


class Failure(_Table, frozen=True, kw_only=True):
    """The failure mode that is exercised: `F05`, where it was seen, by whose account, and the cure.

    `precedent` is attributed text, `protection` what Comity does against it, in one line.
    """

    code: str
    precedent: str
    sources: tuple[str, ...]
    protection: str


class Party(_Table, frozen=True, kw_only=True):
    """A party by its part in the scenario; no State is named. Its people read `language`."""

    id: str
    role: str
    language: str = "en"


class Unit(_Table, frozen=True, kw_only=True):
    """Somebody a party has to tell; the name stays at the party's own node."""

    id: str
    party: str


class AccordClause(_Table, frozen=True, kw_only=True):
    """A clause of an agreement: parties by their ids, `set` in the words of `agreement`."""

    id: str
    title: str
    basis: str = ""
    kinds: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    crafts: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    values: dict[str, str] = msgspec.field(name="set")
    line: tuple[tuple[float, float], ...] = ()


class Accord(_Table, frozen=True, kw_only=True):
    """An agreement that the step `sign` signs: its principals, who reads it, and its clauses."""

    name: str
    principals: tuple[str, ...]
    mediators: tuple[str, ...] = ()
    start: str = msgspec.field(name="from")
    until: str | None = None
    clauses: tuple[AccordClause, ...]


class Claimant(_Table, frozen=True, kw_only=True):
    """Who made a claim: a code (`RU`), and the office as far as it is known."""

    code: str
    office: str


class EventTime(_Table, frozen=True, kw_only=True):
    """When the claimed event was, as an interval, and whether the claimant stated it."""

    earliest: str
    latest: str
    basis: str


class Claim(_Table, frozen=True, kw_only=True):
    """An attributed statement about the event; never a fact."""

    id: str
    subject: str
    statement: str
    claimant: Claimant
    stated: str | None = None
    event: EventTime | None = None
    basis: str
    sources: tuple[str, ...]
    supersedes: str | None = None
    contradicts: tuple[str, ...] = ()
    status: str
    note: str = ""


class Point(_Table, frozen=True, kw_only=True):
    """One point of a reconstruction; `height_m` is absent where nobody stated it."""

    at: str
    position: tuple[float, float]
    height_m: float | None = None


class Track(_Table, frozen=True, kw_only=True):
    """A drawing aid made after the event; no node is ever given one."""

    id: str
    title: str
    reconstruction: bool
    basis: str
    claims: tuple[str, ...]
    points: tuple[Point, ...]


class Step(_Table, frozen=True, kw_only=True):
    """At `at`, the party `by` does `do` with `with`."""

    at: str
    by: str
    do: str
    details: dict[str, object] = msgspec.field(name="with", default_factory=dict)
    expect_refusal: str | None = None


class Expectation(_Table, frozen=True, kw_only=True):
    """What the summary of a variant is expected to hold at `path`; one comparison each.

    `that` is the same in a sentence, and `to` the party to whose people it must be shown.
    `no_later` and `no_earlier` are times; where the path gives several, the earliest counts.
    """

    path: str
    that: str = ""
    to: str = ""
    equals: Scalar | None = None
    at_least: float | None = None
    at_most: float | None = None
    contains: Scalar | None = None
    is_null: bool | None = None
    says: str | None = None
    lacks: str | None = None
    same_as: str | None = None
    no_later: str | None = None
    no_earlier: str | None = None


class Variant(_Table, frozen=True, kw_only=True):
    """One way in which the event is played. `judged` is the step whose lead time counts, if any."""

    name: str
    title: str
    about: str = ""
    based_on: str | None = None
    start: str = msgspec.field(name="from")
    until: str
    judged: str = ""
    times: dict[str, str] = {}
    steps: tuple[Step, ...] = ()
    expect: tuple[Expectation, ...] = ()


class Scenario(_Table, frozen=True, kw_only=True):
    """A whole file."""

    format: int
    name: str
    title: str
    about: str = ""
    failure: Failure | None = None
    bundles: bool = True
    time: LocalDay
    loss: Loss | None = None
    places: dict[str, Place] = {}
    sources: dict[str, Source] = {}
    parties: tuple[Party, ...]
    links: tuple[tuple[str, str], ...]
    units: tuple[Unit, ...] = ()
    agreement: dict[str, str] = {}
    agreements: tuple[Accord, ...] = ()
    times: dict[str, str] = {}
    claims: tuple[Claim, ...] = ()
    tracks: tuple[Track, ...] = ()
    unstated: tuple[str, ...] = ()
    variants: tuple[Variant, ...]

    def variant(self, name: str) -> Variant:
        """The variant of that name; KeyError if there is none."""
        return {variant.name: variant for variant in self.variants}[name]

    def accord(self, name: str) -> Accord:
        """The agreement of that name; KeyError if there is none."""
        return {accord.name: accord for accord in self.agreements}[name]

    def peers_of(self, party: str) -> tuple[str, ...]:
        """The parties with whom `party` is enrolled, in the order of the links."""
        pairs = [link for link in self.links if party in link]
        return tuple(b if a == party else a for a, b in pairs)
