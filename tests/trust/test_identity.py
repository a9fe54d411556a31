"""Keys of a node: named after its origin, each for one purpose, never shown."""

from dataclasses import replace

import pytest

from comity.model.fault import Corrupt
from comity.trust.identity import Identity, cosigner_key_name, entry_key_name
from comity.trust.keys import KeyType, SigningKey
from tests.model.saying_no import says_no
from tests.wire.vectors import ALPHA, identity

ME = identity(ALPHA)


def test_names_follow_from_the_origin() -> None:
    assert entry_key_name(ALPHA) == ME.entry.name == f"{ALPHA}/desk"
    assert cosigner_key_name(ALPHA) == ME.cosigner.name == f"{ALPHA}/cosigner"
    assert ME.log.name == ALPHA


@pytest.mark.parametrize("role", ["entry", "log", "cosigner"])
def test_a_key_of_another_name_is_no_key_of_ours(role: str) -> None:
    key: SigningKey = getattr(ME, role)
    other = SigningKey(name=key.name + "x", key_type=key.key_type, seed=key.seed)
    with says_no("invariant_broken", Corrupt):
        rebuilt(role, other)


def rebuilt(role: str, key: SigningKey) -> Identity:
    keys = {"entry": ME.entry, "log": ME.log, "cosigner": ME.cosigner, role: key}
    return Identity(origin=ALPHA, entry=keys["entry"], log=keys["log"], cosigner=keys["cosigner"])


def test_a_cosigner_cosigns_and_nothing_else() -> None:
    plain = SigningKey(name=ME.cosigner.name, key_type=KeyType.ED25519, seed=ME.cosigner.seed)
    with says_no("invariant_broken", Corrupt):
        rebuilt("cosigner", plain)


@pytest.mark.parametrize(("role", "twin"), [("entry", "log"), ("log", "cosigner")])
def test_one_seed_serves_one_purpose(role: str, twin: str) -> None:
    key: SigningKey = getattr(ME, role)
    shared = SigningKey(name=key.name, key_type=key.key_type, seed=getattr(ME, twin).seed)
    with says_no("invariant_broken", Corrupt):
        rebuilt(role, shared)


def test_no_repr_shows_a_seed() -> None:
    shown = repr(ME) + str(ME) + repr(replace(ME))
    for key in (ME.entry, ME.log, ME.cosigner):
        assert repr(key.seed) not in shown
        assert key.seed.hex() not in shown
        assert key.name in shown  # the check looks at the right text
