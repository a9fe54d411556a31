"""`comity key rotate, root, revoke, submit, signing`: each step writes a file and says the next."""

from pathlib import Path

import pytest

from comity.cli.exit_codes import ExitCode
from comity.config import Home, key_path, load_identity, read_home
from comity.home import settle_key
from comity.model.fault import Refused
from comity.trust.identity import Role, Roots
from comity.trust.keyfile import read_key
from comity.trust.keys import parse_verifier_key
from comity.trust.lives import KeyLife
from comity.trust.note import parse_note
from comity.trust.statement import open_statement
from comity.web.api.shapes_keys import SigningKeyView, StatementView
from comity.wire.key_v1 import KeyText, RevokeText
from tests.cli.stand_in import Comity, StandIn, as_json
from tests.model.saying_no import says_no

ORIGIN = "alpha.example/comity/2026"


@pytest.fixture
def roots(comity: Comity, tmp_path: Path) -> list[Path]:
    """Three root keys, and the home `rooted` that names them; two decide."""
    files = [tmp_path / f"r{number}.key" for number in range(3)]
    keys: list[str] = []
    for number, file in enumerate(files):
        made = comity("key", "root", "make", f"r{number}", "--origin", ORIGIN, "--out", file)
        assert file.stat().st_mode & 0o777 == 0o600
        keys += ["--root", made.out.strip()]
    place = ("--name", "alpha", "--origin", ORIGIN, "--address", "http://127.0.0.1:1")
    answer = comity("init", tmp_path / "rooted", *place, *keys, "--roots-needed", "2")
    assert answer.code == ExitCode.OK, answer.err
    return files


def lives(home: Home) -> tuple[KeyLife, ...]:
    identity = load_identity(home)
    keys = ((role, identity.key(role)) for role in Role)
    return tuple(KeyLife(role=role, key=key.verifier()) for role, key in keys if key is not None)


def opened(path: Path, home: Home, roots: Roots) -> KeyText | RevokeText:
    return open_statement(path.read_bytes(), home.origin, lives(home), roots)


@pytest.mark.parametrize("role", list(Role))
def test_a_rotation_is_prepared_signed_and_submitted(
    comity: Comity, roots: list[Path], tmp_path: Path, role: Role
) -> None:
    home = read_home(tmp_path / "rooted")
    assert home.roots.needed == 2
    out = tmp_path / "rotate.note"
    said = comity("key", "rotate", role, "--out", out, "--home", home.path)
    assert "nothing has changed yet" in said.out
    assert f"comity key root sign {out}" in said.out
    with says_no("too_few_roots", Refused):
        opened(out, home, home.roots)
    for file in roots[:2]:
        shown = comity("key", "root", "sign", out, "--key", file)
        assert f"another {role} key" in shown.out
        assert comity("key", "root", "sign", out, "--key", file).code == ExitCode.OK  # once
    statement = opened(out, home, home.roots)
    assert isinstance(statement, KeyText)
    assert len(parse_note(out.read_bytes(), size_max=32_768).signatures) == 4
    new = parse_verifier_key(statement.new)
    old = load_identity(home).key(role)
    assert old is not None
    waiting = key_path(home, role, new.key_id.hex())
    assert waiting.stat().st_mode & 0o777 == 0o600
    settle_key(home, role, new)
    settle_key(home, role, new)  # a node may stop and do it again
    assert load_identity(home).key(role) == read_key(key_path(home, role))
    assert read_key(key_path(home, role)).verifier() == new
    assert read_key(key_path(home, role, old.verifier().key_id.hex())) == old


def test_a_lost_key_is_replaced_by_the_roots_alone(
    comity: Comity, roots: list[Path], tmp_path: Path
) -> None:
    home, out = read_home(tmp_path / "rooted"), tmp_path / "lost.note"
    assert comity("key", "rotate", "entry", "--lost", "--out", out, "--home", home.path).code == 0
    for file in roots[1:]:
        assert "said to be lost" in comity("key", "root", "sign", out, "--key", file).out
    assert isinstance(opened(out, home, home.roots), KeyText)


def test_without_roots_the_old_key_decides_alone(ask: Comity, home: Home, tmp_path: Path) -> None:
    out = tmp_path / "rotate.note"
    assert "no root keys" in ask("key", "rotate", "log", "--out", out).out
    assert isinstance(opened(out, home, home.roots), KeyText)
    answer = ask("key", "rotate", "log", "--lost", "--out", tmp_path / "lost.note")
    assert answer.code == ExitCode.REFUSED
    assert "no_roots" in answer.err


def test_a_root_key_signs_for_its_own_party_only(
    comity: Comity, ask: Comity, tmp_path: Path
) -> None:
    out, other = tmp_path / "rotate.note", tmp_path / "other.key"
    ask("key", "rotate", "entry", "--out", out)
    comity("key", "root", "make", "x", "--origin", "bravo.example/c/1", "--out", other)
    answer = comity("key", "root", "sign", out, "--key", other)
    assert "other_key" in answer.err
    before = out.read_bytes()
    assert comity("key", "root", "sign", out, "--key", out).code == ExitCode.NO_PERMISSION
    assert out.read_bytes() == before


def test_submitting_says_what_comes_next(
    node: StandIn, ask: Comity, tmp_path: Path, home: Home
) -> None:
    out = tmp_path / "rotate.note"
    ask("key", "rotate", "log", "--out", out)
    done = as_json(StatementView(role="log", counts_from=7, peers=2))
    node.says("POST", "signing-keys", done, 201)
    said = ask("key", "submit", out).out
    assert "from entry 7 on; 2 peers" in said
    assert "comity witness add-log" in said
    assert 'comity key revoke "' in said
    assert isinstance(node.last.body, dict)
    assert node.last.body["statement"] == out.read_text()
    assert ask("key", "submit", home.path / "home.toml").code == ExitCode.BAD_INPUT


def test_an_earlier_key_is_revoked_by_statement(
    node: StandIn, ask: Comity, home: Home, tmp_path: Path
) -> None:
    identity, out = load_identity(home), tmp_path / "revoke.note"
    old = identity.log.verifier().text()
    rows = [
        SigningKeyView(origin=home.origin, role="log", key=old, start=None, end=9, revoked=None)
    ]
    node.lists("signing-keys", [as_json(row) for row in rows])
    assert "key_in_use" in ask("key", "revoke", old, "--out", out).err
    ask("key", "rotate", "log", "--out", tmp_path / "rotate.note")
    statement = opened(tmp_path / "rotate.note", home, home.roots)
    assert isinstance(statement, KeyText)
    settle_key(home, Role.LOG, parse_verifier_key(statement.new))
    assert ask("key", "revoke", old, "--since", "2026-11-20T08:00:00Z", "--out", out).code == 0
    text = parse_note(out.read_bytes()).text
    assert "\nto 9\nsince 1795161600000000\n" in text
    assert ask("key", "revoke", old).code == ExitCode.USAGE
    assert old in ask("key", "signing").out
