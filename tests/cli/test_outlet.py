"""`comity outlet`: what is typed is kept, secrets stay in their files, wrong ones are refused."""

import json
import stat
from pathlib import Path

import pytest

from comity.cli.exit_codes import ExitCode
from comity.config import Home
from comity.outlets.book import read_outlets, secret_of, signing_key_of
from comity.web.api.shapes_dispatches import DispatchView
from comity.wire.canonical import Json
from tests.cli.stand_in import NOTICE, PEER, Comity, StandIn, as_json
from tests.loopback import free_port
from tests.outlets.samples import KEY, SECRET, certified

PASSWORD = "correct horse"  # noqa: S105 - a test's
MAIL = ("outlet", "add", "mail", "night", "--to", "duty@alpha.example")
SERVER = ("--server", "mail.alpha.example:587")


def dispatch(**changes: object) -> Json:
    whole: dict[str, object] = {
        "id": "ab" * 32,
        "outlet": "night",
        "kind": "unit_not_reached",
        "of": "cd" * 32,
        "about": NOTICE,
        "party": PEER,
        "floor": True,
        "at": "2030-01-01T10:00:00Z",
        "state": "accepted",
        "attempts": 2,
        "next": None,
        "answer": "250 2.0.0 taken",
        "done": "2030-01-01T10:00:07Z",
    }
    return as_json(DispatchView(**(whole | changes)))  # type: ignore[arg-type]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    (tmp_path / "secret").write_text(SECRET)
    return tmp_path


def test_a_mailbox_is_kept_with_its_password_apart(ask: Comity, home: Home, files: Path) -> None:
    words = ("--user", "comity", "--password-file", files / "password", "--on", "floor")
    answer = ask(*MAIL, *SERVER, *words, "--on", "X", "--details", "full", "--role", "duty-officer")
    assert answer.code == 0, answer.err
    assert "from its next start on" in answer.out
    (outlet,) = read_outlets(home.path)
    assert (outlet.name, outlet.on, outlet.details, outlet.role) == (
        *("night", ("floor", "X"), "full", "duty-officer"),
    )
    assert secret_of(home.path, outlet) == PASSWORD.encode()
    assert stat.S_IMODE((home.path / "keys/outlet-night.key").stat().st_mode) == 0o600
    shown = ask("outlet", "show", "night", "--json").json()
    assert shown == {
        "name": "night",
        "channel": "mail",
        "to": "duty@alpha.example",
        "from": "comity@alpha.example",
        "server": "mail.alpha.example:587",
        "tls": "starttls",
        "user": "comity",
        "on": ["floor", "X"],
        "details": "full",
        "role": "duty-officer",
    }
    listed = ask("outlet", "list")
    assert "duty@alpha.example" in listed.out
    assert PASSWORD not in listed.out + answer.out + (home.path / "outlets.toml").read_text()
    assert ask("outlet", "remove", "night").code == 0
    assert read_outlets(home.path) == ()
    assert not (home.path / "keys/outlet-night.key").exists()


def test_a_webhook_is_shown_by_its_host_alone(ask: Comity, home: Home, files: Path) -> None:
    url = "https://alerts.alpha.example/T0-token"
    _, pem = certified(files)
    words = ("--url", url, "--secret-file", files / "secret", "--authority", pem)
    answer = ask("outlet", "add", "webhook", "pager", *words)
    assert answer.code == 0, answer.err
    (outlet,) = read_outlets(home.path)
    assert outlet.on == ("floor", "warning")
    assert signing_key_of(secret_of(home.path, outlet)) == KEY
    assert outlet.authority
    assert (home.path / "outlet-pager.pem").read_bytes() == pem.read_bytes()
    for said in (answer, ask("outlet", "show", "pager"), ask("outlet", "list", "--json")):
        assert "T0-token" not in said.out
        assert SECRET not in said.out
        assert "https://alerts.alpha.example" in said.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((*MAIL, "--server", "mail.alpha.example:25", "--tls", "none"), "plain_outlet"),
        ((*MAIL, *SERVER, "--on", "unit_not_reachd"), "bad_outlet"),
        ((*MAIL, *SERVER, "--on", "ZZ"), "unknown_code"),
        ((*MAIL, *SERVER, "--from", "nobody"), "bad_outlet"),
        ((*MAIL, "--server", "mail.alpha.example"), "usage"),
        ((*MAIL, *SERVER, "--user", "comity"), "usage"),
        ((*MAIL, *SERVER, "--authority", "/dev/null"), "malformed"),
        (("outlet", "remove", "night"), "no_such_outlet"),
        (("outlet", "show", "night"), "no_such_outlet"),
        (("outlet", "test", "night"), "no_such_outlet"),
        (("outlet", "sent", "--about", "xyz"), "malformed"),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_nothing_is_kept(
    ask: Comity, home: Home, words: tuple[str, ...], code: str
) -> None:
    answer = ask(*words, "--json")
    assert answer.code != 0
    assert json.loads(answer.err)["code"] == code
    assert read_outlets(home.path) == ()
    assert not (home.path / "keys/outlet-night.key").exists()


def test_plain_http_beyond_loopback_is_refused(ask: Comity, files: Path) -> None:
    words = ("outlet", "add", "webhook", "pager", "--secret-file", files / "secret", "--json")
    answer = ask(*words, "--url", "http://alerts.alpha.example/")
    assert json.loads(answer.err)["code"] == "plain_outlet"
    assert ask(*words, "--url", "http://127.0.0.1:8080/").code == 0


def test_a_test_that_is_not_taken_says_so(ask: Comity) -> None:
    server = f"127.0.0.1:{free_port()}"
    assert ask(*MAIL, "--server", server, "--tls", "none").code == 0
    answer = ask("outlet", "test", "night", "--json")
    assert answer.code == ExitCode.NOT_REACHED
    said = json.loads(answer.err)
    assert said["code"] == "not_taken"
    assert said["why"].startswith(f"night: {server}: ")
    assert said["why"].endswith("(Connection refused)")


def test_what_was_sent_is_shown_for_what_it_proves(ask: Comity, node: StandIn) -> None:
    node.says("GET", "dispatches?limit=50", {"items": [dispatch()], "next": None})
    out = ask("outlet", "sent").out
    assert "250 2.0.0 taken" in out
    assert "nothing says that it arrived in a mailbox or that a person has seen it" in out
    assert "delivered" not in out


def test_what_was_sent_about_one_thing_is_found_by_its_first_digits(
    ask: Comity, node: StandIn
) -> None:
    other = dispatch(about="12" * 32, of="34" * 32)
    node.lists("dispatches", [dispatch(), other])
    node.lists(f"dispatches?about={NOTICE}", [dispatch()])
    for digits in (NOTICE[:12], NOTICE, "cd" * 4):
        found = ask("outlet", "sent", "--about", digits, "--json").json()
        assert found == [dispatch()]
