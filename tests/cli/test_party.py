"""`comity party`: cards, fingerprints that people read out, enrolment, the trust file."""

from pathlib import Path

import pytest

from comity.cli.exit_codes import ExitCode
from comity.config import Home, load_identity, read_certificate
from comity.journal.policy import read_policy
from comity.journal.timestamp import read_authority
from comity.journal.trustfile import parse_trust
from comity.trust.card import card_note, fingerprint, open_card
from comity.trust.keys import KeyType, SigningKey
from tests.cli.stand_in import Comity, StandIn, as_json, make_home, party
from tests.fuzz.seeds import authorities, policies


@pytest.fixture
def bravo(tmp_path: Path) -> Path:
    """The card of another party, as a file."""
    home = make_home(tmp_path / "bravo", "https://bravo.example:7101", exercise="other")
    path = tmp_path / "bravo.card"
    path.write_bytes(card_note(load_identity(home), home.address, read_certificate(home)))
    return path


def sent_to(node: StandIn, path: str) -> object:
    return node.last.body if node.last.path == f"/api/v1/{path}" else None


def test_a_card_is_printed_as_it_is_signed(comity: Comity, home: Home) -> None:
    answer = comity("party", "card", "--home", home.path)
    card = open_card(answer.out.encode())
    assert (card.origin, card.address, card.tls_certificate) == (home.origin, home.address, b"")
    again = comity("party", "card", "--home", home.path, "--json").json()
    assert isinstance(again, dict)
    assert open_card(str(again["card"]).encode()) == card  # ML-DSA signs otherwise each time
    assert again["fingerprint"] == fingerprint(answer.out.encode())


def test_a_card_goes_into_a_new_file_only(comity: Comity, home: Home, tmp_path: Path) -> None:
    out = tmp_path / "alpha.card"
    answer = comity("party", "card", "--home", home.path, "--out", out)
    assert fingerprint(out.read_bytes()) in answer.out
    again = comity("party", "card", "--home", home.path, "--out", out)
    assert again.code == ExitCode.REFUSED
    missing = comity("party", "card", "--home", home.path, "--out", tmp_path / "no" / "card")
    assert missing.code == ExitCode.REFUSED


def test_a_card_with_tls_carries_the_certificate(bravo: Path) -> None:
    assert open_card(bravo.read_bytes()).tls_certificate


def test_a_fingerprint_is_read_from_file_or_stdin(comity: Comity, bravo: Path) -> None:
    answer = comity("party", "fingerprint", bravo)
    groups = answer.out.strip().split("-")
    assert (answer.code, [len(group) for group in groups]) == (0, [4] * 13)
    assert comity("party", "fingerprint", "-", stdin=bravo.read_text()).out == answer.out


@pytest.mark.parametrize(
    ("text", "code"),
    [("", ExitCode.BAD_INPUT), ("card\n", ExitCode.BAD_INPUT), ("x" * 9_000, ExitCode.BAD_INPUT)],
)
def test_what_is_no_card_ends_with_13(
    comity: Comity, tmp_path: Path, text: str, code: ExitCode
) -> None:
    (tmp_path / "card").write_text(text)
    assert comity("party", "fingerprint", tmp_path / "card").code == code


def test_a_forged_card_is_not_trusted(comity: Comity, bravo: Path) -> None:
    bravo.write_text(bravo.read_text().replace("bravo.example:7101", "evil.example:7101"))
    answer = comity("party", "fingerprint", bravo)
    assert answer.code == ExitCode.NO_PERMISSION
    assert "not trusted" in answer.err


def test_an_enrolment_sends_what_was_read_out_not_what_the_card_says(
    node: StandIn, ask: Comity, bravo: Path
) -> None:
    node.says("POST", "parties", as_json(party()), 201)
    read_out = fingerprint(bravo.read_bytes()).lower().replace("-", " ")
    answer = ask("party", "add", bravo, "--set", "margin_us=90000000", stdin=f"{read_out}\n")
    assert answer.code == 0
    assert sent_to(node, "parties") == {
        "card": bravo.read_text(),
        "fingerprint": fingerprint(bravo.read_bytes()),
        "parameters": {"margin_us": 90_000_000},
    }
    assert fingerprint(bravo.read_bytes()) not in answer.out + answer.err
    ask("party", "add", bravo, "--fingerprint", "WRONG")
    body = sent_to(node, "parties")
    assert isinstance(body, dict)
    assert body["fingerprint"] == "WRON-G"


def test_nobody_is_enrolled_without_a_fingerprint(node: StandIn, ask: Comity, bravo: Path) -> None:
    assert ask("party", "add", bravo).code == ExitCode.INTERRUPTED
    assert node.script.asked == []


@pytest.mark.parametrize("pair", ["margin_us", "margin_us=-1", "margin_us=1.5", "colour=1"])
def test_a_parameter_has_a_name_and_a_whole_number(
    node: StandIn, ask: Comity, bravo: Path, pair: str
) -> None:
    assert ask("party", "add", bravo, "--set", pair).code == ExitCode.USAGE
    assert node.script.asked == []


def test_parties_are_listed(node: StandIn, ask: Comity) -> None:
    node.lists("parties", [as_json(party())])
    _, row = ask("party", "list").out.splitlines()
    assert row.split()[:3] == ["bravo", "bravo.example/comity/2026", "up"]
    assert ask("party", "list", "--json").json() == [as_json(party())]


def test_a_trust_file_names_ourselves_and_the_enrolled(
    node: StandIn, ask: Comity, home: Home, bravo: Path, tmp_path: Path
) -> None:
    node.lists("parties", [as_json(party(card=bravo.read_text()))])
    node.lists("signing-keys", [])
    out = tmp_path / "trust.note"
    assert ask("party", "trust", "--out", out).code == 0
    trust = parse_trust(out.read_bytes())
    assert {each.origin for each in trust.parties} == {
        home.origin,
        open_card(bravo.read_bytes()).origin,
    }
    assert trust.signer == load_identity(home).entry.verifier()
    assert ask("party", "trust", "--out", out).code == ExitCode.REFUSED


def test_a_trust_file_takes_a_policy_and_time_authorities(
    node: StandIn, ask: Comity, home: Home, tmp_path: Path
) -> None:
    node.lists("parties", [])
    node.lists("signing-keys", [])
    (tmp_path / "policy.txt").write_bytes(policies()[0])
    (home.path / "tsa.pem").write_bytes(authorities()[0])
    (tmp_path / "more.pem").write_bytes(authorities()[1])
    with (home.path / "home.toml").open("a") as file:
        file.write(
            '\n[[time_authorities]]\nurl = "http://127.0.0.1:1/"\ncertificates = "tsa.pem"\n'
        )
    out = tmp_path / "trust.note"
    words = ("party", "trust", "--policy", tmp_path / "policy.txt", "--out")
    done = ask(*words, out, "--time-authority", tmp_path / "more.pem")
    assert done.out == f"{out}: 1 parties and 3 witnesses\n"
    trust = parse_trust(out.read_bytes())
    assert trust.policy == read_policy(policies()[0])
    assert (trust.witnesses, trust.quorum) == ((), 0)
    assert set(trust.authorities) == {read_authority(pem) for pem in authorities()}
    other = tmp_path / "other.note"
    key = SigningKey(name="w.example/w1", key_type=KeyType.COSIGNATURE_V1, seed=b"1" * 32)
    for bad in (
        ("--witness", key.verifier().text()),
        ("--time-authority", tmp_path / "policy.txt"),
        ("--time-authority", tmp_path / "gone.pem"),
    ):
        assert ask(*words, other, *bad).code == ExitCode.USAGE
    (tmp_path / "policy.txt").write_bytes(b"quorum w\n")
    assert ask(*words, other).code == ExitCode.USAGE
    assert not other.exists()


def test_a_witness_of_the_line_joins_the_trust_file(
    node: StandIn, ask: Comity, tmp_path: Path
) -> None:
    node.lists("parties", [])
    node.lists("signing-keys", [])
    key = SigningKey(name="w.example/w1", key_type=KeyType.COSIGNATURE_V1, seed=b"1" * 32)
    words = ("--witness", key.verifier().text())
    assert ask("party", "trust", "--out", tmp_path / "trust.note", *words).code == 0
    assert parse_trust((tmp_path / "trust.note").read_bytes()).witnesses == (key.verifier(),)
    answer = ask("party", "trust", "--out", tmp_path / "other.note", "--witness", "none")
    assert answer.code == ExitCode.USAGE
    assert not (tmp_path / "other.note").exists()
