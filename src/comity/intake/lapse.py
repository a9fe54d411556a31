"""The belief in a hazard lapses: from then on it stands in no conflict, and a person is told.

Its state does not change: who declared it ends it, or gives it anew. Run by the exchange's watcher
when the moment comes.
"""

from comity.intake.near import settle_conflicts
from comity.intake.subject import declaration_of
from comity.intake.terms import agreed
from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.lifecycle import LifeState, is_live
from comity.model.notice import Declaration
from comity.model.party import party_name
from comity.model.quantity import instant_text
from comity.storage.store import Reading, Transaction

__all__ = ["keep_lapse", "next_lapse_us", "settle_lapsed"]


def keep_lapse(tx: Transaction, subject: bytes, notice: Declaration) -> None:
    """Remember when a hazard lapses."""
    if notice.basis is not None:
        tx.reports.save_lapse(subject, notice.basis.expires_us)


def next_lapse_us(reading: Reading) -> int | None:
    """When the next hazard lapses."""
    return reading.reports.next_lapse()


def settle_lapsed(tx: Transaction, pen: Pen) -> None:
    """Of each hazard whose moment has come, end the conflicts and warn."""
    for subject in tx.reports.lapsing(pen.now_us):
        tx.reports.drop_lapse(subject)
        row = tx.sky.subject(subject)
        basis = None if row is None else declaration_of(row).basis
        if row is None or basis is None or not is_live(LifeState(row.state)):
            continue
        if basis.expires_us > pen.now_us:  # of a hazard that an older release knew
            tx.reports.save_lapse(subject, basis.expires_us)
            continue
        settle_conflicts(tx, pen, row, agreed(tx, pen.origin, pen.now_us))
        clear_warnings(tx, pen, "hazard_contradicted", subject)
        text = (
            f"the belief in hazard {subject.hex()[:8]} of {party_name(row.owner)} lapsed at "
            f"{instant_text(basis.expires_us)}: it stands in no conflict any more"
        )
        raise_warning(tx, pen, "hazard_lapsed", subject, text=text, party=row.owner)
