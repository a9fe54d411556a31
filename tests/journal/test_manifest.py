"""One form for a manifest, and nothing in the bundle that it does not name."""

import pytest

from comity.journal.manifest import (
    FILES_MAX,
    MANIFEST_NAME,
    FileLine,
    Manifest,
    Piece,
    bytes_max,
    check_files,
    manifest_of,
    manifest_text,
    parse_manifest,
)
from comity.model.fault import Malformed

FILES = {Piece.RECEIPT: b"receipt", Piece.NOTICE: b"notice", Piece.OPENING: b""}
MANIFEST = manifest_of(bytes(32), 7, FILES)
TEXT = manifest_text(MANIFEST)


def test_what_was_written_is_read() -> None:
    assert parse_manifest(TEXT) == MANIFEST
    assert [line.name for line in MANIFEST.files] == sorted(FILES)
    check_files(MANIFEST, {str(name): data for name, data in FILES.items()})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@v1", "@v2"),
        ("subject ", "about "),
        (" 7\n", " 07\n"),
        (" 7\n", " -7\n"),
        ("file notice.note 6", "file notice.note +6"),
        ("file notice.note", "file NOTICE.note"),
        ("file notice.note", "file receipt.note"),
        ("file notice.note", "file ../x"),
        ("file notice.note", "link notice.note"),
        ("AAA= 7\n", "AAB= 7\n"),
    ],
)
def test_there_is_one_form(old: str, new: str) -> None:
    assert old in TEXT
    with pytest.raises(Malformed):
        parse_manifest(TEXT.replace(old, new, 1))


def test_the_order_is_fixed_and_the_number_bounded() -> None:
    head, subject, *files = TEXT.splitlines(keepends=True)
    for lines in (files[::-1], files * 2, files * FILES_MAX, ["\n", *files]):
        with pytest.raises(Malformed):
            parse_manifest("".join([head, subject, *lines]))
    with pytest.raises(Malformed):
        parse_manifest(TEXT + "x" * 8_192)


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"bind.note": b""}, "extra_file"),
        ({"readme": b""}, "extra_file"),
        ({"notice.note": None}, "missing_file"),
        ({"notice.note": b"Notice"}, "changed_file"),
        ({"notice.note": b"notice "}, "changed_file"),
    ],
)
def test_files_are_held_to_the_manifest(files: dict[str, bytes | None], code: str) -> None:
    there = {MANIFEST_NAME: b"-", **{str(name): data for name, data in FILES.items()}, **files}
    with pytest.raises(Malformed) as caught:
        check_files(MANIFEST, {name: data for name, data in there.items() if data is not None})
    assert caught.value.code == code


def test_every_file_has_a_limit_and_no_other_file_has_a_name() -> None:
    assert all(bytes_max(name) > 0 for name in (MANIFEST_NAME, *Piece))
    with pytest.raises(Malformed):
        bytes_max("notes.txt")


def test_a_manifest_is_checked_however_it_is_made() -> None:
    line = FileLine(name=Piece.NOTICE, length=0, sha256=bytes(32))
    for id_, index, files in ((b"", 0, ()), (bytes(32), -1, ()), (bytes(32), 0, (line, line))):
        with pytest.raises(Malformed):
            Manifest(id=id_, index=index, files=files)
