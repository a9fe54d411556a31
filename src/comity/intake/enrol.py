"""Enrol a party and countersign the minimal agreement with it.

Each side writes the same terms as an entry to the other; the agreement is in force at a node from
the moment at which its own terms and the peer's are the same bytes. Called by the doors through
assembly.
"""

from dataclasses import replace

from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.agreement import Parameters, Terms
from comity.model.fault import Malformed, Refusal, Refused
from comity.storage.rows import AgreementRow, PeerRow
from comity.storage.store import Transaction
from comity.trust.roster import Peer
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import Field, Reader, id_field, text_field
from comity.wire.terms_v1 import parse_terms, terms_text

__all__ = ["enrol", "take_agreement"]


def enrol(tx: Transaction, pen: Pen, peer: Peer, card: bytes, parameters: Parameters) -> None:
    """Remember a party whose card was compared by people, and send it our terms."""
    tx.post.save_peer(
        PeerRow(origin=peer.origin, card=card, added_us=pen.now_us, acked_size=0, contact_us=None)
    )
    known = pen.seal((text_field("origin", peer.origin), id_field("card", sha256(card))))
    pen.write_content(EntryType.PARTY, pen.origin, known)
    low, high = sorted((pen.origin, peer.origin))
    text = terms_text(Terms(parties=(low, high), version=1, parameters=parameters))
    tx.post.save_agreement(AgreementRow(peer=peer.origin, ours=text, theirs=None, in_force_us=None))
    pen.write_content(EntryType.AGREEMENT, peer.origin, pen.seal((text_field("terms", text),)))


def take_agreement(tx: Transaction, pen: Pen, origin: str, fields: tuple[Field, ...]) -> None:
    """Compare a peer's terms with ours; not in force, and a warning, while they differ."""
    reader = Reader(fields, frozenset())
    text = reader.text("terms")
    reader.finish()
    terms = parse_terms(text)
    if set(terms.parties) != {pen.origin, origin}:
        raise Malformed("an agreement between others", code="bad_parties")
    row = tx.post.agreement(origin)
    if row is None:
        raise Refused(
            Refusal(
                code="no_terms_here",
                reason="we have not signed any terms with that party",
                what_to_do="enrol it with the same terms",
            )
        )
    about = sha256(origin.encode())
    if row.ours != text:
        differs = _differing(row.ours, text)
        tx.post.save_agreement(replace(row, theirs=text, in_force_us=None))
        text = f"terms differ: {differs}"
        raise_warning(tx, pen, "agreement_differs", about, text=text, party=origin)
        return
    tx.post.save_agreement(replace(row, theirs=text, in_force_us=row.in_force_us or pen.now_us))
    clear_warnings(tx, pen, "agreement_differs", about)


def _differing(ours: str, theirs: str) -> str:
    pairs = zip(ours.split("\n"), theirs.split("\n"), strict=False)
    names = [one.split(" ", 1)[0] for one, other in pairs if one != other]
    return ", ".join(names)[:200]
