"""Witnesses that cosign with ML-DSA-44: once beside Ed25519, or alone where a policy says so."""

from dataclasses import replace

import pytest

from comity.journal.cosignature import cosign
from comity.journal.manifest import Piece
from comity.journal.policy import Policy, read_policy
from comity.journal.policy_lint import lint
from comity.journal.report import Claim, Level, Outcome, Report, Standing
from comity.journal.tlog_proof import TlogProof, parse_proof, serialise_proof
from comity.journal.trustfile import trust_text
from comity.journal.verify import verify_bundle
from comity.model.fault import Malformed
from comity.trust.keys import KeyType, SigningKey
from comity.trust.note import Note, Signature
from tests.journal.handmade import (
    ALPHA,
    BETA,
    NOON_S,
    REFEREE,
    WITNESSES,
    Made,
    made,
    trust_of,
)
from tests.journal.two_nodes import card_of, seeded

CLASSIC = WITNESSES[:2]
QUANTUM = tuple(seeded(key.name, KeyType.ML_DSA_44) for key in CLASSIC)


def witnessed(report: Report) -> Claim:
    return next(claim for claim in report.claims if claim.level is Level.WITNESSED)


def judged(bundle: Made, *keys: SigningKey, quorum: int | None = None) -> Report:
    return verify_bundle(bundle.sealed(), trust_of(keys, quorum=quorum), quorum=quorum)


def cosigned_by(*keys: SigningKey) -> Made:
    return made(cosigners=[(key, NOON_S + 3) for key in keys])


def test_two_lines_of_one_witness_count_once() -> None:
    bundle = cosigned_by(CLASSIC[0], QUANTUM[0])
    report = judged(bundle, *CLASSIC, *QUANTUM, quorum=2)
    who = report.witnessing
    assert who is not None
    assert (who.names, who.known, who.met) == ((CLASSIC[0].name,), 2, False)
    assert who.post_quantum == (QUANTUM[0].name,)
    assert report.outcome is Outcome.NOT_PROVEN
    whole = judged(cosigned_by(*CLASSIC, QUANTUM[1]), *CLASSIC, *QUANTUM, quorum=2)
    assert whole.outcome is Outcome.PROVEN, whole.reason
    assert witnessed(whole).text == "2 of 2, quorum 2, tolerates 1 lying; 1 with ML-DSA-44"


def test_a_line_of_ml_dsa_alone_is_enough_and_gives_the_time() -> None:
    report = judged(cosigned_by(QUANTUM[0]), QUANTUM[0], quorum=1)
    assert report.outcome is Outcome.PROVEN, report.reason
    assert report.times is not None
    assert report.times.given.there_by_s == NOON_S + 3
    assert report.times.given.high.by == (QUANTUM[0].name,)


def test_of_two_lines_the_earlier_time_is_one_witness_s_word() -> None:
    """A quorum that withstands one liar looks at two witnesses, not at two keys of one."""
    times = {CLASSIC[0]: 3, QUANTUM[0]: 4, CLASSIC[1]: 9}
    bundle = made(cosigners=[(key, NOON_S + late) for key, late in times.items()])
    report = judged(bundle, *CLASSIC, *QUANTUM, quorum=2)
    assert report.times is not None
    assert (report.times.given.there_by_s, report.times.given.high.withstands) == (NOON_S + 9, 1)


def bent(bundle: Made, line: Signature) -> dict[str, bytes]:
    """The bundle with a false line in place of the last one."""
    proof = parse_proof(bundle.files[Piece.NOTICE_PROOF])
    lines = (*proof.checkpoint.signatures[:-1], line)
    note = Note(text=proof.checkpoint.text, signatures=lines)
    changed = TlogProof(index=proof.index, hashes=proof.hashes, checkpoint=note)
    return bundle.sealed({Piece.NOTICE_PROOF: serialise_proof(changed)})


@pytest.mark.parametrize("at", [0, 7, 8, 2_427])
def test_a_false_line_fails_though_the_other_is_true(at: int) -> None:
    bundle = cosigned_by(CLASSIC[0], QUANTUM[0])
    good = parse_proof(bundle.files[Piece.NOTICE_PROOF]).checkpoint.signatures[-1]
    assert len(good.blob) == 8 + 2_420
    blob = good.blob[:at] + bytes([good.blob[at] ^ 1]) + good.blob[at + 1 :]
    report = verify_bundle(bent(bundle, replace(good, blob=blob)), trust_of((*CLASSIC, *QUANTUM)))
    assert witnessed(report).standing is Standing.FAILED
    assert report.outcome is Outcome.NOT_PROVEN
    # Who does not name that key does not look at its line.
    report = verify_bundle(bent(bundle, replace(good, blob=blob)), trust_of(CLASSIC[:1]))
    assert report.outcome is Outcome.PROVEN


def test_a_line_over_another_head_or_of_another_name_is_false() -> None:
    bundle = cosigned_by(CLASSIC[0], QUANTUM[0])
    text = parse_proof(bundle.files[Piece.NOTICE_PROOF]).checkpoint.text
    other = cosign(text.replace("\n1\n", "\n2\n"), QUANTUM[0], NOON_S)
    posing = replace(QUANTUM[0], name="other.example/w")  # the message holds the cosigner's name
    renamed = replace(cosign(text, posing, NOON_S), name=other.name, key_id=other.key_id)
    for line in (other, renamed):
        report = verify_bundle(bent(bundle, line), trust_of((*CLASSIC, *QUANTUM)))
        assert witnessed(report).standing is Standing.FAILED


# --- policies -----------------------------------------------------------------------------------


def policy(*lines: str) -> Policy:
    keys = {"a": CLASSIC[0], "aq": QUANTUM[0], "b": CLASSIC[1], "bq": QUANTUM[1]}
    named = [f"witness {name} {key.verifier().text()}" for name, key in keys.items()]
    return read_policy("".join(f"{line}\n" for line in (*named, *lines)).encode())


BOTH = ("group a2 all a aq", "group b2 all b bq", "group q all a2 b2", "quorum q")
EITHER = ("group a2 any a aq", "group b2 any b bq", "group q all a2 b2", "quorum q")
QUANTUM_ONLY = ("group q all aq bq", "quorum q")


@pytest.mark.parametrize(
    ("lines", "cosigners", "met"),
    [
        (EITHER, (CLASSIC[0], QUANTUM[1]), True),
        (EITHER, (CLASSIC[0], QUANTUM[0]), False),
        (BOTH, (*CLASSIC, *QUANTUM), True),
        (BOTH, (*CLASSIC, QUANTUM[1]), False),
        (QUANTUM_ONLY, QUANTUM, True),
        (QUANTUM_ONLY, (*CLASSIC, QUANTUM[1]), False),
    ],
)
def test_a_policy_says_which_lines_count(
    lines: tuple[str, ...], cosigners: tuple[SigningKey, ...], *, met: bool
) -> None:
    report = verify_bundle(
        cosigned_by(*cosigners).sealed(), trust_of(CLASSIC), policy=policy(*lines)
    )
    assert report.witnessing is not None
    assert report.witnessing.met is met
    assert report.outcome is (Outcome.PROVEN if met else Outcome.NOT_PROVEN)


@pytest.mark.parametrize("lines", [BOTH, EITHER])
def test_a_group_of_one_witness_s_keys_is_that_witness(lines: tuple[str, ...]) -> None:
    found = lint(policy(*lines), tolerate=1)
    assert (found.witnesses, found.smallest, found.shared, found.tolerates) == (2, 2, 2, 1)
    assert found.may_be_silent == 0
    assert found.findings == ()


def test_what_is_used_and_what_not_is_told_by_keys() -> None:
    found = lint(policy(*QUANTUM_ONLY), tolerate=1)
    assert [(each.code, each.text.split(" ")[0]) for each in found.findings] == [
        ("unused_witness", "a,")
    ]


def test_keys_of_one_witness_that_count_as_several_are_named_and_withstand_no_more() -> None:
    """2 of 2 lines, both of one witness: whoever holds it can split it alone."""
    found = lint(policy("group q all a b aq bq", "quorum q"), tolerate=1)
    assert (found.witnesses, found.shared, found.tolerates) == (2, 2, 1)
    split = policy("group q 2 a aq b", "group unused any bq", "quorum q")
    assert (split.quorum.smallest, split.quorum.shared, split.quorum.tolerates) == (1, 1, 0)
    codes = {each.code for each in lint(split, tolerate=0).findings}
    assert codes == {"counted_twice", "unreachable_group", "unused_witness"}


def test_a_key_of_a_log_or_a_party_is_no_witness_s() -> None:
    mldsa = seeded(ALPHA.origin, KeyType.ML_DSA_44).verifier().text()
    named = read_policy(f"witness w {mldsa}\nquorum w\n".encode())  # by type it may be one
    assert {
        each.code for each in lint(named, tolerate=0, parties=[ALPHA.log.verifier()]).findings
    } == {"party_witness"}
    log = ALPHA.log.verifier().text()
    with pytest.raises(Malformed):
        read_policy(f"witness w {log}\nquorum w\n".encode())
    with pytest.raises(Malformed):
        read_policy(f"log {mldsa}\nquorum none\n".encode())


# --- trust files --------------------------------------------------------------------------------


def test_a_trust_file_with_such_a_key_is_of_version_3_and_counts_witnesses() -> None:
    trust = trust_of((*CLASSIC, *QUANTUM))
    assert (trust.version, trust.quorum, len(trust.witnesses)) == (3, 2, 4)
    texts = [key.verifier().text() for key in (*CLASSIC, *QUANTUM)]
    cards, signer = [card_of(ALPHA), card_of(BETA)], REFEREE.verifier().text()
    text = trust_text(cards, texts, signer=signer)
    assert text.startswith("comity/trust@v1\nversion 3\n")
    with pytest.raises(Malformed):
        trust_text(cards, texts, signer=signer, quorum=3)
