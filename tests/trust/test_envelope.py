"""Envelopes: who speaks, to whom, when, around which bytes; and nothing else passes."""

from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.model.fault import Malformed, Untrusted
from comity.trust.card import card_note, open_card
from comity.trust.envelope import (
    Verified,
    check_time,
    open_entry,
    open_transport,
    seal_own,
    seal_transport,
)
from comity.trust.keys import SigningKey
from comity.trust.note import Note, parse_note, serialise, sign_note
from comity.trust.roster import Roster, peer_of
from comity.wire.canonical import b64, sha256
from comity.wire.entry_v1 import ContentBody, Entry, EntryType, entry_text
from comity.wire.limits import (
    CLOCK_SKEW_US_MAX,
    ENTRY_BYTES_MAX,
    ENVELOPE_AGE_US_MAX,
    NOTICE_AGE_US_MAX,
)
from tests.intake.table import identity_of, origin_of
from tests.model.samples import ID, NOON_US
from tests.model.saying_no import says_no

ALPHA, BRAVO, HOST = (origin_of(name) for name in ("alpha", "bravo", "host"))
A, B = identity_of(ALPHA), identity_of(BRAVO)
PATH, BODY = "/exchange/v1/give", b'{"entry":""}'


def roster(own: str, *peers: str) -> Roster:
    found = Roster(own=own, peers=MappingProxyType({}))
    for origin in peers:
        card = card_note(identity_of(origin), "http://127.0.0.1:7101", b"")
        found = found.with_peer(peer_of(open_card(card)))
    return found


AT_BRAVO = roster(BRAVO, ALPHA)
NOTICE = Entry(
    type=EntryType.NOTICE,
    sender=ALPHA,
    audience=BRAVO,
    seq=0,
    prev=None,
    issued_us=NOON_US,
    beacon=None,
    body=ContentBody(root=ID, leaves=8, seed_commit=ID),
)


def note(entry: Entry, key: SigningKey = A.entry) -> bytes:
    return serialise(sign_note(entry_text(entry), key))


# --- entries -------------------------------------------------------------------------------------


def test_a_peers_entry_is_verified() -> None:
    found = open_entry(note(NOTICE), AT_BRAVO)
    assert (found.by, found.value) == (ALPHA, NOTICE)


def test_strangers_are_not_heard() -> None:
    with says_no("stranger", Untrusted):
        open_entry(note(NOTICE), roster(BRAVO, HOST))


def test_what_is_for_another_is_not_for_us() -> None:
    for audience in (HOST, ALPHA):
        with says_no("wrong_audience", Untrusted):
            open_entry(note(replace(NOTICE, audience=audience)), AT_BRAVO)


@pytest.mark.parametrize("key", [B.entry, A.log, identity_of(HOST).entry])
def test_only_the_senders_entry_key_counts(key: SigningKey) -> None:
    with says_no("not_signed", Untrusted):
        open_entry(note(NOTICE, key), AT_BRAVO)


def test_a_signature_for_another_text_is_false() -> None:
    good, other = parse_note(note(NOTICE)), parse_note(note(replace(NOTICE, issued_us=NOON_US + 1)))
    with says_no("bad_signature", Untrusted):
        open_entry(serialise(Note(text=other.text, signatures=good.signatures)), AT_BRAVO)


def test_a_key_under_a_borrowed_name_is_not_known() -> None:
    borrowed = SigningKey(name=A.entry.name, key_type=A.entry.key_type, seed=B.entry.seed)
    with says_no("not_signed", Untrusted):
        open_entry(note(NOTICE, borrowed), AT_BRAVO)


def test_an_entry_has_one_signature() -> None:
    one = parse_note(note(NOTICE))
    more = sign_note(one.text, B.entry).signatures
    with says_no("bad_entry"):
        open_entry(serialise(Note(text=one.text, signatures=(*one.signatures, *more))), AT_BRAVO)


@given(st.data())
def test_no_byte_of_an_entry_can_be_changed(data: st.DataObject) -> None:
    changed = bytearray(note(NOTICE))
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises((Malformed, Untrusted)):
        open_entry(bytes(changed), AT_BRAVO)


def test_live_and_exercise_do_not_mix() -> None:
    drill = f"{ALPHA}/exercise/x"
    entry = replace(NOTICE, sender=drill, audience=f"{BRAVO}/exercise/x")
    with says_no("stranger", Untrusted):
        open_entry(note(entry, identity_of(drill).entry), AT_BRAVO)
    text = entry_text(NOTICE).replace(f"to {BRAVO}", f"to {BRAVO}/exercise/x")
    with says_no("exercise_mismatch"):
        open_entry(serialise(sign_note(text, A.entry)), AT_BRAVO)


@pytest.mark.parametrize(
    ("age_us", "code"),
    [
        (NOTICE_AGE_US_MAX, None),
        (NOTICE_AGE_US_MAX + 1, "expired"),
        (-CLOCK_SKEW_US_MAX, None),
        (-CLOCK_SKEW_US_MAX - 1, "from_the_future"),
    ],
)
def test_an_entry_has_its_time(age_us: int, code: str | None) -> None:
    assert open_entry(note(NOTICE), AT_BRAVO).by == ALPHA  # whatever its time: a chain goes on
    if code is None:
        check_time(NOON_US, NOON_US + age_us, NOTICE_AGE_US_MAX)
        return
    with says_no(code):
        check_time(NOON_US, NOON_US + age_us, NOTICE_AGE_US_MAX)


def test_an_entry_ends_at_its_limit() -> None:
    with says_no("too_large"):
        open_entry(bytes(ENTRY_BYTES_MAX + 1), AT_BRAVO)


# --- transport -----------------------------------------------------------------------------------


def sealed(now_us: int = NOON_US, key: SigningKey = A.entry) -> bytes:
    return seal_transport(key, ALPHA, BRAVO, PATH, BODY, now_us)


def test_a_request_says_who_sends_it() -> None:
    found = open_transport(sealed(), PATH, BODY, AT_BRAVO, NOON_US)
    assert (found.by, found.value.origin) == (ALPHA, ALPHA)


def test_another_body_path_or_audience_is_refused() -> None:
    with says_no("wrong_body", Untrusted):
        open_transport(sealed(), PATH, BODY + b" ", AT_BRAVO, NOON_US)
    for path in ("/exchange/v1/ack", PATH + "/", ""):
        with says_no("wrong_audience", Untrusted):
            open_transport(sealed(), path, BODY, AT_BRAVO, NOON_US)
    with says_no("wrong_audience", Untrusted):
        open_transport(sealed(), PATH, BODY, roster(HOST, ALPHA), NOON_US)


def test_strangers_and_forgers_are_refused() -> None:
    with says_no("stranger", Untrusted):
        open_transport(sealed(), PATH, BODY, roster(BRAVO, HOST), NOON_US)
    for key in (B.entry, A.log):
        with says_no("stranger", Untrusted):  # who is enrolled is nobody's business
            open_transport(sealed(key=key), PATH, BODY, AT_BRAVO, NOON_US)
    text, other = parse_note(sealed(NOON_US + 1)).text, parse_note(sealed())
    with says_no("stranger", Untrusted):
        forged = serialise(Note(text=text, signatures=other.signatures))
        open_transport(forged, PATH, BODY, AT_BRAVO, NOON_US)


@pytest.mark.parametrize(
    ("age_us", "code"),
    [
        (ENVELOPE_AGE_US_MAX, None),
        (ENVELOPE_AGE_US_MAX + 1, "expired"),
        (-CLOCK_SKEW_US_MAX, None),
        (-CLOCK_SKEW_US_MAX - 1, "from_the_future"),
    ],
)
def test_a_request_does_not_keep(age_us: int, code: str | None) -> None:
    if code is None:
        assert open_transport(sealed(), PATH, BODY, AT_BRAVO, NOON_US + age_us).by == ALPHA
        return
    with says_no(code):
        open_transport(sealed(), PATH, BODY, AT_BRAVO, NOON_US + age_us)


@given(st.data())
def test_no_byte_of_an_envelope_can_be_changed(data: st.DataObject) -> None:
    changed = bytearray(sealed())
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises((Malformed, Untrusted)):
        open_transport(bytes(changed), PATH, BODY, AT_BRAVO, NOON_US)


TEXT = parse_note(sealed()).text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (TEXT.replace("@v1", "@v2"), "bad_envelope"),
        (TEXT + "more 1\n", "bad_envelope"),
        (TEXT.replace(f"to {BRAVO}\n", ""), "bad_envelope"),
        (TEXT.replace("path ", "road "), "bad_envelope"),
        (TEXT.replace("sent ", "sent 0"), "bad_number"),
        (TEXT.replace(b64(sha256(BODY)), b64(BODY)), "bad_hash"),
    ],
)
def test_other_envelopes_are_malformed(text: str, code: str) -> None:
    assert text != TEXT
    with says_no(code):
        open_transport(serialise(sign_note(text, A.entry)), PATH, BODY, AT_BRAVO, NOON_US)


def test_an_envelope_is_small() -> None:
    assert len(sealed()) < 2_048
    with says_no("too_large"):
        open_transport(sealed() + b"x" * 2_048, PATH, BODY, AT_BRAVO, NOON_US)


def test_an_entry_is_no_envelope_and_an_envelope_no_entry() -> None:
    with says_no("bad_envelope"):
        open_transport(note(NOTICE), PATH, BODY, AT_BRAVO, NOON_US)
    with says_no("bad_entry"):
        open_entry(sealed(), AT_BRAVO)


# --- the type itself -----------------------------------------------------------------------------


def test_trust_cannot_be_made_up() -> None:
    with pytest.raises(TypeError):
        Verified(object(), NOTICE, ALPHA)
    with pytest.raises(TypeError):
        Verified(None, NOTICE, ALPHA)


def test_what_is_derived_keeps_its_author() -> None:
    found = open_entry(note(NOTICE), AT_BRAVO).derive("said")
    assert (found.by, found.value) == (ALPHA, "said")
    assert seal_own("ours", BRAVO).by == BRAVO


@pytest.mark.parametrize("age_us_max", [0, 1, 10**12])
def test_time_is_checked_on_both_sides(age_us_max: int) -> None:
    check_time(NOON_US - age_us_max, NOON_US, age_us_max)
    check_time(NOON_US + CLOCK_SKEW_US_MAX, NOON_US, age_us_max)
    with says_no("expired"):
        check_time(NOON_US - age_us_max - 1, NOON_US, age_us_max)
    with says_no("from_the_future"):
        check_time(NOON_US + CLOCK_SKEW_US_MAX + 1, NOON_US, age_us_max)
