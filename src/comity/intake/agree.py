"""Agreements of two or more parties: sign one, take another's signature, suspend, resume.

A text is given to every enrolled party to it, with all signatures that are known here; each node
puts together the same note. It is complete when every principal of it signed the same bytes. What
the text says of moments is `agreement.standing`'s. Raises Refused or Malformed, and then nothing
happened. Called by the doors (`sign`, `change_standing`) and through assembly (`take_...`).
"""

from collections.abc import Mapping
from dataclasses import replace

from comity.agreement.lint import check
from comity.agreement.resolve import book_of_text
from comity.agreement.standing import surplus
from comity.intake.renew import lives_of
from comity.journal.pen import Pen
from comity.journal.warn import clear_warnings, raise_warning
from comity.model.clause import Agreement, PartyRole
from comity.model.fault import Refusal, Refused, Untrusted
from comity.model.party import party_name
from comity.storage.accords import AccordRow, SignatureRow, SuspensionRow
from comity.storage.store import Reading, Transaction
from comity.trust.card import open_card
from comity.trust.identity import Role
from comity.trust.keys import VerifierKey
from comity.trust.note import Note, Signature, parse_note, signed_by
from comity.trust.roster import peer_of
from comity.wire.agreement_v1 import (
    Standing,
    StandingChange,
    agreement_hash,
    fields_of_note,
    fields_of_standing,
    note_from,
    parse_agreement,
    standing_from,
)
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import Field
from comity.wire.limits import AGREEMENTS_MAX

__all__ = ["change_standing", "note_of", "sign", "take_note", "take_standing"]


def sign(tx: Transaction, pen: Pen, text: str) -> bytes:
    """Sign a text as one of its principals, and give it to the others; its hash."""
    agreement = parse_agreement(text)
    check(agreement)
    _check_time(agreement, pen.now_us)
    if pen.origin not in agreement.principals:
        raise _refused(
            "not_a_principal",
            f"{pen.origin} is no principal of {agreement.name}",
            "only principals sign; a bound party and a mediator read it",
        )
    for origin in agreement.principals:
        if origin != pen.origin and tx.post.peer(origin) is None:
            raise _refused("unknown_party", f"{origin} is not enrolled", "enrol it first")
    row = _kept(tx, pen, agreement, text)
    tx.accords.save_signature(
        SignatureRow(hash=row.hash, origin=pen.origin, line=pen.sign(text).line(), at_us=pen.now_us)
    )
    clear_warnings(tx, pen, "agreement_proposed", row.hash)
    _complete(tx, pen, row, agreement)
    _give_note(tx, pen, row, agreement)
    return row.hash


def take_note(tx: Transaction, pen: Pen, origin: str, fields: tuple[Field, ...]) -> None:
    """A party gives an agreement with signatures: each is verified, and what is new is kept.

    Raises:
        Malformed, Untrusted, Refused: the verdict on the entry: `signature_missing` without the
            giver's own, `signature_surplus` for one of who is no principal, the lint's errors.
    """
    note = parse_note(note_from(fields).encode())
    agreement = parse_agreement(note.text)
    check(agreement)
    _check_time(agreement, pen.now_us)
    giver = agreement.party(origin)
    if giver is None or agreement.party(pen.origin) is None:
        raise _refused("not_a_party", "an agreement between others", "leave it to its parties")
    signed = _verified(tx, pen, note, agreement)
    if giver.role is PartyRole.PRINCIPAL and origin not in signed:
        raise _refused(
            "signature_missing", f"{origin} gives an agreement without its own signature", "sign it"
        )
    row = _kept(tx, pen, agreement, note.text)
    for signer, line in signed.items():
        tx.accords.save_signature(
            SignatureRow(hash=row.hash, origin=signer, line=line.line(), at_us=pen.now_us)
        )
    _complete(tx, pen, row, agreement)
    signers = {each.origin for each in tx.accords.signatures(row.hash)}
    if pen.origin in agreement.principals and pen.origin not in signers:
        text = f"{party_name(origin)} proposes {agreement.name}, version {agreement.version}"
        raise_warning(tx, pen, "agreement_proposed", row.hash, text=text, party=origin)


def change_standing(
    tx: Transaction, pen: Pen, of: bytes, change: StandingChange, reason: str
) -> None:
    """Suspend an agreement alone, or take one's own suspension back; the others are told."""
    standing = Standing(of=of, change=change, reason=reason, at_us=pen.now_us)
    _apply(tx, pen, pen.origin, standing)
    content, floor = pen.seal(fields_of_standing(standing)), change is StandingChange.RESUME
    if floor:
        pen.claim_floor()
    for audience in _others(tx, pen, of):
        pen.write_content(EntryType.AGREEMENT, audience, content, floor=floor)


def take_standing(tx: Transaction, pen: Pen, origin: str, fields: tuple[Field, ...]) -> None:
    """A party suspends or resumes; what it suspended, only it resumes."""
    standing = standing_from(fields)
    _apply(tx, pen, origin, standing)
    about = sha256(b"comity/standing/v1\0" + standing.of)
    if standing.change is StandingChange.RESUME:
        clear_warnings(tx, pen, "agreement_suspended", about, origin)
        return
    text = f"{party_name(origin)} suspended {_name_of(tx, standing.of)}: {standing.reason}"
    raise_warning(tx, pen, "agreement_suspended", about, text=text, party=origin)


def note_of(reading: Reading, row: AccordRow) -> str:
    """The text with every signature that is known here."""
    lines = "".join(each.line for each in reading.accords.signatures(row.hash))
    return f"{row.text}\n{lines}"


def _check_time(agreement: Agreement, now_us: int) -> None:
    if agreement.until_us is not None and agreement.until_us <= now_us:
        raise _refused(
            "agreement_expired", f"{agreement.name} is over already", "draft it with a later end"
        )


def _verified(
    reading: Reading, pen: Pen, note: Note, agreement: Agreement
) -> Mapping[str, Signature]:
    """The signatures by origin; each must be a principal's, whose key is known, and true."""
    keys = {origin: _entry_keys(reading, pen, origin) for origin in agreement.principals}
    names = {key.name: origin for origin, known in keys.items() for key in known}
    strange = surplus(agreement, [names.get(line.name, line.name) for line in note.signatures])
    unknown = [origin for origin, known in keys.items() if not known]
    if strange and not unknown:
        raise _refused(
            "signature_surplus", f"{strange[0]} signed and is no principal", "take its line away"
        )
    found: dict[str, Signature] = {}
    for line in note.signatures:
        signer = names.get(line.name)
        if signer is None:  # of a principal whom we have not enrolled: it cannot be checked here
            continue
        if signer in found:
            raise Untrusted(f"{line.name} signed twice", code="duplicate_signature")
        _check_line(note, line, keys[signer])
        found[signer] = line
    return found


def _check_line(note: Note, line: Signature, keys: tuple[VerifierKey, ...]) -> None:
    for key in keys:
        if key.key_id == line.key_id:
            signed_by(Note(text=note.text, signatures=(line,)), key)
            return
    raise Untrusted(f"{line.name} signed with a key that is not its own now", code="not_signed")


def _entry_keys(reading: Reading, pen: Pen, origin: str) -> tuple[VerifierKey, ...]:
    """The keys by which a principal's signature counts now; none if it is not enrolled here."""
    if origin == pen.origin:
        return (pen.entry_key,)
    row = reading.post.peer(origin)
    if row is None:
        return ()
    lives = lives_of(reading, origin) or peer_of(open_card(row.card)).all_lives
    return tuple(life.key for life in lives if life.role is Role.ENTRY and life.living)


def _kept(tx: Transaction, pen: Pen, agreement: Agreement, text: str) -> AccordRow:
    """The row of a text, made if it is new and may follow what is known."""
    hash_ = agreement_hash(text)
    known = tx.accords.accord(hash_)
    if known is not None:
        return known
    rows = tx.accords.accords()
    if len(rows) >= AGREEMENTS_MAX:
        raise _refused(
            "too_many_agreements", f"{AGREEMENTS_MAX} are known already", "purge old proposals"
        )
    before = _followed(tx, agreement)
    lineage = hash_ if before is None else before.lineage
    _check_place(agreement, lineage, rows)
    row = AccordRow(
        hash=hash_,
        lineage=lineage,
        name=agreement.name,
        version=agreement.version,
        text=text,
        known_us=pen.now_us,
        complete_us=None,
    )
    tx.accords.save_accord(row)
    return row


def _followed(tx: Transaction, agreement: Agreement) -> AccordRow | None:
    """The version that it amends: one that all signed, and whose principals it keeps."""
    if agreement.previous is None:
        return None
    before = tx.accords.accord(agreement.previous)
    if before is None or before.complete_us is None or before.version + 1 != agreement.version:
        raise _refused(
            "unknown_version",
            "the version that it amends is not known here as signed by all",
            "get that version signed first",
        )
    amended = book_of_text(before.text).agreement
    if before.name != agreement.name or set(amended.principals) - set(agreement.principals):
        raise _refused(
            "not_amended_by_all",
            "an amendment keeps its name and every principal of the version before",
            "all of them sign it",
        )
    return before


def _check_place(agreement: Agreement, lineage: bytes, known: tuple[AccordRow, ...]) -> None:
    """Refused if all have signed another text in its place."""
    for row in known:
        if row.complete_us is None or row.name != agreement.name:
            continue
        twin = agreement.previous is None and row.version == 1
        same = book_of_text(row.text).agreement.principals == agreement.principals
        if (twin and same) or (row.lineage == lineage and row.version >= agreement.version):
            raise _refused(
                "version_taken",
                f"{agreement.name}, version {agreement.version}, is signed with another text",
                "amend the newest version, or choose another name",
            )


def _complete(tx: Transaction, pen: Pen, row: AccordRow, agreement: Agreement) -> None:
    signed = {each.origin for each in tx.accords.signatures(row.hash)}
    if row.complete_us is None and set(agreement.principals) <= signed:
        tx.accords.save_accord(replace(row, complete_us=pen.now_us))


def _give_note(tx: Transaction, pen: Pen, row: AccordRow, agreement: Agreement) -> None:
    content = pen.seal(fields_of_note(note_of(tx, row)))
    for party in agreement.parties:
        if party.origin != pen.origin and tx.post.peer(party.origin) is not None:
            pen.write_content(EntryType.AGREEMENT, party.origin, content)


def _apply(tx: Transaction, pen: Pen, by: str, standing: Standing) -> None:
    if by not in _principals(tx, pen, standing.of):
        raise _refused("not_found", f"{by} has signed no such agreement", "list the agreements")
    own = [row for row in tx.accords.suspensions(standing.of) if row.origin == by]
    open_ = next((row for row in own if row.over_us is None), None)
    if standing.change is StandingChange.SUSPEND:
        if open_ is not None:
            raise _refused("no_such_move", "it is suspended by the same party", "resume it first")
        row = SuspensionRow(
            hash=standing.of,
            origin=by,
            since_us=standing.at_us,
            reason=standing.reason,
            over_us=None,
        )
        tx.accords.save_suspension(row)
        return
    if open_ is None:
        raise _refused("no_such_move", f"{by} has not suspended it", "who suspended it resumes it")
    tx.accords.save_suspension(replace(open_, over_us=standing.at_us))


def _principals(reading: Reading, pen: Pen, of: bytes) -> tuple[str, ...]:
    """Who may suspend: the principals of an agreement, or the two of a parameter block."""
    row = reading.accords.accord(of)
    if row is not None:
        return book_of_text(row.text).agreement.principals if row.complete_us is not None else ()
    peer = _block_peer(reading, of)
    return () if peer is None else (pen.origin, peer)


def _others(reading: Reading, pen: Pen, of: bytes) -> tuple[str, ...]:
    """Whom a suspension is told: every enrolled party to the agreement."""
    row = reading.accords.accord(of)
    if row is None:
        peer = _block_peer(reading, of)
        return () if peer is None else (peer,)
    parties = (party.origin for party in book_of_text(row.text).agreement.parties)
    return tuple(p for p in parties if p != pen.origin and reading.post.peer(p) is not None)


def _block_peer(reading: Reading, of: bytes) -> str | None:
    for peer in reading.post.peers():
        block = reading.post.agreement(peer.origin)
        if block is not None and sha256(block.ours.encode()) == of:
            return peer.origin
    return None


def _name_of(reading: Reading, of: bytes) -> str:
    row = reading.accords.accord(of)
    return "the parameter block" if row is None else f"{row.name}, version {row.version}"


def _refused(code: str, reason: str, what_to_do: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do))
