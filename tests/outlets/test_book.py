"""Outlets of a home: written and read again, secrets apart, nothing that cannot be right."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.model.fault import Malformed, Refused, Untrusted
from comity.model.outlet import (
    GROUPS,
    WARNING_KINDS,
    Details,
    Group,
    Mail,
    Outlet,
    Tls,
    Webhook,
    wanted,
)
from comity.outlets.book import (
    add_outlet,
    authority_path,
    checked_webhook_secret,
    password_from,
    read_outlets,
    remove_outlet,
    secret_of,
    signing_key_of,
)
from tests.intake.table import in_memory
from tests.model.saying_no import says_no
from tests.outlets.samples import KEY, SECRET, mail, night, pager
from tests.wire.test_reference_pages import ROW, page

HOOK = "[[outlets]]\nname='x'\nchannel='webhook'\nurl='https://a.example/'\ndetails='least'"
KINDS = st.lists(
    st.sampled_from(sorted({"floor", "X", "KC", *GROUPS, *WARNING_KINDS})),
    min_size=1,
    max_size=9,
    unique=True,
)
TARGETS = st.one_of(
    st.builds(
        Mail,
        to=st.just("duty.officer+night@alpha.example"),
        sender=st.just("comity@alpha.example"),
        host=st.sampled_from(["mail.alpha.example", "127.0.0.1", "::1"]),
        port=st.integers(1, 65_535),
        tls=st.sampled_from([Tls.TLS, Tls.STARTTLS]),
        user=st.none() | st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1),
    ),
    st.builds(
        Webhook,
        url=st.sampled_from(
            ["https://alerts.alpha.example/T0/B0?x=1", "http://localhost:8080/", "http://[::1]:1/"]
        ),
    ),
)
OUTLETS = st.builds(
    Outlet,
    name=st.from_regex(r"[a-z0-9][a-z0-9-]{0,31}", fullmatch=True),
    target=TARGETS,
    on=KINDS.map(tuple),
    details=st.sampled_from(Details),
    role=st.none() | st.just("duty-officer"),
    authority=st.booleans(),
)


def made(folder: Path) -> Path:
    (folder / "keys").mkdir(exist_ok=True)
    return folder


@settings(max_examples=30)
@given(found=st.lists(OUTLETS, max_size=3, unique_by=lambda each: each.name))
def test_what_is_written_is_read_again(found: list[Outlet]) -> None:
    with in_memory() as folder:
        home = made(folder)
        for outlet in found:
            add_outlet(home, outlet, secret=b"secret of " + outlet.name.encode())
        assert read_outlets(home) == tuple(found)
        for outlet in found:
            assert secret_of(home, outlet) == b"secret of " + outlet.name.encode()
            remove_outlet(home, outlet.name)
        assert read_outlets(home) == ()
        assert [*(home / "keys").iterdir()] == []


def test_secrets_lie_apart_and_nobody_else_reads_any_of_it(tmp_path: Path) -> None:
    home = made(tmp_path)
    add_outlet(home, pager(authority=True), secret=SECRET.encode(), authority=b"pem")
    files = [home / "outlets.toml", home / "keys/outlet-pager.key", authority_path(home, "pager")]
    assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o600] * 3
    assert SECRET not in files[0].read_text()
    files[0].chmod(0o644)
    with says_no("key_file_mode", Untrusted):
        read_outlets(home)


def test_a_name_is_taken_once_and_there_are_not_too_many(tmp_path: Path) -> None:
    home = made(tmp_path)
    for number in range(16):
        add_outlet(home, night(name=f"night-{number}"), secret=None)
    with says_no("outlet_exists", Refused):
        add_outlet(home, night(name="night-3"), secret=None)
    with says_no("too_many_outlets", Refused):
        add_outlet(home, night(name="more"), secret=None)
    with says_no("no_such_outlet", Refused):
        remove_outlet(home, "more")
    assert len(read_outlets(home)) == 16


@pytest.mark.parametrize(
    ("code", "make"),
    [
        ("plain_outlet", lambda: mail(25, host="mail.alpha.example")),
        ("plain_outlet", lambda: mail(25, host="192.0.2.1")),
        ("plain_outlet", lambda: mail(25, host="localhost.example.org")),
        ("plain_outlet", lambda: Webhook(url="http://alerts.alpha.example/")),
        ("plain_outlet", lambda: Webhook(url="http://192.0.2.1:80/")),
        ("bad_outlet", lambda: Webhook(url="ftp://127.0.0.1/")),
        ("bad_outlet", lambda: Webhook(url="https://user:secret@alerts.alpha.example/")),
        ("bad_outlet", lambda: Webhook(url="https://alerts.alpha.example/\r\nX: y")),
        ("bad_outlet", lambda: Webhook(url="https://[::1/")),
        ("bad_outlet", lambda: Webhook(url="https:///path")),
        ("bad_outlet", lambda: mail(25, to="duty@alpha.example\r\nBcc: all@alpha.example")),
        ("bad_outlet", lambda: mail(25, to="duty")),
        ("bad_outlet", lambda: mail(25, sender="<>")),
        ("bad_outlet", lambda: mail(0)),
        ("bad_outlet", lambda: mail(25, user="one\ntwo")),
        ("bad_outlet", lambda: night(name="Night")),
        ("bad_outlet", lambda: night(name="../night")),
        ("bad_outlet", lambda: night(on=())),
        ("bad_outlet", lambda: night(on=("unit_not_reachd",))),
        ("bad_outlet", lambda: night(on=("floor", "floor"))),
        ("bad_outlet", lambda: night(role="Duty Officer")),
    ],
)
def test_what_cannot_be_right_is_refused_by_name(code: str, make: object) -> None:
    assert callable(make)
    with says_no(code, Malformed):
        make()


def test_the_same_with_loopback_or_tls_is_taken() -> None:
    """The control of the test above."""
    assert mail(25, host="localhost").tls is Tls.NONE
    assert mail(465, host="mail.alpha.example", tls=Tls.TLS).place == "duty@alpha.example"
    hook = Webhook(url="https://alerts.alpha.example:8443/T000/B000?token=secret")
    assert hook.place == "https://alerts.alpha.example:8443"  # the path may be a secret


@pytest.mark.parametrize(
    "text",
    [
        "outlets = 3",
        "[[outlets]]\nname = 'x'",
        "[[outlets]]\nname = 'x'\nchannel = 'pigeon'",
        "not toml at all",
        "more = 1",
        f"{HOOK}\non=['floor']\nspeed=1",
        f"{HOOK}\non='floor'",
        f"{HOOK}\non=['floor', 3]",
    ],
)
def test_a_file_that_was_edited_wrongly_stops_the_start_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "outlets.toml"
    path.write_text(text)
    path.chmod(0o600)
    with says_no("bad_outlet", Malformed):
        read_outlets(tmp_path)


def test_the_same_file_put_right_is_read(tmp_path: Path) -> None:
    """The control of the test above."""
    path = tmp_path / "outlets.toml"
    path.write_text(f"{HOOK}\non=['floor']")
    path.chmod(0o600)
    assert [outlet.name for outlet in read_outlets(tmp_path)] == ["x"]


def test_a_webhooks_secret_is_kept_in_one_form() -> None:
    for given_as in (SECRET, SECRET.removeprefix("whsec_"), f"{SECRET}\n"):
        kept = checked_webhook_secret(given_as.encode())
        assert kept == f"{SECRET}\n".encode()
        assert signing_key_of(kept) == KEY


def test_a_password_is_one_line() -> None:
    assert password_from(b"correct horse\r\n") == b"correct horse"
    for wrong in (b"", b"\n", b"one\ntwo\n", b"tab\tbed", b"x" * 2_000):
        with says_no("bad_outlet_secret"):
            password_from(wrong)


def test_every_kind_of_warning_can_be_asked_for() -> None:
    """The list is that of the reference page, which another test holds to the code."""
    table = page("refusals.md").partition("| kind | raised when")[2]
    assert set(ROW.findall(table)) == WARNING_KINDS


@pytest.mark.parametrize(
    ("on", "kind", "group", "floor", "goes"),
    [
        (("floor",), "X", Group.MESSAGE, True, True),
        (("floor",), "Q", Group.MESSAGE, False, False),
        (("warning",), "conflict", Group.WARNING, False, True),
        (("conflict",), "conflict", Group.WARNING, False, True),
        (("conflict",), "unable", Group.WARNING, False, False),
        (("Q",), "Q", Group.MESSAGE, False, True),
        (("message",), "Q", Group.MESSAGE, False, True),
        (("hazard",), "hazard", Group.HAZARD, True, True),
        (("hazard",), "end", Group.END, True, False),
        (("notice",), "notice", Group.NOTICE, False, True),
    ],
)
def test_what_goes_where(
    on: tuple[str, ...], kind: str, group: Group, *, floor: bool, goes: bool
) -> None:
    outlet = night(on=on)
    assert wanted(outlet, kind, group, None, floor=floor) is goes
    assert not wanted(outlet, kind, group, "duty-officer", floor=floor)
    assert wanted(replace(outlet, role="duty-officer"), kind, group, "duty-officer", floor=floor)
