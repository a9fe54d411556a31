"""Windows and revocations in a trust file of version 2, and what they make of a bundle."""

from collections.abc import Sequence

import pytest

from comity.journal.report import Level, Outcome, Report, Standing
from comity.journal.trustfile import Trust, parse_trust, trust_text
from comity.journal.verify import verify_bundle
from comity.model.fault import Malformed
from comity.trust.identity import Role
from comity.trust.keys import KeyType
from comity.trust.lives import KeyLife, Span, present
from comity.trust.note import serialise, sign_note
from tests.journal.handmade import ALPHA, BETA, NOON_S, REFEREE, WITNESSES, made
from tests.journal.two_nodes import card_of, seeded
from tests.model.saying_no import says_no

W = WITNESSES[0]
NEW = {
    Role.ENTRY: seeded(f"{ALPHA.origin}/desk", salt="new").verifier(),
    Role.LOG: seeded(ALPHA.origin, salt="new").verifier(),
    Role.COSIGNER: seeded(f"{ALPHA.origin}/cosigner", KeyType.COSIGNATURE_V1, "new").verifier(),
}


def lives(
    who: object = ALPHA, *, role: Role | None = None, life: KeyLife | None = None
) -> tuple[KeyLife, ...]:
    """A party's keys; the one of `role` as `life` says, with a successor."""
    identity = ALPHA if who is ALPHA else BETA
    keys = {Role.ENTRY: identity.entry, Role.LOG: identity.log, Role.COSIGNER: identity.cosigner}
    found = [KeyLife(role=each, key=key.verifier()) for each, key in keys.items() if each != role]
    return (*found, *(() if life is None else (life,)))


def trusted(
    alpha: Sequence[KeyLife], beta: Sequence[KeyLife] = (), *, span: Span | None = None
) -> Trust:
    text = trust_text(
        [card_of(ALPHA), card_of(BETA)],
        [W.verifier().text()],
        signer=REFEREE.verifier().text(),
        lives={ALPHA.origin: tuple(alpha), BETA.origin: tuple(beta or lives(BETA))},
        spans={} if span is None else {W.verifier().text(): span},
    )
    data = serialise(sign_note(text, REFEREE))
    trust = parse_trust(data)
    assert text.startswith("comity/trust@v1\nversion 2\n")
    return trust


def judged(trust: Trust, *, witnessed: bool = True) -> Report:
    cosigners = [(W, NOON_S + 5)] if witnessed else []
    return verify_bundle(made(cosigners=cosigners).sealed(), trust)


def old(role: Role, span: Span, revoked_s: int | None = None) -> tuple[KeyLife, ...]:
    """Alpha's key of a role with a window, and its successor."""
    key = {Role.ENTRY: ALPHA.entry, Role.LOG: ALPHA.log, Role.COSIGNER: ALPHA.cosigner}[role]
    life = KeyLife(role=role, key=key.verifier(), span=span, revoked_s=revoked_s)
    return (*lives(role=role, life=life), KeyLife(role=role, key=NEW[role]))


# Of alpha, entry 0 is given under the head of size 1, entry 1 binds under the head of size 2.
@pytest.mark.parametrize(
    ("role", "span", "level", "code"),
    [
        (Role.ENTRY, Span(end=2), None, ""),
        (Role.ENTRY, Span(end=1), Level.BOUND, "outside the time"),
        (Role.ENTRY, Span(end=0), Level.SIGNED, "outside the time"),
        (Role.ENTRY, Span(start=1), Level.SIGNED, "outside the time"),
        (Role.LOG, Span(end=2), None, ""),
        (Role.LOG, Span(end=1), Level.BOUND, "outside the time"),
        (Role.LOG, Span(end=0), Level.LOGGED, "outside the time"),
        (Role.LOG, Span(start=2), Level.LOGGED, "outside the time"),
    ],
)
def test_a_key_counts_within_its_window(
    role: Role, span: Span, level: Level | None, code: str
) -> None:
    report = judged(trusted(old(role, span)))
    if level is None:
        assert report.outcome is Outcome.PROVEN, report.reason
        return
    assert report.outcome is Outcome.NOT_PROVEN
    claim = next(claim for claim in report.claims if claim.level is level)
    assert claim.standing is Standing.FAILED
    assert code in claim.text


@pytest.mark.parametrize("role", [Role.ENTRY, Role.LOG])
def test_a_revoked_key_counts_for_what_was_witnessed_before(role: Role) -> None:
    """The notice was witnessed 5 s after noon; the binding was not, so it is not asked for here."""

    def outcome(revoked_s: int, *, witnessed: bool = True) -> Standing:
        report = judged(trusted(old(role, Span(), revoked_s)), witnessed=witnessed)
        level = Level.SIGNED if role is Role.ENTRY else Level.LOGGED
        return next(claim.standing for claim in report.claims if claim.level is level)

    assert outcome(NOON_S + 5) is Standing.HELD
    assert outcome(NOON_S + 4) is Standing.FAILED
    assert outcome(NOON_S + 9, witnessed=False) is Standing.FAILED  # a party's word is not enough


def test_a_revoked_key_accuses_nobody() -> None:
    head = made().alpha.signed(1)
    revoked = trusted(old(Role.LOG, Span(), 1)).parties[0]
    assert not revoked.heads.surely_signed(head)
    assert trusted(lives()).parties[0].heads.surely_signed(head)


@pytest.mark.parametrize(
    ("span", "count"),
    [
        (Span(), 1),
        (Span(end=NOON_S + 5), 1),
        (Span(end=NOON_S + 4), 0),
        (Span(start=NOON_S + 6), 0),
    ],
)
def test_a_witness_counts_within_its_window(span: Span, count: int) -> None:
    report = judged(trusted(lives(), span=span))
    assert report.witnessing is not None
    assert len(report.witnessing.names) == count


def test_a_revoked_cosigner_counts_at_no_time() -> None:
    life = KeyLife(role=Role.COSIGNER, key=BETA.cosigner.verifier(), revoked_s=NOON_S + 99)
    beta = (*lives(BETA, role=Role.COSIGNER, life=life),)
    report = judged(trusted(lives(), beta))
    claim = next(claim for claim in report.claims if claim.level is Level.PEER_COSIGNED)
    assert claim.standing is Standing.ABSENT


def test_the_present_key_is_the_last_that_lives() -> None:
    found = old(Role.LOG, Span(end=3))
    assert present(found, Role.LOG) == NEW[Role.LOG]
    assert present(found[:-1], Role.LOG) == ALPHA.log.verifier()
    assert present((), Role.LOG) is None


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("key entry - - -", "key entry 2 1 -", "bad_window"),
        ("key entry - - -", "key desk - - -", "bad_trust"),
        ("key entry - - -", "key entry - -", "bad_trust"),
        ("key entry - - -", "key entry 01 - -", "bad_number"),
        ("key entry - - -", "key log - - -", "bad_trust"),
        ("witness - -", "witness -", "bad_trust"),
        ("version 2", "version 3", "bad_trust"),
    ],
)
def test_what_is_no_trust_file_of_version_2_is_refused(before: str, after: str, code: str) -> None:
    text = trust_text(
        [card_of(ALPHA), card_of(BETA)],
        [W.verifier().text()],
        signer=REFEREE.verifier().text(),
        lives={ALPHA.origin: lives(), BETA.origin: lives(BETA)},
    )
    assert before in text
    with pytest.raises(Malformed) as caught:
        parse_trust(serialise(sign_note(text.replace(before, after, 1), REFEREE)))
    assert code in {caught.value.code, "bad_number"}


def test_a_key_twice_is_refused() -> None:
    with says_no("bad_trust"):
        trusted((*lives(), lives()[0]))
