"""Agreements as the desk reads them: parameters with one party, clearances between two.

Where two agreements apply, the wider clearance counts. Reads rows, decides nothing. Called within
intake.
"""

from comity.airspace.clearance import Clearance
from comity.model.agreement import DEFAULT, Parameters
from comity.storage.store import Reading
from comity.wire.terms_v1 import parse_terms

__all__ = ["clearance_between", "clearance_of", "in_force", "parameters_with"]


def parameters_with(reading: Reading, origin: str) -> Parameters | None:
    """What we signed with a party, in force or not; None for a party without terms."""
    row = reading.post.agreement(origin)
    return None if row is None else parse_terms(row.ours).parameters


def in_force(reading: Reading) -> dict[str, bool]:
    """For each enrolled party, whether both have signed the same terms."""
    found: dict[str, bool] = {}
    for peer in reading.post.peers():
        row = reading.post.agreement(peer.origin)
        found[peer.origin] = row is not None and row.in_force_us is not None
    return found


def clearance_of(parameters: Parameters) -> Clearance:
    """The clause `clearance` of one agreement."""
    return Clearance(
        lateral_mm=parameters.clearance_lateral_mm,
        vertical_mm=parameters.clearance_vertical_mm,
        time_us=parameters.clearance_time_us,
    )


def clearance_between(reading: Reading, own: str, owners: tuple[str, str] | None) -> Clearance:
    """The clearance that counts between two owners, or the widest of all for None."""
    if owners is None:
        names = tuple(peer.origin for peer in reading.post.peers())
    else:
        names = tuple(owner for owner in owners if owner != own)
    found = [clearance_of(parameters_with(reading, name) or DEFAULT) for name in names]
    found = found or [clearance_of(DEFAULT)]
    return Clearance(
        lateral_mm=max(c.lateral_mm for c in found),
        vertical_mm=max(c.vertical_mm for c in found),
        time_us=max(c.time_us for c in found),
    )
