"""A hostile peer's contents, times and sizes: what is receipted as refused, and what is not."""

from dataclasses import replace
from pathlib import Path

import pytest

from comity.exchange.messages import encode
from comity.journal.checkpoint import parse_checkpoint
from comity.journal.content import commit_content, open_content, owned_seed
from comity.model.fault import Untrusted
from comity.trust.note import parse_note, signed_by
from comity.wire.canonical import b64, loads, unb64
from comity.wire.entry_v1 import ContentBody
from comity.wire.fields import id_field, int_field, text_field
from comity.wire.notice_v1 import fields_of
from tests.exchange.net import Net, run
from tests.exchange.test_exchange import notice
from tests.exchange.test_hostile import (
    DAY_US,
    Request,
    a_head_of_the_same_size_with_another_root,
    changed,
    entry_of,
    growth_unproven,
    post,
    signed_again,
    true_give,
)

FORBIDDEN = {
    "a forbidden field": ((text_field("target", "x"),), "forbidden_field"),
    "a field by another name": ((text_field("surprise", "x"),), "unknown_field"),
    "a transition of nothing": (
        (
            text_field("code", "A2"),
            id_field("of", bytes(32)),
            int_field("at", 1_795_348_800_000_000),
        ),
        "not_found",
    ),
    "words without an area": (
        fields_of(notice())[:6],
        "no_area",
    ),
}


@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_a_content_that_may_not_be_is_receipted_as_refused(tmp_path: Path, name: str) -> None:
    """A known party's refused entry is on the record: the receipt says why, no desk row exists."""
    extra, code = FORBIDDEN[name]
    fields = (*fields_of(notice()), *extra) if code.endswith("_field") else extra

    async def story(net: Net) -> None:
        message = await true_give(net)
        bravo = net.nodes["bravo"]
        response = await post(net, signed_again(net, message, entry_of(message), fields))
        assert response.status_code == 200
        found = loads(response.content, bytes_max=10**6)
        assert isinstance(found, dict)
        assert f"\nverdict {code}\n" in str(found["receipts"][0]["receipt"])  # type: ignore[index, call-overload]
        assert bravo.read(lambda r: r.sky.live_counts()) == {}

    run(tmp_path, story)


def test_a_content_that_is_not_what_was_committed_to(tmp_path: Path) -> None:
    """The receipt says that nothing could be opened."""

    async def story(net: Net) -> None:
        message = await true_give(net)
        data = bytearray(unb64(message.entries[0].fields))
        data[-1] ^= 1
        response = await post(net, changed(message, fields=b64(bytes(data))))
        found = loads(response.content, bytes_max=10**6)
        assert isinstance(found, dict)
        assert "\ngot nothing\n" in str(found["receipts"][0]["receipt"])  # type: ignore[index, call-overload]
        assert "\nverdict content_mismatch\n" in str(found["receipts"][0]["receipt"])  # type: ignore[index, call-overload]

    run(tmp_path, story)


def test_the_true_entry_commits_to_a_content() -> None:
    """What the attacks above replace."""
    body = commit_content(fields_of(notice()), bytes(32))
    assert isinstance(body, ContentBody)


@pytest.mark.parametrize(("days", "code"), [(1, "from_the_future"), (-40, "expired")])
def test_a_time_that_cannot_be_is_a_verdict_and_the_chain_goes_on(
    tmp_path: Path, days: int, code: str
) -> None:
    """Refused without a receipt it would block everything behind it, a hazard too."""

    async def story(net: Net) -> None:
        message = await true_give(net)
        entry = entry_of(message)
        entry = replace(entry, issued_us=entry.issued_us + days * DAY_US)
        response = await post(net, signed_again(net, message, entry))
        found = loads(response.content, bytes_max=10**6)
        assert isinstance(found, dict)
        assert f"\nverdict {code}\n" in str(found["receipts"][0]["receipt"])  # type: ignore[index, call-overload]
        bravo = net.nodes["bravo"]
        assert bravo.read(lambda r: r.sky.live_counts()) == {}
        end = bravo.read(lambda r: r.journal.chain_end(entry.sender, bravo.origin))
        assert end is not None
        assert end[0] == entry.seq

    run(tmp_path, story)


def test_a_copied_content_is_not_the_copyists(tmp_path: Path) -> None:
    """A recipient knows seed and fields; under its own name they are another content."""

    async def story(net: Net) -> None:
        message = await true_give(net)
        stolen = replace(entry_of(message), sender="carol.example/comity/2026")
        body = stolen.body
        assert isinstance(body, ContentBody)
        seed, data = unb64(message.entries[0].seed), unb64(message.entries[0].fields)
        fields = open_content(body, owned_seed(seed, net.nodes["alpha"].origin), data)
        assert fields == fields_of(notice())
        with pytest.raises(Untrusted):
            open_content(body, owned_seed(seed, stolen.sender), data)

    run(tmp_path, story)


@pytest.mark.parametrize("have", [-1, 2**63, 10**6])
def test_a_size_that_cannot_be_changes_nothing(tmp_path: Path, have: int) -> None:
    """An integer of a peer's must neither end the node nor be answered after an effect."""

    async def story(net: Net) -> None:
        message = await true_give(net)
        bravo = net.nodes["bravo"]
        before = bravo.head.checkpoint
        true = encode(message)
        body = true.replace(f'"have":{message.have}'.encode(), f'"have":{have}'.encode())
        assert body != true
        response = await post(net, Request(body=body))
        assert 400 <= response.status_code < 500
        assert bravo.head.checkpoint == before

    run(tmp_path, story)


def test_a_fork_is_kept_as_evidence_and_shown(tmp_path: Path) -> None:
    """Both signed heads stay, a person is called, the known head stands; twice is kept once."""

    async def story(net: Net) -> None:
        message = await true_give(net)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        before = bravo.read(lambda r: r.post.head(alpha.origin))
        assert before is not None
        for _ in range(2):
            response = await post(net, a_head_of_the_same_size_with_another_root(net, message))
            assert loads(response.content, bytes_max=10**6)["code"] == "inconsistent"  # type: ignore[call-overload, index]
        forks = bravo.read(lambda r: r.post.forks(alpha.origin))
        assert [row.known for row in forks] == [before.note]
        offered = parse_note(forks[0].offered)
        signed_by(offered, alpha.identity.log.verifier())
        assert parse_checkpoint(offered.text).size == before.size
        assert parse_checkpoint(offered.text).root != before.root
        (warning,) = bravo.read(lambda r: r.sky.warnings())
        assert warning.kind == "forked"
        assert "signed two histories" in warning.text
        assert bravo.read(lambda r: r.post.head(alpha.origin)) == before

    run(tmp_path, story)


def test_a_spoilt_proof_accuses_nobody(tmp_path: Path) -> None:
    """A proof carries no signature: heads that fit are no fork when it is changed."""

    async def story(net: Net) -> None:
        message = await true_give(net)
        alpha, bravo = net.nodes["alpha"], net.nodes["bravo"]
        response = await post(net, growth_unproven(net, message))
        assert loads(response.content, bytes_max=10**6)["code"] == "inconsistent"  # type: ignore[call-overload, index]
        (warning,) = bravo.read(lambda r: r.sky.warnings())
        assert "did not prove" in warning.text
        assert "two histories" not in warning.text
        assert len(bravo.read(lambda r: r.post.forks(alpha.origin))) == 1

    run(tmp_path, story)
