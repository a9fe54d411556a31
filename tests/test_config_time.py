"""What a home's file may say of policies and time-stamp authorities."""

from pathlib import Path

import pytest

from comity.config import Home, read_home
from comity.model.fault import Malformed
from tests.journal.authority import certified
from tests.test_config import WITNESS, make

ROOT = certified("root", ca=True).pem
AUTHORITY = '[[time_authorities]]\nurl = "https://tsa.example:443/tsr"\ncertificates = "tsa.pem"\n'
LISTED = f'[[witnesses]]\nkey = "{WITNESS}"\naddress = "http://127.0.0.1:1"\n'


def read(folder: Path, lines: str, *, policy: str = "", pem: bytes = ROOT) -> Home:
    home = make(folder / "alpha")
    with (home.path / "home.toml").open("a") as file:
        file.write(lines)
    (home.path / "policy.txt").write_text(
        policy or f"witness w {WITNESS} http://127.0.0.1:1\nquorum w\n"
    )
    (home.path / "tsa.pem").write_bytes(pem)
    return read_home(home.path)


def test_the_witnesses_and_the_quorum_are_the_policys(tmp_path: Path) -> None:
    home = read(tmp_path, 'policy = "policy.txt"\n')
    assert [each.key for each in home.witnesses] == [WITNESS]
    assert home.policy is not None
    assert home.quorum == home.policy.quorum


def test_without_a_policy_the_quorum_is_all(tmp_path: Path) -> None:
    home = read(tmp_path, LISTED)
    assert (home.policy, home.quorum.smallest, len(home.quorum.voters)) == (None, 1, 1)


def test_authorities_are_read_with_their_certificates(tmp_path: Path) -> None:
    home = read(tmp_path, f"stamp_every_s = 60\n{AUTHORITY}")
    (authority,) = home.time_authorities
    assert (authority.url, home.stamp_every_s) == ("https://tsa.example:443/tsr", 60)
    assert len(authority.authority.roots) == 1


BAD = {
    "both": f'policy = "policy.txt"\n{LISTED}',
    "no file": 'policy = "gone.txt"\n',
    "policy as a number": "policy = 1\n",
    "too often": f"stamp_every_s = 59\n{AUTHORITY}",
    "an interval as text": f'stamp_every_s = "1h"\n{AUTHORITY}',
    "an interval as yes": f"stamp_every_s = true\n{AUTHORITY}",
    "twice": AUTHORITY * 2,
    "too many": "".join(AUTHORITY.replace("/tsr", f"/{n}") for n in range(4)),
    "plain http": AUTHORITY.replace("https", "http"),
    "no certificates": AUTHORITY.replace("tsa.pem", "gone.pem"),
    "a stray setting": f"{AUTHORITY}nonce = 1\n",
    "a table": '[time_authorities]\nurl = "x"\n',
    "a list of words": 'time_authorities = ["x"]\n',
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_is_refused_and_names_the_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(Malformed, match=r"home\.toml"):
        read(tmp_path, BAD[name])


@pytest.mark.parametrize(
    ("policy", "pem"),
    [
        ("quorum w\n", ROOT),
        (f"witness w {WITNESS}\nquorum w\n", ROOT),  # no address to show heads to
        ("", b"no certificate"),
    ],
)
def test_a_file_that_it_names_is_held_to_its_form(tmp_path: Path, policy: str, pem: bytes) -> None:
    with pytest.raises(Malformed, match=r"home\.toml"):
        read(tmp_path, f'policy = "policy.txt"\n{AUTHORITY}', policy=policy, pem=pem)
