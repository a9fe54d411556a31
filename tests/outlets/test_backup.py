"""A backup carries the outlets; their secrets only where keys go along, sealed if they are."""

import secrets
from pathlib import Path

import pytest

from comity.assembly import DATABASE
from comity.outlets.book import add_outlet, authority_path, read_outlets, secret_of
from comity.upkeep.backup import Passphrase, back_up
from comity.upkeep.restore import restore
from tests.outlets.samples import SECRET, night, pager
from tests.upkeep.homes import NOW_US, lived_in

WORDS = "correct horse battery staple"


@pytest.mark.parametrize("keys", ["none", "plain", "sealed"])
def test_outlets_come_back(tmp_path: Path, keys: str) -> None:
    home = lived_in(tmp_path / "alpha", entries=2)
    outlets = (night(), pager(authority=True))
    add_outlet(home.path, outlets[0], secret=None)
    add_outlet(home.path, outlets[1], secret=SECRET.encode(), authority=b"pem")
    asked = Passphrase(text=WORDS) if keys == "sealed" else keys
    target, again = tmp_path / "backup", tmp_path / "again"
    back_up(DATABASE, home, target, now_us=NOW_US, keys=asked, chance=secrets.token_bytes)  # type: ignore[arg-type]
    found = [path for path in target.rglob("*") if path.is_file()]
    assert any(SECRET.encode() in path.read_bytes() for path in found) is (keys == "plain")
    restore(DATABASE, target, again, passphrase=WORDS if keys == "sealed" else None)
    assert read_outlets(again) == outlets
    assert authority_path(again, "pager").read_bytes() == b"pem"
    if keys == "none":
        assert not (again / "keys/outlet-pager.key").exists()
    else:
        assert secret_of(again, outlets[1]) == SECRET.encode()
