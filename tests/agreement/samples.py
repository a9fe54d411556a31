"""Agreements to try things on."""

from collections.abc import Mapping

from comity.model.clause import Agreement, Clause, Party, PartyRole, Scope
from tests.model.samples import MINUTE_US, NOON_US

ALPHA, BRAVO, HOST, UN = (f"{n}.example/comity/2026" for n in ("alpha", "bravo", "host", "un"))
EVERYWHERE = Scope()
FROM_US = NOON_US - 120 * MINUTE_US


def principal(origin: str) -> Party:
    return Party(origin=origin, role=PartyRole.PRINCIPAL)


def clause(
    name: str, *, scope: Scope = EVERYWHERE, over: tuple[str, ...] = (), **values: int
) -> Clause:
    """A clause that sets `values`."""
    return setting(name, values, scope=scope, over=over)


def setting(
    name: str,
    values: Mapping[str, int],
    *,
    scope: Scope = EVERYWHERE,
    over: tuple[str, ...] = (),
) -> Clause:
    """The same, for parameters whose names a test computes."""
    return Clause(id=name, title=name, scope=scope, over=over, values=tuple(sorted(values.items())))


def agreement(
    *clauses: Clause,
    parties: tuple[Party, ...] = (principal(ALPHA), principal(BRAVO)),
    name: str = "flight-safety",
    version: int = 1,
    previous: bytes | None = None,
    from_us: int = FROM_US,
    until_us: int | None = None,
) -> Agreement:
    """An agreement between alpha and bravo."""
    return Agreement(
        name=name,
        version=version,
        previous=previous,
        parties=tuple(sorted(parties, key=lambda party: party.origin)),
        from_us=from_us,
        until_us=until_us,
        languages=("en",),
        clauses=clauses or (clause("lead", lead_short_notice_us=20 * MINUTE_US),),
    )
