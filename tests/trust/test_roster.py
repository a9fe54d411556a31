"""Rosters: who is known, and that nobody is known twice or under another's key."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from comity.model.fault import Refused, Untrusted
from comity.trust.card import card_note, open_card
from comity.trust.identity import Identity
from comity.trust.keys import KeyType, SigningKey, VerifierKey
from comity.trust.roster import Peer, Roster, peer_of
from tests.intake.table import identity_of, origin_of
from tests.model.saying_no import says_no

OWN = origin_of("alpha")


def peer(identity: Identity) -> Peer:
    return peer_of(open_card(card_note(identity, "http://127.0.0.1:7101", b"")))


def with_key(identity: Identity, role: str, seed: bytes) -> Identity:
    key: SigningKey = getattr(identity, role)
    new = SigningKey(name=key.name, key_type=key.key_type, seed=seed)
    keys = {"entry": identity.entry, "log": identity.log, "cosigner": identity.cosigner}
    keys = keys | {role: new}
    return Identity(
        origin=identity.origin, entry=keys["entry"], log=keys["log"], cosigner=keys["cosigner"]
    )


EMPTY = Roster(own=OWN, peers=MappingProxyType({}))
BRAVO = peer(identity_of(origin_of("bravo")))


def test_only_the_enrolled_are_known() -> None:
    roster = EMPTY.with_peer(BRAVO)
    assert roster.peer(BRAVO.origin) is BRAVO
    assert BRAVO.entry.name == f"{BRAVO.origin}/desk"
    for origin in (origin_of("host"), OWN, "", f"{BRAVO.origin}/exercise/x"):
        with says_no("stranger", Untrusted):
            roster.peer(origin)


def test_enrolling_makes_a_new_roster() -> None:
    roster = EMPTY.with_peer(BRAVO)
    assert dict(EMPTY.peers) == {}
    with pytest.raises(TypeError):
        roster.peers[OWN] = BRAVO  # type: ignore[index]


def test_nobody_is_enrolled_twice_nor_oneself() -> None:
    with says_no("already_enrolled", Refused):
        EMPTY.with_peer(BRAVO).with_peer(BRAVO)
    with says_no("already_enrolled", Refused):
        EMPTY.with_peer(peer(identity_of(OWN)))


def test_live_and_exercise_do_not_mix() -> None:
    drill = peer(identity_of(f"{origin_of('bravo')}/exercise/x"))
    with says_no("exercise_mismatch", Refused):
        EMPTY.with_peer(drill)
    exercise = Roster(own=f"{OWN}/exercise/x", peers=MappingProxyType({}))
    assert exercise.with_peer(drill).peer(drill.origin) is drill
    with says_no("exercise_mismatch", Refused):
        exercise.with_peer(BRAVO)
    with says_no("exercise_mismatch", Refused):
        exercise.with_peer(peer(identity_of(f"{origin_of('bravo')}/exercise/y")))


@pytest.mark.parametrize("role", ["entry", "log", "cosigner"])
@pytest.mark.parametrize("of", ["entry", "log", "cosigner"])
def test_no_key_serves_two_parties_in_any_role(role: str, of: str) -> None:
    host = identity_of(origin_of("host"))
    seed = getattr(identity_of(BRAVO.origin), of).seed
    roster = EMPTY.with_peer(BRAVO)
    assert roster.with_peer(peer(host)).peer(host.origin).origin == host.origin
    with says_no("shared_key", Refused):
        roster.with_peer(peer(with_key(host, role, seed)))


def test_no_party_has_a_witness_key() -> None:
    seed = identity_of(BRAVO.origin).cosigner.seed
    witness = SigningKey(name="witness.example/w1", key_type=KeyType.COSIGNATURE_V1, seed=seed)
    roster = Roster(own=OWN, peers=MappingProxyType({}), witnesses=(witness.verifier(),))
    with says_no("shared_key", Refused):
        roster.with_peer(BRAVO)
    host = peer(identity_of(origin_of("host")))
    assert roster.with_peer(host).witnesses == (witness.verifier(),)


def test_a_peer_is_made_of_a_card_that_holds() -> None:
    card = replace(BRAVO.card, entry_key=BRAVO.card.log_key)
    with says_no("bad_card", Untrusted):
        peer_of(card)
    assert isinstance(BRAVO.cosigner, VerifierKey)
