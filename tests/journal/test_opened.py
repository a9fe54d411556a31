"""What an opening shows of a content: fields where the content lists them, and the notice."""

import pytest

from comity.journal.content import Disclosure
from comity.journal.manifest import Piece
from comity.journal.merkle import leaf_hash, tree_inclusion, tree_root
from comity.journal.opening import disclose_all, opening_text
from comity.journal.report import Level, Outcome, Standing
from comity.journal.verify import verify_bundle
from comity.wire.entry_v1 import ContentBody, EntryType
from comity.wire.fields import Field, FieldType, field_bytes, int_field, text_field
from tests.journal.handmade import SEED, made, trust_of

TRUST = trust_of()


def test_one_field_can_be_withheld_and_the_others_hold() -> None:
    bundle = made()
    shown = [each for each in disclose_all(bundle.fields, SEED) if each.path != "name"]
    files = bundle.sealed({Piece.OPENING: opening_text(shown).encode()})
    report = verify_bundle(files, TRUST)
    assert report.outcome is Outcome.PROVEN
    assert report.opened is not None
    assert report.opened.withheld == ("name",)
    assert report.opened.notice is None
    assert b"PEGASUS" not in b"".join(files.values())


def test_a_field_of_another_content_fails() -> None:
    bundle = made()
    false = tuple(
        text_field("name", "OTHER") if each.path == "name" else each for each in bundle.fields
    )
    files = bundle.sealed({Piece.OPENING: opening_text(disclose_all(false, SEED)).encode()})
    report = verify_bundle(files, TRUST)
    assert report.outcome is Outcome.NOT_PROVEN
    standings = {claim.level: claim.standing for claim in report.claims}
    assert standings[Level.OPENED] is Standing.FAILED


def hand_content(listed: bytes, path: str) -> tuple[ContentBody, bytes]:
    """A content whose leaf 0 lists what it likes, with one field; and its opening."""
    values = [("", listed), (path, b"x"), *(("pad", b"") for _ in range(6))]
    salts = [bytes([i]) * 32 for i in range(8)]
    leaves = [
        leaf_hash(field_bytes(salt, *value)) for salt, value in zip(salts, values, strict=True)
    ]
    shown = [
        Disclosure(
            index=i,
            path=values[i][0],
            salt=salts[i],
            value=values[i][1],
            hashes=tree_inclusion(leaves, i),
        )
        for i in range(2)
    ]
    body = ContentBody(root=tree_root(leaves), leaves=8, seed_commit=bytes(32))
    return body, opening_text(shown).encode()


@pytest.mark.parametrize(
    ("listed", "path", "outcome"),
    [
        (b"words text\n", "words", Outcome.PROVEN),
        (b"words text\n", "other", Outcome.NOT_PROVEN),
        (b"words text\nwords text\n", "words", Outcome.BAD_INPUT),
        (b"words text", "words", Outcome.BAD_INPUT),
        (b"words float\n", "words", Outcome.BAD_INPUT),
        (b"words i64\n", "words", Outcome.BAD_INPUT),
        (b"w text\n" * 8, "w", Outcome.BAD_INPUT),
        (b"w\xff text\n", "w", Outcome.BAD_INPUT),
        (b"", "words", Outcome.BAD_INPUT),
    ],
)
def test_a_field_must_stand_where_the_content_lists_it(
    listed: bytes, path: str, outcome: Outcome
) -> None:
    body, opening = hand_content(listed, path)
    bundle = made(content=body, kind=EntryType.ANSWER)
    assert verify_bundle(bundle.sealed({Piece.OPENING: opening}), TRUST).outcome is outcome


def test_a_content_that_is_no_notice_is_shown_field_by_field() -> None:
    fields = (text_field("code", "N1"), int_field("surprise", 7))
    report = verify_bundle(made(fields=fields).sealed(), TRUST)
    assert report.outcome is Outcome.PROVEN
    assert report.opened is not None
    assert (report.opened.notice, report.opened.fields) == (None, fields)
    assert report.opened.fault


def test_other_types_of_entry_are_not_read_as_notices() -> None:
    fields = (text_field("words", "heard you"),)
    report = verify_bundle(made(fields=fields, kind=EntryType.ANSWER).sealed(), TRUST)
    assert report.outcome is Outcome.PROVEN
    assert report.opened is not None
    assert (report.opened.notice, report.opened.fault) == (None, None)


def test_an_empty_value_is_shown() -> None:
    fields = (Field(path="blob", type=FieldType.TEXT, value=b""),)
    report = verify_bundle(made(fields=fields, kind=EntryType.CALL).sealed(), TRUST)
    assert report.opened is not None
    assert report.opened.fields == fields
