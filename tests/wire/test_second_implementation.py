"""The pages say everything: an implementation written from them alone agrees with comity."""

import ast
import tomllib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from comity.journal.content import commit_content
from comity.journal.merkle import leaf_hash
from comity.model.fault import Malformed
from comity.model.notice import FORBIDDEN_FIELDS, Amendment
from comity.trust.keys import KeyType, SigningKey
from comity.trust.note import serialise, sign_note
from comity.wire.answer_v1 import (
    answer_from,
    attestation_from,
    fields_of_answer,
    fields_of_attestation,
)
from comity.wire.canonical import b64
from comity.wire.duty_v1 import fields_of_unanswered, unanswered_from
from comity.wire.entry_v1 import Entry, EntryType, entry_text
from comity.wire.fields import Field, parse_fields, serialise_fields
from comity.wire.message_v1 import (
    fields_of_message,
    fields_of_message_answer,
    message_answer_from,
    message_from,
)
from comity.wire.notice_v1 import fields_of, notice_from
from comity.wire.report_v1 import fields_of_report, report_from
from comity.wire.request_v1 import (
    fields_of_reply,
    fields_of_request,
    reply_from,
    request_from,
)
from tests.model.samples import (
    ID,
    answers,
    attestations,
    hazard_reports,
    ids,
    instants,
    message_answers,
    messages,
    notices,
    replies,
    requests,
    unanswered,
    volume,
)
from tests.wire import second, vectors

pytestmark = pytest.mark.timeout(120)  # seconds: the long profile draws 2,000 examples

VECTORS = Path(__file__).parents[1] / "vectors"
KEY_SEED = bytes(range(32))
KEY_NAME = "alpha.example/comity/2026/desk"

Check = Callable[[list[second.Said]], None]
Read = Callable[[tuple[Field, ...]], object]


class Vector(TypedDict):
    name: str
    seed: str
    fields: list[list[str]]
    bytes: str
    leaf_hashes: list[str]
    root: str
    seed_commit: str


def loaded(name: str, table: str) -> list[Vector]:
    found: list[Vector] = tomllib.loads((VECTORS / name).read_text("utf-8"))[table]
    assert found
    return found


def check_unanswered(content: list[second.Said]) -> None:
    """Section 4."""
    reading = second.Reading(content)
    reading.choice("unanswered", ["seen", "read-back", "relayed", "answered"])
    reading.take("of", "id")
    reading.number("due", *second.INSTANTS)
    reading.number("at", *second.INSTANTS)
    reading.end()


NOTICES = loaded("notice_v1.toml", "notice")
CONTENTS = loaded("content_v1.toml", "content")
CHECKS: dict[str, Check] = {
    **dict.fromkeys(("seen", "read-back", "unable"), second.check_answer),
    "attestation": second.check_attestation,
    "request": second.check_request,
    "report": second.check_report,
    **dict.fromkeys(("stop", "line-check"), second.check_message),
    **dict.fromkeys(("stop-wilco", "wait"), second.check_message_answer),
    "nobody-answered": check_unanswered,
    **dict.fromkeys(("standby", "declined"), second.check_reply),
}


def test_the_second_implementation_knows_nothing_of_the_first() -> None:
    tree = ast.parse(Path(second.__file__).read_text("utf-8"))
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [name for name in names if name.split(".")[0] in {"comity", "tests", "tools"}]


@pytest.mark.parametrize("vector", [*NOTICES, *CONTENTS], ids=lambda vector: vector["name"])
def test_vectors_are_reproduced(vector: Vector) -> None:
    data, seed = bytes.fromhex(vector["bytes"]), bytes.fromhex(vector["seed"])
    content = second.from_bytes(data)
    spelled = [[s.path, s.type, second.value_bytes(s).hex()] for s in content]
    assert spelled == vector["fields"]
    assert second.to_bytes(content) == data
    hashes = second.leaf_hashes(content, seed)
    assert [leaf.hex() for leaf in hashes] == vector["leaf_hashes"]
    assert second.root_of(hashes).hex() == vector["root"]
    assert second.seed_commit(seed).hex() == vector["seed_commit"]


@pytest.mark.parametrize("vector", NOTICES, ids=lambda vector: vector["name"])
def test_notice_vectors_are_notices(vector: Vector) -> None:
    assert second.accepts(second.check_notice, bytes.fromhex(vector["bytes"]))


@pytest.mark.parametrize("name", CHECKS)
def test_answer_vectors_are_answers(name: str) -> None:
    vector = next(each for each in CONTENTS if each["name"] == name)
    assert second.accepts(CHECKS[name], bytes.fromhex(vector["bytes"]))


def test_the_entry_on_the_page_is_reproduced() -> None:
    start = next(vector for vector in NOTICES if vector["name"] == "start")
    head = {
        "type": "notice",
        "from": vectors.ALPHA,
        "to": vectors.BRAVO,
        "seq": "7",
        "prev": "AyyaGYH5fjpgXgAqs9XyW3Hsmw08immqZuejI1xSrJ0=",
        "issued": "1790102402750000",
        "beacon": "sz3HhIRwmgNWgLTidZgbhdYAIIKX3duTraaWMKW5DYM=",
    }
    content = second.from_bytes(bytes.fromhex(start["bytes"]))
    note = second.entry_note(head, content, bytes.fromhex(start["seed"]), (KEY_NAME, KEY_SEED))
    wanted = dict(vectors.entries())["notice"]
    assert note == wanted
    assert second.leaf_of(note).hex() == (
        "af6e4d4d15b7f796b6e3bc0ededb46bd0db789ad192bc8d9059398311c51335a"
    )


# --- agreement on everything else ----------------------------------------------------------------

written: st.SearchStrategy[tuple[bytes, Check, Read]] = st.one_of(
    notices.map(lambda n: (serialise_fields(fields_of(n)), second.check_notice, notice_from)),
    answers().map(
        lambda a: (serialise_fields(fields_of_answer(a)), second.check_answer, answer_from)
    ),
    attestations.map(
        lambda a: (
            serialise_fields(fields_of_attestation(a)),
            second.check_attestation,
            attestation_from,
        )
    ),
    requests.map(
        lambda r: (serialise_fields(fields_of_request(r)), second.check_request, request_from)
    ),
    messages.map(
        lambda m: (serialise_fields(fields_of_message(m)), second.check_message, message_from)
    ),
    message_answers().map(
        lambda a: (
            serialise_fields(fields_of_message_answer(a)),
            second.check_message_answer,
            message_answer_from,
        )
    ),
    unanswered.map(
        lambda u: (serialise_fields(fields_of_unanswered(u)), check_unanswered, unanswered_from)
    ),
    hazard_reports().map(
        lambda r: (serialise_fields(fields_of_report(r)), second.check_report, report_from)
    ),
    replies().map(lambda r: (serialise_fields(fields_of_reply(r)), second.check_reply, reply_from)),
)


def reads(read: Read, data: bytes) -> bool:
    with suppress(Malformed):
        read(parse_fields(data))
        return True
    return False


@given(written, ids)
def test_both_write_and_commit_alike(said: tuple[bytes, Check, Read], seed: bytes) -> None:
    data, check, _ = said
    content = second.from_bytes(data)
    assert second.accepts(check, data)
    assert second.to_bytes(content) == data
    body = commit_content(parse_fields(data), seed)
    hashes = second.leaf_hashes(content, seed)
    assert (second.root_of(hashes), len(hashes)) == (body.root, body.leaves)
    assert second.seed_commit(seed) == body.seed_commit


@given(written, st.data())
def test_both_judge_changed_bytes_alike(
    said: tuple[bytes, Check, Read], data: st.DataObject
) -> None:
    good, check, read = said
    changed = bytearray(good)
    for _ in range(data.draw(st.integers(1, 2))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    assert second.accepts(check, bytes(changed)) is reads(read, bytes(changed))


@given(written, st.data())
def test_both_judge_changed_fields_alike(
    said: tuple[bytes, Check, Read], data: st.DataObject
) -> None:
    good, check, read = said
    fields = list(parse_fields(good))
    at = data.draw(st.integers(0, len(fields) - 1))
    match data.draw(st.sampled_from(("drop", "swap", "number", "text", "path", "more"))):
        case "drop":
            del fields[at]
        case "swap":
            fields[at], fields[at - 1] = fields[at - 1], fields[at]
        case "number":
            edge = data.draw(st.sampled_from(EDGES)) + data.draw(st.sampled_from((-1, 0, 1)))
            fields[at] = field(fields[at].path, "i64", edge.to_bytes(8, "big", signed=True))
        case "text":
            text = data.draw(st.text(st.characters(codec="utf-8"), max_size=41))
            fields[at] = field(fields[at].path, "text", text.encode())
        case "path":
            words = [
                "volume/1/lower",
                "volume/0/hole/0",
                "volume/0/line",
                "unit/00/at",
                *sorted(FORBIDDEN_FIELDS)[:2],
            ]
            path = data.draw(st.sampled_from(words)).replace("_", "-")
            fields[at] = field(path, str(fields[at].type), fields[at].value)
        case _:
            fields.append(field("more", "text", b""))
    changed = serialise_fields(tuple(fields))
    assert second.accepts(check, changed) is reads(read, changed)


EDGES = [
    *(0, 1, 2**63 - 2, -(2**63) + 1, -12_000_000, 100_000_000, 2_500_000_000, 86_400_000_000),
    *(87_000, 108_500, -60, 40, -2_000_000, 20_000_000),
    *(604_800_000_000, 946_684_800_000_000, 4_102_444_800_000_000),
]


def field(path: str, kind: str, value: bytes) -> Field:
    return parse_fields(second.to_bytes([second.Said(path, kind, value)]))[0]


@given(st.binary(max_size=40))
@example(b"")
def test_both_judge_any_bytes_alike(data: bytes) -> None:
    try:
        content = second.from_bytes(data)
    except second.No:
        with pytest.raises(Malformed):
            parse_fields(data)
        return
    assert [said.path for said in content] == [found.path for found in parse_fields(data)]


@given(written, ids, st.integers(0, 2**63 - 1), instants, st.booleans())
def test_both_sign_alike(
    said: tuple[bytes, Check, Read],
    seed: bytes,
    seq: int,
    issued_us: int,
    drill: bool,  # noqa: FBT001 - drawn
) -> None:
    mark = "/exercise/x" if drill else ""
    sender, audience = vectors.ALPHA + mark, vectors.BRAVO + mark
    entry = Entry(
        type=EntryType.NOTICE,
        sender=sender,
        audience=audience,
        seq=seq,
        prev=ID if seq else None,
        issued_us=issued_us,
        beacon=None,
        body=commit_content(parse_fields(said[0]), seed),
    )
    key = SigningKey(name=KEY_NAME, key_type=KeyType.ED25519, seed=KEY_SEED)
    note = serialise(sign_note(entry_text(entry), key))
    head = {
        "type": "notice",
        "from": sender,
        "to": audience,
        "seq": str(seq),
        "prev": b64(ID) if seq else "-",
        "issued": str(issued_us),
        "beacon": "-",
    }
    content = second.from_bytes(said[0])
    assert second.entry_note(head, content, seed, (KEY_NAME, KEY_SEED)) == note
    assert second.leaf_of(note) == leaf_hash(note)
    assert second.signature_holds(note, key.verifier().public)
    assert not second.signature_holds(note.replace(b"@v1", b"@v2"), key.verifier().public)


@pytest.mark.parametrize("corners", [(2_000,), (2_001,), (1_000, 1_000), (1_997, 4), (3,) * 50])
@pytest.mark.parametrize("lines", [False, True], ids=["polygons", "lines"])
def test_both_count_vertices_alike(corners: tuple[int, ...], lines: bool) -> None:  # noqa: FBT001 - a kind
    amendment = fields_of(Amendment(of=ID, volumes=(volume(),) * len(corners)))
    fields = [f for f in amendment if not f.path.endswith(("/centre", "/radius"))]
    for index, count in enumerate(corners):
        at = next(i for i, f in enumerate(fields) if f.path == f"volume/{index}/datum")
        shape = "line" if lines and index % 2 == 0 else "polygon"
        if shape == "line":
            half_m = (5_000).to_bytes(8, "big", signed=True)
            fields.insert(at, field(f"volume/{index}/half-width", "i64", half_m))
        fields.insert(at, field(f"volume/{index}/{shape}", "points", bytes(8 * count)))
    data = serialise_fields(tuple(fields))
    assert second.accepts(second.check_notice, data) is reads(notice_from, data)
    assert reads(notice_from, data) is (sum(corners) <= 2_000)


@pytest.mark.parametrize("count", [(1, 0), (1, 49), (1, 50), (10, 40), (10, 41), (50, 0), (50, 1)])
def test_both_count_holes_alike(count: tuple[int, int]) -> None:
    volumes, holes = count
    amendment = fields_of(Amendment(of=ID, volumes=(volume(),) * volumes))
    fields = [f for f in amendment if not f.path.endswith(("/centre", "/radius"))]
    for index in range(volumes):
        at = next(i for i, f in enumerate(fields) if f.path == f"volume/{index}/datum")
        shape = [field(f"volume/{index}/polygon", "points", bytes(24))]
        if index == 0:
            shape += [field(f"volume/0/hole/{j}", "points", bytes(24)) for j in range(holes)]
        fields[at:at] = shape
    data = serialise_fields(tuple(fields))
    assert second.accepts(second.check_notice, data) is reads(notice_from, data)
    assert reads(notice_from, data) is (volumes + holes <= 50)


def test_the_comparison_sees_a_page_that_says_less(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytes.fromhex(NOTICES[0]["bytes"])
    assert second.accepts(second.check_notice, data) is reads(notice_from, data) is True
    monkeypatch.setattr(second, "CRAFTS", ["unarmed"])
    assert second.accepts(second.check_notice, data) is not reads(notice_from, data)
    monkeypatch.undo()
    monkeypatch.setattr(second, "HEIGHTS", (0, 1))
    assert second.accepts(second.check_notice, data) is not reads(notice_from, data)
