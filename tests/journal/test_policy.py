"""tlog-policy files: what the specification allows is read, what it forbids names its line."""

import pytest

from comity.journal.policy import Policy, read_policy
from comity.journal.policy_lint import lint
from comity.model.fault import Fault, Malformed
from comity.trust.keys import KeyType, SigningKey
from tests.journal.handmade import ALPHA
from tests.journal.two_nodes import seeded

LOG = ALPHA.log.verifier().text()


def vkey(name: str, kind: KeyType = KeyType.COSIGNATURE_V1) -> str:
    return seeded(name, kind).verifier().text()


def witness(name: str, host: str = "") -> str:
    return f"witness {name} {vkey((host or f'{name.lower()}.example') + f'/{name}')}\n"


XS = "".join(witness(f"X{i}") for i in range(1, 4))
YS = "".join(witness(f"Y{i}") for i in range(1, 4))
TWO_LEVELS = (
    f"log {LOG}\n\n{XS}group X-witnesses 2 X1 X2 X3\n\n{YS}group Y-witnesses any Y1 Y2 Y3\n\n"
    "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
)


def read(text: str) -> Policy:
    return read_policy(text.encode())


def codes(text: str, *, tolerate: int = 0) -> set[str]:
    parties = ALPHA.log.verifier(), ALPHA.cosigner.verifier()
    return {found.code for found in lint(read(text), tolerate=tolerate, parties=parties).findings}


def test_the_example_of_the_specification_is_read() -> None:
    policy = read(TWO_LEVELS)
    assert [line.name for line in policy.witnesses] == ["X1", "X2", "X3", "Y1", "Y2", "Y3"]
    keys = {line.name: line.key for line in policy.witnesses}
    met = policy.quorum.met
    assert met({keys["X1"], keys["X3"], keys["Y2"]})
    assert not met({keys["X1"], keys["Y1"], keys["Y2"], keys["Y3"]})
    assert not met({keys["X1"], keys["X2"], keys["X3"]})
    assert (policy.quorum.smallest, policy.quorum.shared, policy.quorum.may_be_silent) == (3, 1, 1)


def test_spaces_tabs_comments_and_any_bytes_above_ascii_are_allowed() -> None:
    one = f"\t witness \xe9t\xe9 \t {vkey('w.example/1')} https://w.example/submit \n".encode(
        "latin-1"
    )
    text = b"  # a comment\n\n" + one + b"\t#another\nquorum \xe9t\xe9\n"
    policy = read_policy(text)
    assert policy.witnesses[0].url == "https://w.example/submit"
    assert policy.quorum.smallest == 1


def test_quorum_none_asks_for_nobody() -> None:
    policy = read("quorum none\n")
    assert policy.quorum.met(())
    assert codes("quorum none\n") == {"no_quorum"}


W = witness("w")
V = witness("v")
REFUSED = {
    "no quorum": W,
    "two quorums": f"{W}quorum w\nquorum w\n",
    "unknown name": f"{W}quorum v\n",
    "a name from below": f"group g all w\n{W}quorum g\n",
    "a group of itself": f"{W}group g any w g\nquorum g\n",
    "an empty group": f"{W}group g all\nquorum g\n",
    "needs none": f"{W}group g 0 w\nquorum g\n",
    "needs more": f"{W}group g 2 w\nquorum g\n",
    "needs a padded number": f"{W}group g 01 w\nquorum g\n",
    "needs a signed number": f"{W}group g +1 w\nquorum g\n",
    "a member twice": f"{W}group g any w w\nquorum g\n",
    "a member of two groups": f"{W}{V}group g any w\ngroup h any w v\nquorum h\n",
    "none as a member": f"{W}group g any none\nquorum g\n",
    "none as a name": f"witness none {vkey('w.example/w')}\nquorum none\n",
    "a name twice": f"{W}{W.replace('w.example', 'w.example')}quorum w\n",
    "a group with a witness's name": f"{W}group w any w\nquorum w\n",
    "one key, two names": f"{W}{W.replace('witness w ', 'witness v ')}quorum w\n",
    "one log twice": f"log {LOG}\nlog {LOG}\nquorum none\n",
    "a log's key as a witness": f"witness w {LOG}\nquorum w\n",
    "a witness's key as a log": f"log {vkey('w.example/w')}\nquorum none\n",
    "no key": "witness w w.example\nquorum w\n",
    "surplus words": f"{W[:-1]} https://w.example more\nquorum w\n",
    "an unknown line": f"{W}quorum w\nthreshold 3\n",
    "a carriage return": f"{W[:-1]}\r\nquorum w\n",
    "no line end": f"{W}quorum w",
    "another space": f"witness\u00a0w {vkey('w.example/w')}\nquorum w\n",
    "a comment behind": f"{W}quorum w # this one\n",
    "too many": "".join(witness(f"w{i}") for i in range(33)) + "quorum w1\n",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_specification_forbids_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        read(REFUSED[name])


def test_one_public_key_under_two_names_is_named_with_its_line() -> None:
    one = seeded("one.example/w", KeyType.COSIGNATURE_V1)
    other = SigningKey(name="other.example/w", key_type=KeyType.COSIGNATURE_V1, seed=one.seed)
    lines = [f"witness a {one.verifier().text()}", f"witness b {other.verifier().text()}", ""]
    with pytest.raises(Malformed, match=r"line 2: one\.example/w and other\.example/w are one"):
        read("\n".join(lines))


def test_a_weak_key_is_refused() -> None:
    weak = "AQ" + "A" * 41 + "="  # not a vkey: only to see that every text raises a fault
    with pytest.raises(Fault):
        read(f"witness w w.example/w+00000000+{weak}\nquorum w\n")


@pytest.mark.parametrize(
    ("k", "n", "safe"),
    [(1, 1, 0), (2, 2, 1), (2, 3, 0), (3, 4, 1), (5, 7, 2), (3, 3, 2)],
)
def test_the_linter_refuses_k_below_what_f_wants(k: int, n: int, safe: int) -> None:
    names = [f"w{i}" for i in range(n)]
    text = "".join(map(witness, names)) + f"group g {k} {' '.join(names)}\nquorum g\n"
    found = lint(read(text), tolerate=safe)
    assert (found.findings, found.tolerates, found.may_be_silent) == ((), safe, n - k)
    assert f"{k} + {k} > {n} + f holds up to f = {safe}" in found.arithmetic[0]
    assert codes(text, tolerate=safe + 1) == {"unsafe"}


def test_half_is_no_quorum_even_if_nobody_lies() -> None:
    text = f"{XS}{witness('X4')}group g 2 X1 X2 X3 X4\nquorum g\n"
    assert codes(text) == {"unsafe"}
    assert "does not even hold" in lint(read(text), tolerate=0).arithmetic[0]


def test_groups_of_groups_are_not_taken_for_one_group() -> None:
    found = lint(read(TWO_LEVELS), tolerate=0)
    assert (found.tolerates, found.findings) == (0, ())
    assert codes(TWO_LEVELS, tolerate=1) == {"unsafe"}
    assert len(found.arithmetic) == 3


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"witness w {ALPHA.cosigner.verifier().text()}\nquorum w\n", "party_key"),
        (f"log {LOG}\n{witness('w', host='ALPHA.example')}quorum w\n", "party_witness"),
        (
            f"{witness('a', 'o.example')}{witness('b', 'o.example')}group g all a b\nquorum g\n",
            "common_operator",
        ),
        (f"{W}{V}quorum w\n", "unused_witness"),
        (f"{W}{V}group g any v\nquorum w\n", "unreachable_group"),
    ],
)
def test_the_linter_finds(text: str, code: str) -> None:
    assert code in codes(text)


def test_a_common_operator_counts_once() -> None:
    three = "".join(witness(name, "one.example") for name in ("a", "b", "c"))
    found = lint(read(f"{three}{W}group g 3 a b c w\nquorum g\n"), tolerate=1)
    assert (found.tolerates, found.operators_tolerated, found.operators_silent) == (1, 0, 0)
    assert {each.code for each in found.findings} == {"unsafe", "common_operator"}
