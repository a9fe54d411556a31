"""Schema v1 of entries: round trips, and no byte of the text that does not count."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.fault import Malformed
from comity.wire.canonical import b64
from comity.wire.entry_v1 import (
    Body,
    ContentBody,
    Entry,
    EntryType,
    EvidenceBody,
    Got,
    KeysBody,
    PeerCheckpointBody,
    ReceiptBody,
    entry_text,
    parse_entry,
)
from comity.wire.limits import CONTENT_LEAVES, ENTRY_BYTES_MAX, REFS_MAX
from tests.model.samples import ID, NOON_US, ids, instants
from tests.model.saying_no import says_no

pytestmark = pytest.mark.timeout(120)  # seconds: the long profile draws 2,000 examples

ALPHA, BRAVO = "alpha.example/comity/2026", "bravo.example/comity/2026"
CONTENT_TYPES = (
    *(EntryType.NOTICE, EntryType.SAFETY, EntryType.AGREEMENT),
    *(EntryType.ANSWER, EntryType.ATTESTATION),
    *(EntryType.CALL, EntryType.CONFLICT, EntryType.PARTY, EntryType.WARNING),
    *(EntryType.KEY, EntryType.REVOKE, EntryType.RESTORED, EntryType.PURGE),
    *(EntryType.REQUEST, EntryType.REPLY, EntryType.REPORT, EntryType.MESSAGE),
    *(EntryType.REGISTER, EntryType.READ, EntryType.HANDOVER),
)

numbers = st.integers(0, 2**63 - 1)
contents = st.builds(ContentBody, root=ids, leaves=st.sampled_from(CONTENT_LEAVES), seed_commit=ids)
receipts = st.builds(
    ReceiptBody,
    given_leaf=ids,
    given_index=numbers,
    peer_size=numbers,
    peer_root=ids,
    got=st.sampled_from(Got),
    taken_us=instants,
    verdict=st.from_regex(r"[a-z0-9_]{1,64}", fullmatch=True),
)
checkpoints = st.builds(
    PeerCheckpointBody, peer=st.just(BRAVO), peer_size=numbers, peer_root=ids, note_hash=ids
)
evidence = st.builds(
    EvidenceBody, kind=st.just("rfc3161"), sha256=ids, length=numbers, size=numbers, root=ids
)
names = st.from_regex(r"[!-~]{1,40}", fullmatch=True)
keys = st.builds(KeysBody, entry_key=names, log_key=names, cosigner_key=names)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    kind, body = draw(
        st.one_of(
            st.tuples(st.sampled_from(CONTENT_TYPES), contents),
            st.tuples(st.just(EntryType.RECEIPT), receipts),
            st.tuples(st.just(EntryType.PEER_CHECKPOINT), checkpoints),
            st.tuples(st.just(EntryType.KEYS), keys),
            st.tuples(st.just(EntryType.EVIDENCE), evidence),
        )
    )
    mark = draw(st.sampled_from(("", "/exercise/latakia-1")))
    seq = draw(st.integers(0, 9) | numbers)
    return Entry(
        type=kind,
        sender=ALPHA + mark,
        audience=draw(st.sampled_from((ALPHA, BRAVO))) + mark,
        seq=seq,
        prev=draw(ids) if seq else None,
        issued_us=draw(instants),
        beacon=draw(st.none() | ids),
        body=body,
        clock_unsure=draw(st.booleans()),
        refs=tuple(draw(st.lists(ids, max_size=REFS_MAX))),
    )


@given(entries())
def test_entries_round_trip(entry: Entry) -> None:
    text = entry_text(entry)
    assert parse_entry(text) == entry
    assert text.isascii()
    assert len(text) < ENTRY_BYTES_MAX


@given(entries(), st.data())
def test_a_changed_byte_is_another_canonical_entry_or_none(
    entry: Entry, data: st.DataObject
) -> None:
    good = entry_text(entry).encode()
    changed = bytearray(good)
    changed[data.draw(st.integers(0, len(good) - 1))] ^= data.draw(st.integers(1, 255))
    with suppress(Malformed, UnicodeDecodeError):
        text = changed.decode("utf-8")
        found = parse_entry(text)
        assert found != entry
        assert entry_text(found) == text


@given(entries(), st.data())
def test_a_byte_more_or_less_is_another_canonical_entry_or_none(
    entry: Entry, data: st.DataObject
) -> None:
    good = entry_text(entry)
    at = data.draw(st.integers(0, len(good) - 1))
    put = data.draw(st.sampled_from(("", " ", "\n", "0", "\r", "\t", "=", "\x00", "\u2028")))
    text = good[:at] + put + good[at + 1 if not put else at :]
    with suppress(Malformed):
        found = parse_entry(text)
        assert found != entry
        assert entry_text(found) == text


@given(entries(), st.data())
def test_lines_have_one_order(entry: Entry, data: st.DataObject) -> None:
    lines = entry_text(entry)[:-1].split("\n")
    one, other = data.draw(st.sampled_from([(i, i + 1) for i in range(len(lines) - 1)]))
    if lines[one].split(" ")[0] == lines[other].split(" ")[0]:
        return  # two references: their order is what is said
    lines[one], lines[other] = lines[other], lines[one]
    with pytest.raises(Malformed):
        parse_entry("\n".join(lines) + "\n")


@given(entries(), st.data())
def test_no_line_can_be_left_out_or_said_twice(entry: Entry, data: st.DataObject) -> None:
    lines = entry_text(entry)[:-1].split("\n")
    at = data.draw(st.integers(0, len(lines) - 1 - len(entry.refs)))
    twice, without = [*lines[: at + 1], *lines[at:]], [*lines[:at], *lines[at + 1 :]]
    for changed in (twice,) if lines[at] == "label clock-unsure" else (twice, without):
        with pytest.raises(Malformed):
            parse_entry("\n".join(changed) + "\n")


@given(st.text(max_size=300))
def test_any_text_is_an_entry_or_malformed(text: str) -> None:
    for each in (text, f"comity/notice@v1\nfrom {text}", f"comity/{text}@v1\n"):
        with suppress(Malformed):
            assert entry_text(parse_entry(each)) == each


BODY = ContentBody(root=ID, leaves=8, seed_commit=ID)
NOTICE = Entry(
    type=EntryType.NOTICE,
    sender=ALPHA,
    audience=BRAVO,
    seq=0,
    prev=None,
    issued_us=NOON_US,
    beacon=None,
    body=BODY,
)
RECEIPT = replace(
    NOTICE,
    type=EntryType.RECEIPT,
    body=ReceiptBody(
        given_leaf=ID,
        given_index=1,
        peer_size=2,
        peer_root=ID,
        got=Got.FULL,
        taken_us=NOON_US,
        verdict="accepted",
    ),
)


def test_the_text_of_a_notice() -> None:
    assert entry_text(replace(NOTICE, refs=(ID,))) == (
        "comity/notice@v1\n"
        f"from {ALPHA}\n"
        f"to {BRAVO}\n"
        "seq 0\n"
        "prev -\n"
        f"issued {NOON_US}\n"
        "beacon -\n"
        f"content-root {b64(ID)}\n"
        "content-leaves 8\n"
        f"content-seed-commit {b64(ID)}\n"
        f"ref {b64(ID)}\n"
    )


def changed(entry: Entry, old: str, new: str) -> str:
    text = entry_text(entry)
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_entry"),
        ("\n", "bad_entry"),
        (entry_text(NOTICE)[:-1], "bad_entry"),
        (changed(NOTICE, "notice@v1", "notice@v2"), "bad_entry"),
        (changed(NOTICE, "notice@v1", "claim@v1"), "bad_entry"),
        (changed(NOTICE, "comity/", "community/"), "bad_entry"),
        (changed(NOTICE, f"from {ALPHA}", "from alpha"), "bad_origin"),
        (changed(NOTICE, "seq 0", "seq 1"), "bad_chain"),
        (changed(NOTICE, "prev -", f"prev {b64(ID)}"), "bad_chain"),
        (changed(NOTICE, "seq 0", "seq 00"), "bad_number"),
        (changed(NOTICE, f"issued {NOON_US}", "issued 1790078400"), "bad_time"),
        (changed(NOTICE, "leaves 8", "leaves 16"), "bad_entry"),
        (changed(NOTICE, "leaves 8", "leaves 8\nlabel exercise"), "bad_entry"),
        (changed(NOTICE, b64(ID), b64(ID[1:])), "bad_hash"),
        (changed(NOTICE, b64(ID), b64(ID)[:-2] + "9="), "bad_base64"),
        (changed(NOTICE, f"to {BRAVO}", f"to {BRAVO}/exercise/x"), "exercise_mismatch"),
        (entry_text(NOTICE) + "ct 1\n", "bad_entry"),
        (entry_text(NOTICE) + f"ref {b64(ID)}\n" * (REFS_MAX + 1), "bad_entry"),
        (changed(RECEIPT, "got full", "got partial"), "bad_entry"),
        (changed(RECEIPT, "verdict accepted", "verdict Accepted"), "bad_entry"),
        (changed(RECEIPT, "verdict accepted", "verdict " + "a" * 65), "bad_entry"),
        (changed(RECEIPT, "verdict accepted", "verdict "), "bad_entry"),
        (changed(RECEIPT, "receipt@v1", "notice@v1"), "bad_entry"),
        ("x" * (ENTRY_BYTES_MAX + 1), "too_large"),
    ],
)
def test_other_texts_are_refused_by_code(text: str, code: str) -> None:
    with says_no(code):
        parse_entry(text)


def test_an_unsure_clock_is_marked_after_an_exercise() -> None:
    both = entry_text(
        replace(
            NOTICE,
            sender=f"{ALPHA}/exercise/x",
            audience=f"{BRAVO}/exercise/x",
            clock_unsure=True,
        )
    )
    assert both.splitlines()[-2:] == ["label exercise", "label clock-unsure"]
    assert parse_entry(both).clock_unsure
    alone = entry_text(replace(NOTICE, clock_unsure=True))
    for broken in (
        both.replace("exercise\nlabel clock-unsure", "clock-unsure\nlabel exercise"),
        alone + "label clock-unsure\n",
        alone.replace("clock-unsure", "clock-sure"),
    ):
        with says_no("bad_entry"):
            parse_entry(broken)


def test_an_exercise_is_marked_and_nothing_else_is() -> None:
    drill = replace(NOTICE, sender=f"{ALPHA}/exercise/x", audience=f"{BRAVO}/exercise/x")
    text = entry_text(drill)
    assert (drill.exercise, NOTICE.exercise) == ("x", None)
    assert text.splitlines()[-1] == "label exercise"
    for broken in (
        text.removesuffix("label exercise\n"),
        text.replace("label exercise", "label live"),
        entry_text(NOTICE) + "label exercise\n",
    ):
        with says_no("bad_entry"):
            parse_entry(broken)


@pytest.mark.parametrize(
    "build",
    [
        lambda: replace(NOTICE, refs=(ID,) * (REFS_MAX + 1)),
        lambda: replace(NOTICE, seq=1),
        lambda: replace(NOTICE, prev=ID),
        lambda: replace(NOTICE, audience=f"{BRAVO}/exercise/x"),
        lambda: replace(NOTICE, issued_us=0),
        lambda: replace(NOTICE, sender="nobody"),
    ],
)
def test_an_entry_that_cannot_be_is_not_built(build: Callable[[], Entry]) -> None:
    with pytest.raises(Malformed):
        build()


@pytest.mark.parametrize("body", [BODY, RECEIPT.body])
def test_each_type_has_its_body(body: Body) -> None:
    for kind in EntryType:
        text = entry_text(replace(NOTICE, type=kind, body=body))
        fits = kind in CONTENT_TYPES if body is BODY else kind is EntryType.RECEIPT
        if fits:
            assert parse_entry(text).body == body
        else:
            with says_no("bad_entry"):
                parse_entry(text)
