"""The `log` lines of a policy: any log key of the party, in its time, and no other."""

import pytest

from comity.journal.policy import read_policy
from comity.journal.report import Claim, Level, Outcome, Standing
from comity.journal.trustfile import parse_trust, trust_text
from comity.journal.verify import verify_bundle
from comity.trust.identity import Role
from comity.trust.keys import VerifierKey
from comity.trust.lives import KeyLife, Span
from comity.trust.note import serialise, sign_note
from tests.journal.handmade import ALPHA, BETA, NOON_S, REFEREE, WITNESSES, made
from tests.journal.test_validity import NEW, lives, trusted
from tests.journal.two_nodes import card_of, seeded, two_nodes

W = WITNESSES[0]
LOG = ALPHA.log.verifier()  # it signs all heads here
OTHER = NEW[Role.LOG]
SIZE = 1  # of the head that the witness cosigned


def logs(*of: tuple[VerifierKey, Span, int | None]) -> tuple[KeyLife, ...]:
    """Alpha's keys with these log keys, oldest first."""
    found = tuple(
        KeyLife(role=Role.LOG, key=key, span=span, revoked_s=revoked_s)
        for key, span, revoked_s in of
    )
    return (*lives(role=Role.LOG), *found)


def judged(
    named: VerifierKey, alpha: tuple[KeyLife, ...], quorum: str = "w"
) -> tuple[Outcome, Claim]:
    text = f"log {named.text()}\nwitness w {W.verifier().text()}\nquorum {quorum}\n"
    files = made(cosigners=[(W, NOON_S + 5)]).sealed()
    report = verify_bundle(files, trusted(alpha), policy=read_policy(text.encode()))
    claim = next(claim for claim in report.claims if claim.level is Level.WITNESSED)
    return report.outcome, claim


ALWAYS = (LOG, Span(), None)


@pytest.mark.parametrize(
    ("named", "of"),
    [
        (LOG, [ALWAYS]),
        (LOG, [ALWAYS, (OTHER, Span(), None)]),  # whose present key is another one
        (LOG, [(LOG, Span(end=2), None), (OTHER, Span(), None)]),
        (OTHER, [ALWAYS, (OTHER, Span(), None)]),
        (OTHER, [(OTHER, Span(end=SIZE), None), ALWAYS]),
        (OTHER, [(OTHER, Span(), NOON_S + 5), ALWAYS]),  # revoked after it was witnessed
    ],
)
def test_any_log_key_counts_in_its_time(
    named: VerifierKey, of: list[tuple[VerifierKey, Span, int | None]]
) -> None:
    outcome, claim = judged(named, logs(*of))
    assert claim.standing is Standing.HELD, claim.text
    assert outcome is Outcome.PROVEN


@pytest.mark.parametrize(
    ("named", "of", "why"),
    [
        (OTHER, [ALWAYS, (OTHER, Span(start=2), None)], "outside the time of the key alpha.exam"),
        (OTHER, [(OTHER, Span(end=0), None), ALWAYS], "outside the time of the key alpha.example"),
        (OTHER, [(OTHER, Span(), NOON_S + 4), ALWAYS], "was revoked as of"),
        (OTHER, [(OTHER, Span(end=0), NOON_S), ALWAYS], "was revoked before that"),
        (OTHER, [ALWAYS], f"is not for {ALPHA.origin}: it names none of its log keys"),
        (BETA.log.verifier(), [ALWAYS], f"is not for {ALPHA.origin}: it names none"),
        (seeded(ALPHA.origin, salt="stranger").verifier(), [ALWAYS], "it names none"),
    ],
)
@pytest.mark.parametrize("quorum", ["w", "none"])
def test_others_are_refused_by_name(
    named: VerifierKey, of: list[tuple[VerifierKey, Span, int | None]], why: str, quorum: str
) -> None:
    outcome, claim = judged(named, logs(*of), quorum)
    assert why in claim.text
    assert claim.standing is Standing.FAILED
    assert outcome is Outcome.NOT_PROVEN


def test_one_of_two_log_lines_is_enough() -> None:
    """As in a file that was written anew before the key changed."""
    files = made(cosigners=[(W, NOON_S + 5)]).sealed()
    late = logs(ALWAYS, (OTHER, Span(start=2), None))
    text = f"log {OTHER.text()}\nlog {LOG.text()}\nwitness w {W.verifier().text()}\nquorum w\n"
    policy = read_policy(text.encode())
    assert verify_bundle(files, trusted(late), policy=policy).outcome is Outcome.PROVEN


@pytest.mark.parametrize(("beyond", "standing"), [(0, Standing.ABSENT), (1, Standing.HELD)])
def test_only_heads_within_the_keys_time_count(beyond: int, standing: Standing) -> None:
    """Given under one head, cosigned by the witness over a larger one, where the key had ended."""
    with two_nodes() as nodes:
        index = nodes.declare()
        nodes.give(index)
        witnessed = nodes.witness()
        files = nodes.bundle(index)
        key = nodes.witness_keys[0].verifier()
        alpha, beta = nodes.alpha.identity, nodes.beta.identity
    ended = KeyLife(role=Role.LOG, key=OTHER, span=Span(end=witnessed - 1 + beyond))
    keys = {Role.ENTRY: alpha.entry, Role.LOG: alpha.log, Role.COSIGNER: alpha.cosigner}
    present = tuple(KeyLife(role=role, key=each.verifier()) for role, each in keys.items())
    text = trust_text(
        [card_of(alpha), card_of(beta)],
        [key.text()],
        signer=REFEREE.verifier().text(),
        lives={alpha.origin: (ended, *present)},
    )
    trust = parse_trust(serialise(sign_note(text, REFEREE)))
    policy = read_policy(f"log {OTHER.text()}\nwitness w {key.text()}\nquorum w\n".encode())
    report = verify_bundle(files, trust, policy=policy)
    claim = next(claim for claim in report.claims if claim.level is Level.WITNESSED)
    assert claim.standing is standing, claim.text
