"""Mail against a real server: what it took, what it refused for good, what is tried again."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.model.outlet import Mail, Tls
from comity.outlets.letter import Letter, letter_of
from comity.outlets.mail import MailTransport
from comity.outlets.outcome import Outcome, Took
from tests.loopback import free_port
from tests.outlets.mail_server import PASSWORD, USER, MailServer
from tests.outlets.samples import AT_US, ID, ORIGIN, certified, mail, night, thing


def letter(port: int = 25) -> Letter:
    return letter_of(night(port), thing(), ID, origin=ORIGIN, made_us=AT_US)


def send(
    to: Mail, password: str | None = None, trust: Path | None = None, deadline_s: float = 10
) -> Outcome:
    """One try."""

    def context() -> ssl.SSLContext:
        return ssl.create_default_context(cafile=trust)

    transport = MailTransport(to, lambda: password, context, deadline_s)
    return asyncio.run(transport.send(letter(), AT_US))


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as found:
        yield found


def test_a_server_takes_it_and_that_is_all_that_is_said(server: MailServer) -> None:
    outcome = send(mail(server.port))
    assert outcome.took is Took.ACCEPTED
    assert outcome.words == "250 2.0.0 taken"
    (taken,) = server.taken
    assert (taken.sender, taken.to) == ("comity@alpha.example", ["duty@alpha.example"])
    assert taken.mail["X-Comity-Id"] == bytes(range(32)).hex()
    assert taken.mail["Message-ID"] == f"<{ID.hex()}@alpha.example>"
    assert taken.mail["Auto-Submitted"] == "auto-generated"


def test_a_second_try_is_the_same_mail(server: MailServer) -> None:
    assert {send(mail(server.port)).took for _ in range(2)} == {Took.ACCEPTED}
    first, second = server.taken
    assert first.data == second.data


@pytest.mark.parametrize(
    ("at", "said", "took"),
    [
        ("to_rcpt", "550 5.1.1 no such mailbox", Took.REFUSED),
        ("to_rcpt", "451 4.7.1 come back later", Took.NOT_NOW),
        ("to_data", "554 5.7.1 not wanted", Took.REFUSED),
        ("to_data", "452 4.3.1 no room", Took.NOT_NOW),
    ],
)
def test_what_a_server_says_of_the_mail_is_final_only_from_500_on(
    server: MailServer, at: str, said: str, took: Took
) -> None:
    getattr(server.door, at).append(said)
    outcome = send(mail(server.port))
    assert (outcome.took, outcome.words) == (took, said)
    assert server.taken == []


def test_nobody_there_is_tried_again() -> None:
    assert send(mail(free_port())).took is Took.NOT_NOW


def test_silence_ends_at_the_deadline(server: MailServer) -> None:
    server.door.hold = threading.Event()
    try:
        outcome = send(mail(server.port), deadline_s=0.3)
    finally:
        server.door.hold.set()
    assert outcome == Outcome(took=Took.NOT_NOW, words="no answer within 0.3 s")


def test_a_password_signs_in_and_stands_in_no_outcome() -> None:
    with MailServer(login=True) as server:
        to = mail(server.port, user=USER)
        assert send(to, PASSWORD).took is Took.ACCEPTED
        wrong = send(to, "wrong horse")
        assert wrong.took is Took.NOT_NOW  # it may be put right; the mail is not at fault
        assert "horse" not in wrong.words
        assert len(server.taken) == 1
        assert PASSWORD.encode() not in server.taken[0].data


def test_tls_is_judged_by_the_named_certificate(tmp_path: Path) -> None:
    context, right = certified(tmp_path)
    _, other = certified(tmp_path, "other")
    with MailServer(starttls=context) as server:
        to = mail(server.port, tls=Tls.STARTTLS)
        assert send(to, trust=right).took is Took.ACCEPTED
        assert send(to, trust=other).took is Took.NOT_NOW
        assert [taken.tls for taken in server.taken] == [True]
    with MailServer(tls=context) as server:
        to = mail(server.port, tls=Tls.TLS)
        assert send(to, trust=right).took is Took.ACCEPTED
        assert send(to, trust=other).took is Took.NOT_NOW
        assert len(server.taken) == 1


def test_nothing_goes_out_in_clear_where_tls_is_asked_for(server: MailServer) -> None:
    """A server, or somebody between, that does not offer it gets neither mail nor password."""
    assert send(mail(server.port, tls=Tls.STARTTLS, user=USER), PASSWORD).took is Took.NOT_NOW
    assert server.taken == []
    assert send(mail(server.port)).took is Took.ACCEPTED  # the control: it takes what comes
