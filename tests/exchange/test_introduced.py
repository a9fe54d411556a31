"""What a GIVE introduces before its envelope is believed: nothing that is not signed by all."""

import pytest

from comity.exchange.keys import STATEMENTS_MAX, cosigner_key, introduced
from comity.model.fault import Fault, Untrusted
from comity.trust.identity import Role
from comity.trust.keys import KeyType
from comity.trust.lives import KeyLife
from comity.trust.note import Note, Signature, serialise
from comity.trust.possession import prove_possession
from comity.trust.roster import Roster, peer_of
from comity.wire.key_v1 import KeyText, statement_text
from tests.journal.two_nodes import NOON_US, card_of, identity_of, seeded
from tests.model.saying_no import says_no

ALPHA, BETA = identity_of("alpha.example/comity/2026"), identity_of("beta.example/comity/2026")
PEER = peer_of(card_of(ALPHA))
ROSTER = Roster(own=BETA.origin, peers={ALPHA.origin: PEER})
NEW = seeded(f"{ALPHA.origin}/desk", salt="new")


def statement(*signers: object, origin: str = ALPHA.origin, because: str = "rotation") -> str:
    text = statement_text(
        KeyText(
            origin=origin,
            role="entry",
            because=because,
            old=ALPHA.entry.verifier().text(),
            new=NEW.verifier().text(),
            made_us=NOON_US,
        )
    )
    keys = [key for key in (NEW, ALPHA.entry, BETA.entry) if key in signers]
    lines = tuple(prove_possession(text, key) for key in keys)
    return serialise(Note(text=text, signatures=lines)).decode()


GOOD = statement(NEW, ALPHA.entry)


def test_a_true_statement_introduces_the_key_and_keeps_the_old_meanwhile() -> None:
    known = introduced([GOOD], ALPHA.origin, ROSTER).peer(ALPHA.origin)
    assert known.entry == NEW.verifier()
    assert [life.key for life in known.of_role(Role.ENTRY)] == [
        ALPHA.entry.verifier(),
        NEW.verifier(),
    ]
    again = introduced([GOOD, GOOD], ALPHA.origin, ROSTER.knowing(known))
    assert again.peer(ALPHA.origin) == known
    assert introduced([], ALPHA.origin, ROSTER) is ROSTER
    assert introduced([GOOD], "carol.example/comity/2026", ROSTER) is ROSTER


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (statement(NEW), "not_signed"),
        (statement(ALPHA.entry), "not_signed"),
        (statement(NEW, BETA.entry), "not_signed"),
        (statement(NEW, ALPHA.entry, origin=BETA.origin), "bad_statement"),
        (statement(NEW, because="loss"), "no_roots"),
        ("no note", "bad_note"),
        (GOOD.replace("made ", "made 1"), "bad_signature"),
    ],
)
def test_any_other_introduces_nothing(text: str, code: str) -> None:
    with pytest.raises(Fault) as caught:
        introduced([text], ALPHA.origin, ROSTER)
    assert caught.value.code in {code, "wrong_sender", "bad_time", "bad_instant", "malformed"}


def test_they_are_counted() -> None:
    with says_no("bad_message"):
        introduced([GOOD] * (STATEMENTS_MAX + 1), ALPHA.origin, ROSTER)


def test_a_line_of_a_revoked_cosigner_is_refused_by_name() -> None:
    dead = KeyLife(role=Role.COSIGNER, key=PEER.cosigner, revoked_s=1)
    new = seeded(f"{ALPHA.origin}/cosigner", KeyType.COSIGNATURE_V1, "new").verifier()
    peer = PEER.with_lives((*PEER.all_lives[:2], dead, KeyLife(role=Role.COSIGNER, key=new)))
    line = Signature(name=dead.key.name, key_id=dead.key.key_id, blob=b"x")
    with says_no("key_revoked", Untrusted):
        cosigner_key(peer, line)
    assert cosigner_key(PEER, line) == PEER.cosigner
    assert cosigner_key(peer, Signature(name=new.name, key_id=b"none", blob=b"x")) == new
