"""The file that convicts: what is proven by it, what is not, and what is no such file."""

import pytest

from comity.journal.checkpoint import Checkpoint, checkpoint_text
from comity.journal.forkfile import (
    Fork,
    check_fork,
    fork_of,
    judge_fork,
    parse_fork,
    serialise_fork,
)
from comity.journal.merkle import consistency_proof, leaf_hash, tree_root
from comity.journal.report import Outcome
from comity.journal.trustfile import Trust, parse_trust, trust_text
from comity.journal.validity import LogKeys
from comity.model.fault import Malformed, Untrusted
from comity.trust.card import card_note, open_card
from comity.trust.identity import Role
from comity.trust.keys import KeyType, SigningKey
from comity.trust.lives import KeyLife, Span
from comity.trust.note import Note, serialise, sign_note
from tests.exchange.net import make_identity

ALPHA = make_identity("alpha.example/comity/2026")
BRAVO = make_identity("bravo.example/comity/2026")
KEYS = LogKeys(origin=ALPHA.origin, lives=(KeyLife(role=Role.LOG, key=ALPHA.log.verifier()),))
ONE = [leaf_hash(f"one {i}".encode()) for i in range(1_500)]
OTHER = [*ONE[:300], *(leaf_hash(f"other {i}".encode()) for i in range(1_200))]


def head(leaves: list[bytes], size: int, key: SigningKey = ALPHA.log) -> Note:
    """A head that alpha truly signed."""
    checkpoint = Checkpoint(origin=ALPHA.origin, size=size, root=tree_root(leaves[:size]))
    return sign_note(checkpoint_text(checkpoint), key)


def proof(leaves: list[bytes], old: int, new: int) -> tuple[bytes, ...]:
    """A true consistency proof."""
    return consistency_proof(old, new, lambda lv, i: tree_root(leaves[i << lv : (i + 1) << lv]))


def fork(small: int, large: int) -> Fork:
    """The smaller head of one history, the larger of the other."""
    if small == large:
        return fork_of(head(ONE, small), head(OTHER, large), None, ())
    found = tree_root(OTHER[:small])
    return fork_of(head(OTHER, large), head(ONE, small), found, proof(OTHER, small, large))


def trust(identity: object = ALPHA) -> Trust:
    """A trust file that names one party."""
    party = ALPHA if identity is ALPHA else BRAVO
    card = open_card(card_note(party, "http://127.0.0.1:1", b""))
    text = trust_text([card], [], signer=BRAVO.entry.verifier().text())
    return parse_trust(serialise(sign_note(text, BRAVO.entry)))


@pytest.mark.parametrize(
    ("small", "large"), [(700, 1_500), (512, 700), (301, 302), (400, 400), (1_024, 1_025)]
)
def test_two_histories_convict_and_the_file_is_small(small: int, large: int) -> None:
    made = fork(small, large)
    check_fork(made, KEYS)
    data = serialise_fork(made)
    assert parse_fork(data) == made
    assert len(data) < 2_000
    report = judge_fork(data, trust())
    assert report.outcome is Outcome.MISBEHAVIOUR
    assert [finding.by for finding in report.findings] == [ALPHA.origin]


def test_one_history_convicts_nobody() -> None:
    """True heads, true proof: they fit."""
    fits = fork_of(head(ONE, 700), head(ONE, 1_500), tree_root(ONE[:700]), proof(ONE, 700, 1_500))
    with pytest.raises(Untrusted) as caught:
        check_fork(fits, KEYS)
    assert caught.value.code == "not_misbehaviour"
    assert judge_fork(serialise_fork(fits), trust()).outcome is Outcome.NOT_PROVEN


def test_a_proof_that_does_not_hold_convicts_nobody() -> None:
    """Whoever invents a root has no proof for it."""
    invented = fork_of(head(ONE, 700), head(ONE, 1_500), bytes(32), proof(ONE, 700, 1_500))
    with pytest.raises(Untrusted):
        check_fork(invented, KEYS)
    spoilt = fork_of(head(ONE, 700), head(ONE, 1_500), bytes(32), ())
    with pytest.raises(Untrusted):
        check_fork(spoilt, KEYS)


def test_another_key_and_a_party_unknown_convict_nobody() -> None:
    data = serialise_fork(fork(700, 1_500))
    assert judge_fork(data, trust(BRAVO)).outcome is Outcome.NOT_PROVEN
    with pytest.raises(Untrusted):
        check_fork(parse_fork(data), trust(BRAVO).parties[0].heads)


NEXT = SigningKey(name=ALPHA.origin, key_type=KeyType.ED25519, seed=bytes(31) + b"n")


def lives(*, end: int | None = None, revoked_s: int | None = None) -> tuple[KeyLife, ...]:
    """Alpha's log keys after a rotation; the first may have an end, or be revoked."""
    old = KeyLife(role=Role.LOG, key=ALPHA.log.verifier(), span=Span(end=end), revoked_s=revoked_s)
    return (old, KeyLife(role=Role.LOG, key=NEXT.verifier()))


def believed(found: tuple[KeyLife, ...]) -> Trust:
    """A trust file that names alpha with these log keys."""
    card = open_card(card_note(ALPHA, "http://127.0.0.1:1", b""))
    others = (
        KeyLife(role=Role.ENTRY, key=ALPHA.entry.verifier()),
        KeyLife(role=Role.COSIGNER, key=ALPHA.cosigner.verifier()),
    )
    signer = BRAVO.entry.verifier().text()
    text = trust_text([card], [], signer=signer, lives={ALPHA.origin: (*found, *others)})
    return parse_trust(serialise(sign_note(text, BRAVO.entry)))


@pytest.mark.parametrize("one", [ALPHA.log, NEXT])
@pytest.mark.parametrize("other", [ALPHA.log, NEXT])
def test_each_head_counts_by_the_key_that_signed_it(one: SigningKey, other: SigningKey) -> None:
    """Changing the log key takes no fork back, whichever of its keys signed which head."""
    data = serialise_fork(fork_of(head(ONE, 400, one), head(OTHER, 400, other), None, ()))
    assert judge_fork(data, believed(lives())).outcome is Outcome.MISBEHAVIOUR
    # A key that is not in force at that size, or was revoked, convicts nobody; one that is does.
    expected = Outcome.NOT_PROVEN if ALPHA.log in {one, other} else Outcome.MISBEHAVIOUR
    assert judge_fork(data, believed(lives(end=399))).outcome is expected
    assert judge_fork(data, believed(lives(revoked_s=1))).outcome is expected
    assert judge_fork(data, believed(lives(end=400))).outcome is Outcome.MISBEHAVIOUR


def test_one_true_head_and_one_of_a_stranger_convict_nobody() -> None:
    stranger = SigningKey(name=ALPHA.origin, key_type=KeyType.ED25519, seed=bytes(31) + b"s")
    data = serialise_fork(fork_of(head(ONE, 400), head(OTHER, 400, stranger), None, ()))
    assert judge_fork(data, believed(lives())).outcome is Outcome.NOT_PROVEN


@pytest.mark.parametrize("size", [400, 700])
def test_no_edited_byte_convicts(size: int) -> None:
    data = serialise_fork(fork(size, 700))
    for at in range(0, len(data), 5):
        edited = bytearray(data)
        edited[at] ^= 1
        assert judge_fork(bytes(edited), trust()).outcome is not Outcome.MISBEHAVIOUR


def test_what_is_no_fork_cannot_be_made() -> None:
    with pytest.raises(Malformed):
        fork_of(head(ONE, 5), head(ONE, 5), None, ())  # one head
    with pytest.raises(Malformed):
        Fork(smaller=head(OTHER, 700), larger=head(ONE, 600), root=bytes(32))
    with pytest.raises(Malformed):
        Fork(smaller=head(ONE, 600), larger=head(OTHER, 700))  # no root
    with pytest.raises(Malformed):
        Fork(smaller=head(ONE, 600), larger=head(OTHER, 700), root=bytes(32), hashes=(b"",) * 64)
    other = sign_note(
        checkpoint_text(Checkpoint(origin=BRAVO.origin, size=9, root=bytes(32))), BRAVO.log
    )
    with pytest.raises(Malformed):
        fork_of(head(ONE, 5), other, bytes(32), ())


@pytest.mark.parametrize(
    "data",
    [b"", b"\n\n" * 4, b"comity/fork@v1\nkind same-size\n", b"\xff" * 99, b"x" * 20_000],
)
def test_what_is_no_such_file_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_fork(data)
    assert judge_fork(data, trust()).outcome is Outcome.BAD_INPUT
