"""What is remembered is what was computed, for the very same three things, and only the newest."""

from comity.bench.works import foreign_notes
from comity.trust import recent
from comity.trust.keys import KeyType, SigningKey, verify

KEY = SigningKey(name="alpha.example/desk", key_type=KeyType.ED25519, seed=b"k" * 32)
OTHER = SigningKey(name="alpha.example/desk", key_type=KeyType.ED25519, seed=b"o" * 32)
MESSAGE = b"said\n"
SIGNATURE = KEY.sign(MESSAGE)


def test_the_answer_is_that_of_the_computation_also_when_it_is_remembered() -> None:
    recent.holds.cache_clear()
    false = bytes((SIGNATURE[0] ^ 1,)) + SIGNATURE[1:]
    asked = [
        (KEY.verifier(), MESSAGE, SIGNATURE),
        (OTHER.verifier(), MESSAGE, SIGNATURE),
        (KEY.verifier(), b"saib\n", SIGNATURE),
        (KEY.verifier(), MESSAGE, false),
    ]
    for _ in range(3):
        found = [recent.holds(*each) for each in asked]
        assert found == [verify(*each) for each in asked] == [True, False, False, False]
    assert recent.holds.cache_info().misses == len(asked)


def test_only_the_newest_are_remembered() -> None:
    recent.holds.cache_clear()
    for number in range(2 * recent.REMEMBERED):
        recent.holds(KEY.verifier(), b"%d" % number, SIGNATURE)
    assert recent.holds.cache_info().currsize == recent.REMEMBERED
    recent.holds(KEY.verifier(), b"0", SIGNATURE)
    assert recent.holds.cache_info().hits == 0


def test_a_measurement_verifies_each_time_anew() -> None:
    assert len(foreign_notes()) > recent.REMEMBERED
