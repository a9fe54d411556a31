"""Time stamps made by openssl: what holds, and every way in which one does not."""

import base64
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from comity.journal.timestamp import Authority, check_stamp, question, read_authority, read_stamp
from comity.model.fault import Fault, Malformed, Untrusted
from tests.journal.authority import (
    DAY,
    StampMaker,
    certified,
    make_authority,
    needs_openssl,
)
from tests.model.saying_no import says_no

pytestmark = needs_openssl
TEXT = b"alpha.example/comity/2026\n5\nGqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw=\n"


@pytest.fixture(scope="module")
def maker(tmp_path_factory: pytest.TempPathFactory) -> StampMaker:
    return make_authority(tmp_path_factory.mktemp("tsa"))


def believed(maker: StampMaker) -> Authority:
    return read_authority(maker.root.pem)


def test_a_true_stamp_is_believed_by_its_root(maker: StampMaker) -> None:
    asked, before = question(TEXT), time.time()
    found = check_stamp(maker.answer(asked.data), TEXT, [believed(maker)], asked.nonce)
    assert found.low_s - 1 <= before
    assert found.high_s + 2 >= time.time()
    assert found.high_s - found.low_s == 2  # openssl claims one second of accuracy
    assert found.by == "CN=tsa"


def test_the_exact_certificate_can_be_pinned(maker: StampMaker, tmp_path: Path) -> None:
    asked = question(TEXT)
    answer = maker.answer(asked.data)
    pinned = read_authority(maker.root.pem + maker.signer.pem)
    assert check_stamp(answer, TEXT, [pinned]).by == "CN=tsa"
    twin = certified("tsa", maker.root, stamps=True)  # same root, same name, another key
    other = read_authority(maker.root.pem + twin.pem)
    with pytest.raises(Untrusted, match="certificate"):
        check_stamp(answer, TEXT, [other])
    impostor = StampMaker(tmp_path / "twin", maker.root, twin).answer(asked.data)
    with pytest.raises(Untrusted, match="certificate"):
        check_stamp(impostor, TEXT, [pinned])
    assert (
        check_stamp(impostor, TEXT, [believed(maker)]).by == "CN=tsa"
    )  # the root alone believes both


def test_another_nonce_is_an_answer_to_another_question(maker: StampMaker) -> None:
    answer = maker.answer(question(TEXT).data)
    with pytest.raises(Untrusted, match="Nonce"):
        check_stamp(answer, TEXT, [believed(maker)], question(TEXT).nonce)


@pytest.mark.parametrize("other", [TEXT[:-1], TEXT + b"\n\xe2\x80\x94 alpha AAAA\n", b""])
def test_a_stamp_over_other_bytes_does_not_hold(maker: StampMaker, other: bytes) -> None:
    """Among them the whole note: cosignatures are added later, so only the text is stamped."""
    answer = maker.answer(question(other or b"x").data)
    with pytest.raises(Untrusted, match="Mismatch"):
        check_stamp(answer, TEXT, [believed(maker)])


def test_an_authority_that_may_certify_is_no_stamper(tmp_path: Path) -> None:
    root = certified("root", ca=True, stamps=True)
    answer = StampMaker(tmp_path / "tsa", root, root).answer(question(TEXT).data)
    with pytest.raises(Untrusted, match="may sign certificates"):
        check_stamp(answer, TEXT, [read_authority(root.pem)])


def expired_leaf(folder: Path) -> StampMaker:
    root = certified("root", ca=True)
    return StampMaker(folder, root, certified("tsa", root, stamps=True, ends=-DAY))


def expired_root(folder: Path) -> StampMaker:
    root = certified("root", ca=True, ends=-DAY)
    return StampMaker(folder, root, certified("tsa", root, stamps=True))


@pytest.mark.parametrize("make", [expired_leaf, expired_root])
def test_a_chain_must_be_valid_at_the_time_of_the_stamp(
    tmp_path: Path, make: Callable[[Path], StampMaker]
) -> None:
    made = make(tmp_path / "tsa")
    answer = made.answer(question(TEXT).data)
    with pytest.raises(Untrusted, match="certificates"):
        check_stamp(answer, TEXT, [read_authority(made.root.pem)])


def test_nobody_named_and_others_named_believe_nothing(maker: StampMaker, tmp_path: Path) -> None:
    answer = maker.answer(question(TEXT).data)
    other = make_authority(tmp_path / "other", "tsa")
    for named in ([], [believed(other)]):
        with pytest.raises(Untrusted):
            check_stamp(answer, TEXT, named)
    assert check_stamp(answer, TEXT, [believed(other), believed(maker)]).by == "CN=tsa"


def test_a_refusal_is_no_stamp(maker: StampMaker) -> None:
    sha512 = question(TEXT).data.replace(
        bytes.fromhex("608648016503040201"), bytes.fromhex("608648016503040203")
    )
    with pytest.raises(Malformed):
        read_stamp(maker.answer(sha512))


def test_whatever_is_bent_gives_a_fault_or_the_same_time(maker: StampMaker) -> None:
    """Version numbers and the like are signed by nobody; no bent byte moves the time."""
    answer = maker.answer(question(TEXT).data)
    true, held = check_stamp(answer, TEXT, [believed(maker)]), 0
    for at in range(0, len(answer), 5):
        bent = answer[:at] + bytes([answer[at] ^ 0x41]) + answer[at + 1 :]
        try:
            assert check_stamp(bent, TEXT, [believed(maker)]) == true
            held += 1
        except Fault:
            continue
    assert held < 10
    for bad in (b"", answer[:-1], answer + b"\0", bytes(70_000)):
        with pytest.raises(Malformed):
            read_stamp(bad)


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n", bytes(70_000)])
def test_what_is_no_certificate_is_no_authority(pem: bytes) -> None:
    with pytest.raises(Malformed):
        read_authority(pem)


def test_a_leaf_alone_is_no_authority(maker: StampMaker) -> None:
    with pytest.raises(Malformed):
        read_authority(maker.signer.pem)


@pytest.mark.parametrize(
    ("was", "bent"),
    [
        pytest.param("a003020102", "a003020105", id="version 6"),
        pytest.param("0603551d25", "0603551d13", id="an extension that is there twice"),
    ],
)
def test_a_bent_certificate_is_no_authority(was: str, bent: str) -> None:
    """The library's errors for these are no ValueError."""
    der = certified("root", ca=True, stamps=True).certificate.public_bytes(Encoding.DER)
    changed = der.replace(bytes.fromhex(was), bytes.fromhex(bent))
    assert changed != der
    body = base64.b64encode(changed)
    pem = b"-----BEGIN CERTIFICATE-----\n" + body + b"\n-----END CERTIFICATE-----\n"
    with says_no("bad_certificate"):
        read_authority(pem)
