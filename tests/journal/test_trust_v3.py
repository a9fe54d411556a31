"""A trust file that names a policy and time authorities: one form, and nothing else is needed."""

import base64
import datetime as dt
from collections.abc import Sequence

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from comity.journal.policy import Policy, read_policy
from comity.journal.report import Outcome
from comity.journal.timestamp import Authority, read_authority
from comity.journal.trustfile import TRUST_BYTES_MAX, parse_trust, trust_text
from comity.journal.verify import verify_bundle
from comity.model.fault import Fault, Malformed, Untrusted
from comity.trust.lives import Span
from comity.trust.note import serialise, sign_note
from tests.journal.authority import certified
from tests.journal.handmade import ALPHA, BETA, NOON_S, REFEREE, WITNESSES, made, trust_of
from tests.journal.two_nodes import card_of

CARDS = (card_of(ALPHA), card_of(BETA))
SIGNER = REFEREE.verifier().text()
KEYS = [key.verifier().text() for key in WITNESSES]
ROOT = certified("root", ca=True)
LEAF = certified("leaf", ROOT, stamps=True)
AUTHORITIES = (read_authority(LEAF.pem + ROOT.pem), read_authority(certified("b", ca=True).pem))


def policy(need: int = 2, *, known: int = 3, more: str = "") -> Policy:
    """`need` of the first witnesses, with a comment, a tab and a byte that no note may hold."""
    lines = [f"witness\tw{at} {key}" for at, key in enumerate(KEYS[:known])]
    names = " ".join(f"w{at}" for at in range(known))
    text = "\n".join(["# ours \x80", *lines, f"group g {need} {names}", more, "quorum g", ""])
    return read_policy(text.encode("latin-1"))


def text_of(
    named: Policy | None, authorities: Sequence[Authority] = (), *, witnesses: Sequence[str] = ()
) -> str:
    return trust_text(CARDS, witnesses, signer=SIGNER, policy=named, authorities=authorities)


def signed(text: str) -> bytes:
    return serialise(sign_note(text, REFEREE))


def refused(text: str) -> str:
    with pytest.raises((Malformed, Untrusted)) as caught:
        parse_trust(signed(text))
    return caught.value.code


def test_what_was_written_is_read_byte_for_byte() -> None:
    named = policy()
    text = text_of(named, AUTHORITIES, witnesses=KEYS[:1])
    trust = parse_trust(signed(text))
    assert text.startswith("comity/trust@v1\nversion 3\n")
    assert trust.policy == named
    assert trust.policy is not None
    assert (trust.policy.data, trust.policy.sha256) == (named.data, named.sha256)
    assert set(trust.authorities) == set(AUTHORITIES)
    assert text_of(named, AUTHORITIES[::-1], witnesses=KEYS[:1]) == text


@pytest.mark.parametrize("authorities", [(), AUTHORITIES])
@pytest.mark.parametrize("named", [None, policy()])
def test_only_what_needs_version_3_is_written_in_it(
    named: Policy | None, authorities: tuple[Authority, ...]
) -> None:
    version = 3 if named or authorities else 1
    trust = parse_trust(signed(text_of(named, authorities)))
    assert (trust.version, trust.policy, len(trust.authorities)) == (
        version,
        named,
        len(authorities),
    )


WHOLE = text_of(policy(), AUTHORITIES)
POLICY_LINE, *AUTHORITY_LINES = WHOLE.splitlines(keepends=True)[-3:]
DER = LEAF.certificate.public_bytes(Encoding.DER), ROOT.certificate.public_bytes(Encoding.DER)
LEAF_FIRST, ROOT_FIRST = (
    "authority " + " ".join(base64.b64encode(each).decode() for each in order) + "\n"
    for order in (DER, DER[::-1])
)
BENT = {
    "version 2": ("version 3", "version 2"),
    "a policy twice": (POLICY_LINE, POLICY_LINE * 2),
    "a policy after authorities": (
        POLICY_LINE + AUTHORITY_LINES[0],
        AUTHORITY_LINES[0] + POLICY_LINE,
    ),
    "authorities out of order": ("".join(AUTHORITY_LINES), "".join(AUTHORITY_LINES[::-1])),
    "an authority twice": (AUTHORITY_LINES[0], AUTHORITY_LINES[0] * 2),
    "a leaf before its root": (ROOT_FIRST, LEAF_FIRST),
    "no certificate": (AUTHORITY_LINES[0], "authority AAAA\n"),
    "a leaf alone": (ROOT_FIRST, f"authority {LEAF_FIRST.split(' ')[1]}\n"),
    "an empty authority": (AUTHORITY_LINES[0], "authority \n"),
    "no policy in it": (POLICY_LINE, f"policy {base64.b64encode(b'quorum w').decode()}\n"),
    "other base64": (POLICY_LINE, POLICY_LINE.rstrip("\n=") + "\n"),
    "one line more": (AUTHORITY_LINES[1], AUTHORITY_LINES[1] + "quorum 0\n"),
}


@pytest.mark.parametrize("bent", BENT)
def test_there_is_one_form(bent: str) -> None:
    old, new = BENT[bent]
    assert WHOLE.count(old) == 1
    codes = {"bad_trust", "bad_policy", "bad_certificate", "bad_base64"}
    assert refused(WHOLE.replace(old, new)) in codes


def test_a_party_is_no_witness_of_the_policy() -> None:
    for key in (BETA.cosigner, ALPHA.cosigner):
        own = f"witness own {key.verifier().text()}"
        with pytest.raises(Untrusted) as caught:
            text_of(policy(more=own))
        assert caught.value.code == "shared_key"


def test_so_many_authorities_and_no_more_and_no_larger_file() -> None:
    many = [read_authority(certified(f"root {at}", ca=True).pem) for at in range(9)]
    assert len(parse_trust(signed(text_of(None, many[:8]))).authorities) == 8
    for some in (many, [many[0], many[0]]):
        with pytest.raises(Malformed) as caught:
            text_of(None, some)
        assert caught.value.code == "bad_trust"
    lines = "".join(f"authority {base64.b64encode(DER[1] * n).decode()}\n" for n in (1, 2))
    assert refused(WHOLE.replace("".join(AUTHORITY_LINES), lines)) == "bad_certificate"
    long = policy(more="#" + "x" * 130_000)
    assert len(signed(text_of(long, many[:8]))) < TRUST_BYTES_MAX
    with pytest.raises(Malformed) as caught:
        text_of(long, [read_authority(large(at)) for at in range(8)])
    assert caught.value.code == "too_large"


def large(number: int) -> bytes:
    """A root of 45 kB."""
    key, name = ed25519.Ed25519PrivateKey.generate(), x509.Name([])
    builder = x509.CertificateBuilder(subject_name=name, issuer_name=name)
    builder = builder.public_key(key.public_key()).serial_number(number + 1)
    builder = builder.not_valid_before(dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    builder = builder.not_valid_after(dt.datetime(2036, 1, 1, tzinfo=dt.UTC))
    much = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), bytes(45_000))
    return builder.add_extension(much, critical=False).sign(key, None).public_bytes(Encoding.PEM)


# --- in the verifier ----------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "outcome"), [(3, Outcome.PROVEN), (1, Outcome.NOT_PROVEN)])
def test_its_policy_is_the_condition_that_the_same_file_would_be(
    count: int, outcome: Outcome
) -> None:
    cosigners = [(key, NOON_S + 3 + at) for at, key in enumerate(WITNESSES[:count])]
    files = made(cosigners=cosigners).sealed()
    named = policy()
    inside = verify_bundle(files, parse_trust(signed(text_of(named))))
    beside = verify_bundle(files, trust_of(), policy=named)
    assert inside == beside
    assert inside.outcome is outcome
    assert inside.witnessing is not None
    assert inside.witnessing.policy == named.sha256


def test_a_policy_that_the_user_names_goes_before_it() -> None:
    files = made(cosigners=[(WITNESSES[0], NOON_S + 3)]).sealed()
    strict = parse_trust(signed(text_of(policy(3))))
    assert verify_bundle(files, strict).outcome is Outcome.NOT_PROVEN
    lax = policy(1)
    report = verify_bundle(files, strict, policy=lax)
    assert report.outcome is Outcome.PROVEN
    assert report.witnessing is not None
    assert report.witnessing.policy == lax.sha256


def test_witness_lines_beside_a_policy_are_windows_alone() -> None:
    files = made(cosigners=[(WITNESSES[0], NOON_S + 3)]).sealed()

    def judged(end: int) -> Outcome:
        text = trust_text(
            CARDS,
            KEYS[:1],
            signer=SIGNER,
            spans={KEYS[0]: Span(end=end)},
            policy=policy(1),
        )
        return verify_bundle(files, parse_trust(signed(text))).outcome

    assert judged(NOON_S + 3) is Outcome.PROVEN
    assert judged(NOON_S + 2) is Outcome.NOT_PROVEN


def test_every_fault_is_named() -> None:
    """Whatever stands after `policy` or `authority` is refused by name, never by accident."""
    for word in ("policy", "authority"):
        for value in ("", " ", "-", "AAAA", "AAAA AAAA", "é", "=" * 9, "A" * 100_000):
            with pytest.raises(Fault):
                parse_trust(signed(text_of(None) + f"{word} {value}\n"))
