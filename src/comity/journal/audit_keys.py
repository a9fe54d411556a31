"""The part of an audit that reads keys: what is stored of them is what the statements make of it.

Our first keys are those that our journal begins with, a peer's those of its card; each statement
that was announced or taken is opened again, with the signatures that it needs, and changes them.
Called by `journal.audit`, after the entries were read.
"""

from collections.abc import Sequence

from comity.journal.audit_case import Case, Said, stored_lives
from comity.journal.audited import hold
from comity.journal.content import open_content, owned_seed
from comity.model.fault import Corrupt
from comity.trust.identity import Role, Roots
from comity.trust.keys import VerifierKey, parse_verifier_key
from comity.trust.lives import KeyLife, short
from comity.trust.note import parse_note
from comity.trust.roster import peer_of
from comity.trust.statement import STATEMENT_BYTES_MAX, changed, open_statement
from comity.wire.entry_v1 import KeysBody
from comity.wire.fields import Reader
from comity.wire.key_v1 import KeyText, parse_statement

__all__ = ["Keys"]

_FIELD = "statement"


class Keys:
    """See the module docstring."""

    def __init__(self, case: Case) -> None:
        """Nothing is read yet."""
        self._case = case

    def lives(self) -> None:
        """The keys of every party, ours first."""
        case = self._case
        with case.audited.at(f"keys of {case.keys.origin}"):
            self._check(case.keys.origin, self._own_first(), case.keys.roots)
        for origin, peer in sorted(case.peers.items()):
            with case.audited.at(f"keys of {origin}"):
                self._check(origin, peer_of(peer.card).all_lives, peer.roots)
        for origin in case.store.key_parties():
            if origin != case.keys.origin and origin not in case.peers:
                case.audited.flaw(f"keys of {origin}", "no such party is known here")

    def _check(self, origin: str, first: tuple[KeyLife, ...], roots: Roots) -> None:
        said = self._case.noted.statements.get(origin, [])
        wanted = self._derived(origin, first, roots, said) if said else ()
        stored = stored_lives(self._case.store, origin)
        for life in stored:
            self._case.audited.count("lives of keys")
            hold(life in wanted, f"the {life.role} key {short(life)} is not as statements say")
        hold(stored == wanted, "they are not those of its statements, in their order")

    def _derived(
        self, origin: str, lives: tuple[KeyLife, ...], roots: Roots, said: Sequence[Said]
    ) -> tuple[KeyLife, ...]:
        for each in sorted(said, key=lambda each: each.order):
            self._case.audited.count("statements about keys")
            with self._case.audited.at(f"statement {each.leaf.hex()[:16]}"):
                found = open_statement(self._statement(each), origin, lives, roots)
                lives = changed(lives, found, each.counts_from)
        return lives

    def _statement(self, said: Said) -> bytes:
        row = self._case.store.opening(said.leaf)
        if row is None:
            raise Corrupt("what opens it is gone", code="bad_row")
        fields = open_content(said.body, owned_seed(row.seed, said.sender), row.fields)
        return Reader(fields, frozenset()).text(_FIELD).encode("utf-8")

    def _own_first(self) -> tuple[KeyLife, ...]:
        """The keys with which our journal begins; of ML-DSA, which it does not name, see below."""
        if not self._case.tree.size:
            return ()
        body = self._case.own_entry(0).body
        if not isinstance(body, KeysBody):
            raise Corrupt("the journal does not begin with keys", code="bad_row")
        keys = {
            Role.ENTRY: parse_verifier_key(body.entry_key),
            Role.LOG: parse_verifier_key(body.log_key),
            Role.LOG_MLDSA: self._first_mldsa(),
            Role.COSIGNER: parse_verifier_key(body.cosigner_key),
        }
        return tuple(KeyLife(role=role, key=key) for role, key in keys.items() if key is not None)

    def _first_mldsa(self) -> VerifierKey | None:
        """The one that the first statement of its role replaced, or the home's if there is none."""
        for said in self._case.noted.statements.get(self._case.keys.origin, []):
            note = parse_note(self._statement(said), size_max=STATEMENT_BYTES_MAX)
            found = parse_statement(note.text)
            if isinstance(found, KeyText) and found.role == Role.LOG_MLDSA:
                return None if found.old is None else parse_verifier_key(found.old)
        return self._case.keys.log_mldsa
