"""No edit of a bundle passes: single bytes, cuts, files added, taken, renamed, swapped.

Edits under the old manifest must be refused outright. Edits under a new one, as only the sender
could sign it, must be refused as well, or leave a bundle that claims less and nothing else.
"""

import random
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.journal.manifest import MANIFEST_NAME, Piece
from comity.journal.report import Outcome, Report, Standing
from comity.journal.verify import verify_bundle
from tests.journal.handmade import resealed
from tests.journal.two_nodes import full_sample

SMALL_BYTES = 1_024
NAMES = tuple(sorted(full_sample().files))  # stamps: test_stamped
REFUSED = {Outcome.BAD_INPUT, Outcome.MISBEHAVIOUR, Outcome.NOT_PROVEN}


def edited(data: bytes, chance: random.Random, step: int) -> Iterator[bytes]:
    """At every position (of a large file, each `step`): a flipped bit, then another byte."""
    places = range(0, len(data), 1 if len(data) <= SMALL_BYTES else step)
    for at in places:
        flipped = data[at] ^ 1 << chance.randrange(8)
        other = (data[at] + chance.randrange(1, 256)) % 256
        for byte in {flipped, other}:
            yield data[:at] + bytes([byte]) + data[at + 1 :]


@pytest.mark.parametrize("name", NAMES)
def test_no_changed_byte_passes(name: str) -> None:
    sample = full_sample()
    chance, count = random.Random(name), 0
    for data in edited(sample.files[name], chance, step=5):
        report = verify_bundle({**sample.files, name: data}, sample.trust)
        assert report.outcome in REFUSED, data
        count += 1
    assert count >= min(1_000, len(sample.files[name]))


@pytest.mark.parametrize("name", NAMES)
def test_no_cut_or_longer_file_passes(name: str) -> None:
    sample = full_sample()
    whole = sample.files[name]
    cuts = [whole[:at] for at in (0, 1, len(whole) // 2, len(whole) - 1)]
    for data in (*cuts, whole + b"\n", whole + b"x", b"\n" + whole, whole * 2):
        report = verify_bundle({**sample.files, name: data}, sample.trust)
        assert report.outcome in REFUSED


@pytest.mark.parametrize("name", NAMES)
def test_no_missing_or_renamed_file_passes(name: str) -> None:
    sample = full_sample()
    without = {other: data for other, data in sample.files.items() if other != name}
    assert verify_bundle(without, sample.trust).outcome is Outcome.BAD_INPUT
    renamed = {**without, f"{name}.txt": sample.files[name]}
    assert verify_bundle(renamed, sample.trust).outcome is Outcome.BAD_INPUT


def test_no_swapped_files_pass() -> None:
    sample = full_sample()
    for one in NAMES:
        for other in NAMES:
            swapped = {**sample.files, one: sample.files[other], other: sample.files[one]}
            report = verify_bundle(swapped, sample.trust)
            assert (report.outcome in REFUSED) is (one != other)


@pytest.mark.parametrize("name", ["notes.txt", "", "../notice.note", "NOTICE.NOTE", "\udcff"])
def test_no_extra_file_passes(name: str) -> None:
    sample = full_sample()
    report = verify_bundle({**sample.files, name: b""}, sample.trust)
    assert report.outcome is Outcome.BAD_INPUT


def test_a_file_above_its_limit_is_refused_unread() -> None:
    sample = full_sample()
    report = verify_bundle({**sample.files, Piece.NOTICE: bytes(16_385)}, sample.trust)
    assert (report.outcome, "16384" in report.reason) == (Outcome.BAD_INPUT, True)


def test_a_manifest_of_another_bundle_does_not_pass() -> None:
    sample = full_sample()
    pieces = {Piece(name): data for name, data in sample.files.items() if name != MANIFEST_NAME}
    pieces.pop(Piece.BEACON)
    other = resealed(pieces, *sample.subject, sample.alpha)[MANIFEST_NAME]
    report = verify_bundle({**sample.files, MANIFEST_NAME: other}, sample.trust)
    assert report.outcome is Outcome.BAD_INPUT


def claims_no_more(report: Report, whole: Report) -> bool:
    """Whether nothing is held that `whole` does not hold, and what is said is the same."""
    texts = {claim.level: claim.standing for claim in whole.claims}
    no_new = all(
        claim.standing is not Standing.HELD or texts[claim.level] is Standing.HELD
        for claim in report.claims
    )
    opened = () if report.opened is None else report.opened.fields
    known = () if whole.opened is None else whole.opened.fields
    return (
        no_new
        and report.subject == whole.subject
        and report.receipt == whole.receipt
        and set(opened) <= set(known)
    )


@given(name=st.sampled_from(Piece), data=st.binary(max_size=300))
def test_no_other_bytes_under_a_new_manifest_pass(name: Piece, data: bytes) -> None:
    sample = full_sample()
    pieces = {Piece(other): each for other, each in sample.files.items() if other != MANIFEST_NAME}
    files = resealed({**pieces, name: data}, *sample.subject, sample.alpha)
    assert verify_bundle(files, sample.trust).outcome in REFUSED


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", [Piece(name) for name in NAMES if name != MANIFEST_NAME])
def test_a_changed_byte_under_a_new_manifest_proves_no_more(name: Piece) -> None:
    sample = full_sample()
    whole = verify_bundle(sample.files, sample.trust)
    pieces = {Piece(other): data for other, data in sample.files.items() if other != MANIFEST_NAME}
    chance, passed, count = random.Random(name), 0, 0
    for data in sampled(edited(sample.files[name], chance, step=9), chance):
        files: Mapping[str, bytes] = resealed({**pieces, name: data}, *sample.subject, sample.alpha)
        report = verify_bundle(files, sample.trust)
        assert report.outcome in REFUSED or claims_no_more(report, whole), data
        passed += report.outcome is Outcome.PROVEN
        count += 1
    # What passes is a cosigner's name or key id: its line is then a stranger's, and is not counted.
    assert passed < count / 4


def sampled(edits: Iterator[bytes], chance: random.Random) -> Iterator[bytes]:
    """One in three, to spare time."""
    return (data for data in edits if chance.randrange(3) == 0)
