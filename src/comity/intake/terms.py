"""Agreements as the desks read them: what holds between two parties now, and for two owners.

Reads rows, decides nothing. Called within intake, and by the doors.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache

from comity.agreement.between import Between
from comity.agreement.resolve import Book, Case, Rules, Ruling, book_of_text
from comity.agreement.standing import Consent, Known, State, Suspended, state_of
from comity.airspace.clearance import Clearance
from comity.journal.pen import Pen
from comity.model.agreement import Parameters
from comity.model.parameter import parameter
from comity.model.party import party_name
from comity.model.quantity import instant_text
from comity.storage.accords import AccordRow
from comity.storage.store import Reading
from comity.wire.canonical import sha256
from comity.wire.limits import PEERS_MAX
from comity.wire.terms_v1 import parse_terms

__all__ = [
    "Agreed",
    "Standing",
    "agreed",
    "agreed_with",
    "clearance_between",
    "parameters_of",
    "widest_clearance",
]

_CLEARANCE = ("clearance_lateral_mm", "clearance_vertical_mm", "clearance_time_us")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An agreement that a node knows, and how it stands."""

    known: Known
    text: str
    state: State

    @property
    def book(self) -> Book:
        """The agreement with its tables of contents."""
        return book_of_text(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """All that is agreed, at one moment: read once for each work and asked as often as needed."""

    own: str
    standings: tuple[Standing, ...]
    blocks: Mapping[str, tuple[Rules, bool]]
    suspended_blocks: Mapping[str, tuple[Suspended, ...]]
    _between: dict[tuple[str, str], Rules] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def with_party(self, origin: str) -> Rules:
        """What holds between us and a party."""
        return self.between(self.own, origin)

    def between(self, one: str, other: str) -> Rules:
        """What holds between two parties, as far as we know: the block of two is ours with one."""
        found = self._between.get((one, other))
        if found is None:
            found = self._between[one, other] = self._made(one, other)
        return found

    def _made(self, one: str, other: str) -> Rules:
        books = tuple(
            standing.book
            for standing in self.standings
            if standing.state is State.IN_FORCE
            and one in standing.book.bound
            and other in standing.book.bound
        )
        peer = other if one == self.own else one
        block = self.blocks.get(peer) if self.own in (one, other) else None
        if block is None:
            return Rules(books=books)
        return Rules(books=books, block=block[0].block, block_version=block[0].block_version)

    def toward(self, origin: str) -> Between:
        """What holds between us and a party, and whether ordinary words pass."""
        consent = self._consent(origin) if origin in self.blocks else None
        return Between(party=origin, rules=self.with_party(origin), consent=consent)

    def consents(self) -> dict[str, Consent]:
        """For each enrolled party, whether ordinary notices pass."""
        return {origin: self._consent(origin) for origin in self.blocks}

    def _consent(self, origin: str) -> Consent:
        ours = [
            standing
            for standing in self.standings
            if self.own in standing.book.bound and origin in standing.book.bound
        ]
        if any(standing.state is State.IN_FORCE for standing in ours):
            return Consent()
        suspended = [(s.known.agreement.name, s.known.suspended) for s in ours]
        suspended += [("the parameter block", self.suspended_blocks.get(origin, ()))]
        for name, each in suspended:
            if each:
                return _suspended(name, each[0])
        if self.blocks[origin][1]:
            return Consent()
        for standing in ours:
            if standing.state is State.OVER:
                reason = f"{standing.known.agreement.name} with {origin} is over"
                return Consent(code="agreement_expired", reason=reason)
        return Consent(code="no_agreement", reason=f"no agreement is in force with {origin}")


def agreed(reading: Reading, own: str, now_us: int) -> Agreed:
    """What the store holds of agreements, as it stands at `now_us`."""
    suspended = _open_suspensions(reading)
    terms = {row.peer: row for row in reading.post.agreements()}
    blocks: dict[str, tuple[Rules, bool]] = {}
    stopped: dict[str, tuple[Suspended, ...]] = {}
    for peer in reading.post.peers():
        row = terms.get(peer.origin)
        if row is None:
            blocks[peer.origin] = (Rules(books=()), False)
            continue
        blocks[peer.origin] = (_block(row.ours), row.in_force_us is not None)
        if suspended:
            stopped[peer.origin] = suspended.get(sha256(row.ours.encode()), ())
    return Agreed(
        own=own,
        standings=_standings(reading, suspended, now_us),
        blocks=blocks,
        suspended_blocks=stopped,
    )


def agreed_with(reading: Reading, pen: Pen) -> Callable[[str], Rules]:
    """What holds between us and a party now; nothing is read until it is asked for."""
    return lambda party: agreed(reading, pen.origin, pen.now_us).with_party(party)


def parameters_of(rules: Rules, case: Case) -> Parameters:
    """The whole block for one case."""
    return Parameters(**{each.name: rules.value(each.name, case) for each in fields(Parameters)})


def clearance_between(
    found: Agreed, owners: tuple[str, str], cases: Iterable[Case]
) -> tuple[Clearance, tuple[Ruling, ...]]:
    """The clearance that counts between two owners, and what each of its numbers rests on.

    `cases` are those of both volumes: the wider counts. Between two parties neither of which is
    ours, the wider of our agreements with them counts, beside what both are bound by.
    """
    asked = [found.between(*owners)] if found.own in owners else _third(found, owners)
    known = tuple(cases)
    rulings = tuple(
        max(
            (rules.ruling(name, case) for rules in asked for case in known),
            key=lambda ruling: ruling.value,
        )
        for name in _CLEARANCE
    )
    return _clearance(*(ruling.value for ruling in rulings)), rulings


def widest_clearance(found: Agreed) -> Clearance:
    """No clearance that any clause of any agreement sets is wider: what a search must reach."""
    books = [standing.book for standing in found.standings]
    blocks = [rules.block for rules, _ in found.blocks.values()]
    return _clearance(*(_widest(name, books, blocks) for name in _CLEARANCE))


def _widest(name: str, books: Iterable[Book], blocks: Iterable[Mapping[str, int] | None]) -> int:
    set_ = [value for book in books if (value := book.widest(name)) is not None]
    blocked = [block[name] for block in blocks if block is not None and name in block]
    return max((parameter(name).default, *set_, *blocked))


def _clearance(lateral_mm: int, vertical_mm: int, time_us: int) -> Clearance:
    return Clearance(lateral_mm=lateral_mm, vertical_mm=vertical_mm, time_us=time_us)


def _third(found: Agreed, owners: tuple[str, str]) -> list[Rules]:
    return [found.between(*owners), *(found.with_party(owner) for owner in owners)]


@lru_cache(maxsize=4 * PEERS_MAX)
def _block(text: str) -> Rules:
    terms = parse_terms(text)
    values: dict[str, int] = asdict(terms.parameters)
    return Rules(books=(), block=values, block_version=terms.version)


def _standings(
    reading: Reading, suspended: Mapping[bytes, tuple[Suspended, ...]], now_us: int
) -> tuple[Standing, ...]:
    signed: dict[bytes, set[str]] = {}
    for each in reading.accords.all_signatures():
        signed.setdefault(each.hash, set()).add(each.origin)
    by_lineage: dict[bytes, list[tuple[AccordRow, Known]]] = {}
    for row in reading.accords.accords():
        known = _known(row, frozenset(signed.get(row.hash, ())), suspended.get(row.hash, ()))
        by_lineage.setdefault(row.lineage, []).append((row, known))
    return tuple(
        Standing(
            known=known,
            text=row.text,
            state=state_of(known, [each for _, each in versions], now_us),
        )
        for versions in by_lineage.values()
        for row, known in versions
    )


def _known(row: AccordRow, signed_by: frozenset[str], suspended: tuple[Suspended, ...]) -> Known:
    return Known(
        hash=row.hash,
        agreement=book_of_text(row.text).agreement,
        signed_by=signed_by,
        complete_us=row.complete_us,
        suspended=suspended,
    )


def _open_suspensions(reading: Reading) -> dict[bytes, tuple[Suspended, ...]]:
    found: dict[bytes, tuple[Suspended, ...]] = {}
    for row in reading.accords.open_suspensions():
        each = Suspended(by=row.origin, reason=row.reason, since_us=row.since_us)
        found[row.hash] = (*found.get(row.hash, ()), each)
    return found


def _suspended(name: str, first: Suspended) -> Consent:
    return Consent(
        code="agreement_suspended",
        reason=f"{party_name(first.by)} suspended {name} at {instant_text(first.since_us)}: "
        f"{first.reason}",
        suspended_us=first.since_us,
    )
