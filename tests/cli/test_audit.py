"""`comity audit`: 0 for a whole journal, 11 for a damaged one, whether or not its node runs."""

import json
import secrets
from pathlib import Path

import apsw
import pytest

from comity.assembly import open_store
from comity.cli.exit_codes import ExitCode
from comity.cli.main import run
from comity.config import load_identity, read_home
from comity.home import create_home
from comity.journal.pen import Pen, Written
from comity.journal.scribe import Scribe
from comity.storage.store import Transaction
from comity.wire.entry_v1 import EntryType
from comity.wire.fields import text_field

NOW_US = 1_900_000_000_000_000


def write(tx: Transaction, pen: Pen) -> Written:
    del tx
    content = pen.seal((text_field("said", "something"),))
    return pen.write_content(EntryType.CALL, pen.origin, content)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose node has written a little."""
    made = create_home(
        tmp_path / "alpha",
        name="alpha",
        origin="alpha.example/comity/2026",
        address="http://127.0.0.1:7101",
        exercise=None,
        seeds=lambda: secrets.token_bytes(32),
        now_us=NOW_US,
    )
    store = open_store(made.path / "data")
    scribe = Scribe(
        store=store,
        identity=load_identity(read_home(made.path)),
        seeds=lambda: secrets.token_bytes(32),
        witnesses=(),
        on_commit=lambda: None,
        on_fatal=lambda _: None,
    )
    for _ in range(5):
        scribe.submit(write, NOW_US).result(5)
    scribe.close()
    store.close()
    return made.path


def test_a_whole_journal(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "--home", str(home)]) == ExitCode.OK
    out = capsys.readouterr().out
    assert "whole: everything is as it was written" in out
    assert "own signatures" in out


def test_quick_verifies_no_signature(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "--home", str(home), "--quick", "--json"]) == ExitCode.OK
    found = json.loads(capsys.readouterr().out)
    assert found["flaws"] == []
    assert set(found["checked"]) == {"entries", "nodes"}
    assert set(found["per_s"]) == {"hashing"}


def test_a_damaged_journal(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    database = apsw.Connection(str(home / "data/journal.db"))
    database.execute("UPDATE entry SET body=zeroblob(9) WHERE idx=3")
    database.close()
    assert run(["audit", "--home", str(home)]) == ExitCode.DAMAGED
    out = capsys.readouterr().out
    assert "DAMAGED" in out
    assert "entry 3" in out
    assert run(["audit", "--home", str(home), "--json"]) == ExitCode.DAMAGED
    flaws = json.loads(capsys.readouterr().out)["flaws"]
    assert {"where": "entry 3", "what": "its bytes are not those of its leaf"} in flaws


def test_the_keys_of_another_home(home: Path, tmp_path: Path) -> None:
    """Signatures are verified against this home's keys, not against what the journal says."""
    other = create_home(
        tmp_path / "other",
        name="alpha",
        origin="alpha.example/comity/2026",
        address="http://127.0.0.1:7101",
        exercise=None,
        seeds=lambda: secrets.token_bytes(32),
        now_us=NOW_US,
    )
    for name in ("journal.db", "lock.db"):
        (home / "data" / name).rename(other.path / "data" / name)
    assert run(["audit", "--home", str(other.path), "--quick"]) == ExitCode.OK
    assert run(["audit", "--home", str(other.path)]) == ExitCode.DAMAGED


def test_no_journal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "--home", str(tmp_path)]) == ExitCode.USAGE
    assert "no_home" in capsys.readouterr().err
