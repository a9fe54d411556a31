"""What the golden vectors say: one example of each content and entry, fixed keys, fixed seeds.

`tools/make_vectors.py` writes them down; the tests of trust borrow the keys.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID

from comity.airspace.heights import with_heights
from comity.journal.content import commit_content
from comity.journal.merkle import leaf_hash
from comity.model.agreement import DEFAULT, Terms
from comity.model.answer import (
    Answer,
    Attestation,
    KeyFields,
    Reason,
    Step,
    UnitReport,
    UnitState,
    VoiceCall,
)
from comity.model.given import GivenHeights, HeightDatum, HeightLimit, Qnh, Terrain
from comity.model.notice import (
    Amendment,
    Code,
    Confidence,
    Craft,
    Declaration,
    Domain,
    HazardBasis,
    Notice,
    Onward,
    Purpose,
    Transition,
)
from comity.model.quantity import Position, instant_us
from comity.model.report import HazardReport, Stance
from comity.model.request import Decision, DeclineReason, Reply, Request, Wanted
from comity.model.volume import Corridor, HeightBand, Polygon, Uncertainty, Volume4D, Window
from comity.trust.card import card_note
from comity.trust.identity import Identity, cosigner_key_name, entry_key_name
from comity.trust.keys import KeyType, SigningKey
from comity.trust.note import serialise, sign_note
from comity.wire.answer_v1 import fields_of_answer, fields_of_attestation, fields_of_call
from comity.wire.canonical import sha256
from comity.wire.conflict_v1 import fields_of_conflict
from comity.wire.dispatch_v1 import fields_of_dispatch
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
)
from comity.wire.fields import (
    Field,
    field_bytes,
    field_salt,
    id_field,
    leaves_for,
    manifest,
    padding_bytes,
    text_field,
)
from comity.wire.notice_v1 import fields_of
from comity.wire.report_v1 import fields_of_report
from comity.wire.request_v1 import fields_of_reply, fields_of_request
from comity.wire.terms_v1 import terms_text
from tests.wire.vector_samples import CIRCLE, ORIGINS, at, seed
from tests.wire.vectors_hotline import (
    dispatched,
    of_a_line,
    relayed,
    said_of_duty,
    said_on_the_hotline,
)

ALPHA, BRAVO = ORIGINS


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """A content, the seed under which it is committed, and what comes of the two."""

    name: str
    seed: bytes
    fields: tuple[Field, ...]

    @property
    def body(self) -> ContentBody:
        """The commitment."""
        return commit_content(self.fields, self.seed)

    @property
    def leaves(self) -> tuple[bytes, ...]:
        """The bytes of each leaf, manifest and padding included."""
        shown = [("", manifest(self.fields)), *((f.path, f.value) for f in self.fields)]
        leaves = [field_bytes(field_salt(self.seed, i), p, v) for i, (p, v) in enumerate(shown)]
        count = range(len(leaves), leaves_for(self.fields))
        return (*leaves, *(padding_bytes(field_salt(self.seed, i)) for i in count))


def _square(from_e7: int, side_e7: int) -> tuple[Position, ...]:
    to_e7 = from_e7 + side_e7
    corners = ((from_e7, from_e7), (from_e7, to_e7), (to_e7, to_e7), (to_e7, from_e7))
    return tuple(at(*corner) for corner in corners)


# --- what is said --------------------------------------------------------------------------------

_RING = Volume4D(
    footprint=Polygon(
        vertices=(
            at(-1, 1_799_999_999),
            at(5_000_000, 1_799_999_999),
            at(5_000_000, -1_795_000_000),
            at(-5_000_000, -1_800_000_000),
        )
    ),
    heights=HeightBand(lower_mm=-20_000, upper_mm=6_096_000),
    window=Window(
        start_us=instant_us("2026-09-22T18:00:00.000001Z"),
        end_us=instant_us("2026-09-23T06:00:00+02:00"),
    ),
    uncertainty=Uncertainty(lateral_mm=500_000, vertical_mm=150_000, time_us=60_000_000),
)
_LEVELS = with_heights(
    CIRCLE.footprint,
    GivenHeights(
        lower=HeightLimit(datum=HeightDatum.AGL, height_mm=0),
        upper=HeightLimit(datum=HeightDatum.FLIGHT_LEVEL, height_mm=5_943_600),
        qnh=Qnh(pressure_pa=100_800, at_us=instant_us("2026-09-22T18:20:00Z")),
        isa_deviation_c=12,
        terrain=Terrain(datum=HeightDatum.MSL, lower_mm=0, upper_mm=1_562_000),
    ),
    CIRCLE.window,
    Uncertainty(vertical_mm=30_000),
)
_LINE = Volume4D(
    footprint=Corridor(
        vertices=(at(355_000_000, 357_500_000), at(360_000_000, 362_000_000)),
        half_width_mm=5_000_000,
    ),
    heights=HeightBand(lower_mm=300_000, upper_mm=3_000_000),
    window=CIRCLE.window,
)
_FRAME = replace(
    CIRCLE,
    footprint=Polygon(
        vertices=_square(350_000_000, 20_000_000),
        holes=(_square(352_000_000, 2_000_000), _square(355_000_000, 3_000_000)),
    ),
)
_OPERATION = Declaration(
    code=Code.NOTIFY,
    purpose=Purpose.MILITARY_ACTIVITY,
    domain=Domain.AIR,
    craft=Craft.COMBAT,
    onward=Onward.DERIVED,
    name="",
    volumes=(CIRCLE,),
)


def notices() -> tuple[Vector, ...]:
    """One vector for each code of a notice, and one for each other shape."""
    presence = Declaration(
        code=Code.PROTECT,
        purpose=Purpose.SURVEY,
        domain=Domain.AIR,
        craft=Craft.UNARMED,
        onward=Onward.NONE,
        name="orbit 2",
        volumes=(CIRCLE, _RING),
        needs_us=780_000_000,
    )
    hazard = Declaration(
        code=Code.HAZARD,
        purpose=Purpose.AIR_DEFENCE_ACTIVE,
        domain=Domain.AIR,
        craft=Craft.NONE,
        onward=Onward.FULL,
        name="\u041b\u0430\u0442\u0430\u043a\u0438\u044f",
        volumes=(_RING,),
        basis=HazardBasis(
            source="duty officer: \u00abair defence is active\u00bb",
            confidence=Confidence.CONFIRMED,
            expires_us=instant_us("2026-09-22T19:30:00Z"),
        ),
    )
    declared = [_vector("operation", _OPERATION), _vector("presence", presence)]
    declared.append(_vector("hazard", hazard))
    of = [vector.body.root for vector in declared]
    flight = replace(_OPERATION, volumes=(_LEVELS,))
    moves = (
        ("amendment", Amendment(of=of[0], volumes=(_RING,))),
        ("start", _move(of[0], Code.START, "2026-09-22T18:40:02.5Z")),
        ("end", _move(of[0], Code.END, "2026-09-22T19:05:00Z")),
        ("release", _move(of[1], Code.RELEASE, "2026-09-22T23:00:00Z")),
        ("cancel", _move(of[2], Code.CANCEL, "2026-09-22T18:10:00Z")),
        ("levels", flight),
    )
    shapes = (
        ("corridor", Amendment(of=of[1], volumes=(_LINE,))),
        ("holes", Amendment(of=of[2], volumes=(_FRAME, CIRCLE))),
    )
    return (*declared, *(_vector(name, notice) for name, notice in (*moves, *shapes)))


def _vector(name: str, notice: Notice) -> Vector:
    return Vector(name=name, seed=seed(name), fields=fields_of(notice))


def _move(of: bytes, code: Code, at: str) -> Transition:
    return Transition(of=of, code=code, at_us=instant_us(at))


def contents() -> tuple[Vector, ...]:
    """The contents that are no notices: what answers them, and what stays at home."""
    of = notices()[0].body.root
    heard = KeyFields(
        start_us=CIRCLE.window.start_us,
        end_us=CIRCLE.window.end_us,
        points=(at(355_166_667, 357_833_333),),
        lower_mm=0,
        upper_mm=10_000_000,
    )
    units = tuple(
        UnitReport(handle=seed(f"handle {state}"), state=state, at_us=CIRCLE.window.start_us)
        for state in UnitState
    )
    call = VoiceCall(
        other="alpha",
        received_us=instant_us("2018-09-17T18:39:00Z"),
        start_us=None,
        area_stated=False,
        words="in the north of the country",
        account_of="bravo",
    )
    role = "duty officer"
    unable = Answer(of=of, step=Step.UNABLE, role=role, reason=Reason.FINAL_APPROACH)
    said = {
        "seen": fields_of_answer(Answer(of=of, step=Step.SEEN, role=role)),
        "read-back": fields_of_answer(
            Answer(of=of, step=Step.READ_BACK, role=role, read_back=heard)
        ),
        "unable": fields_of_answer(unable),
        **_asked_and_reported(of, role),
        **said_on_the_hotline(of, role),
        **relayed(of, role),
        **said_of_duty(of, role),
        "attestation": fields_of_attestation(Attestation(of=of, units=units)),
        "agreement": (text_field("terms", terms_text(terms())),),
        "call": fields_of_call(call),
        "dispatch": fields_of_dispatch(dispatched(of)),
        "conflict": fields_of_conflict(
            pair=(bytes(32), of),
            clause="clearance",
            closest_mm=1_234_567,
            vertical_mm=0,
            time_us=0,
            point=at(355_000_000, 358_000_000),
        ),
        "party": (text_field("origin", BRAVO), id_field("card", sha256(card(BRAVO)))),
        "line": of_a_line(),
    }
    return tuple(Vector(name=name, seed=seed(name), fields=f) for name, f in said.items())


def _asked_and_reported(of: bytes, role: str) -> dict[str, tuple[Field, ...]]:
    asked = Request(
        of=of,
        wanted=Wanted.CLOSE,
        by_us=CIRCLE.window.start_us,
        words="north of the airway",
    )
    standby = Reply(of=of, decision=Decision.STANDBY, role=role, standby_us=600_000_000)
    declined = Reply(of=of, decision=Decision.DECLINED, role=role, reason=DeclineReason.TRAFFIC)
    narrower = HazardReport(
        of=of,
        stance=Stance.NARROWS,
        source="own post",
        confidence=Confidence.PROBABLE,
        volumes=(CIRCLE,),
    )
    return {
        "request": fields_of_request(asked),
        "standby": fields_of_reply(standby),
        "declined": fields_of_reply(declined),
        "report": fields_of_report(narrower),
    }


def terms() -> Terms:
    return Terms(parties=(ALPHA, BRAVO), version=1, parameters=DEFAULT)


# --- who says it ---------------------------------------------------------------------------------

_FIRST_BYTE = {ALPHA: 0x00, BRAVO: 0x40}
_ADDRESS = {ALPHA: "http://127.0.0.1:7101", BRAVO: "https://bravo.example:7102"}


def identity(origin: str) -> Identity:
    """Test keys: 32 ascending bytes, from 00 for alpha and 40 for bravo; log + 1, cosigner + 2."""
    first = _FIRST_BYTE[origin]
    seeds = [bytes(range(first + i, first + i + 32)) for i in range(3)]
    names = (entry_key_name(origin), origin, cosigner_key_name(origin))
    types = (KeyType.ED25519, KeyType.ED25519, KeyType.COSIGNATURE_V1)
    entry, log, cosigner = (
        SigningKey(name=name, key_type=kind, seed=seed)
        for name, kind, seed in zip(names, types, seeds, strict=True)
    )
    return Identity(origin=origin, entry=entry, log=log, cosigner=cosigner)


def card(origin: str) -> bytes:
    return card_note(identity(origin), _ADDRESS[origin], b"" if origin == ALPHA else CERTIFICATE)


def _certificate() -> bytes:
    """A self-signed certificate, the same bytes every time: Ed25519 signatures are."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bravo")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    made = made.public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    made = made.not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
    return made.sign(key, None).public_bytes(serialization.Encoding.DER)


CERTIFICATE = _certificate()


def entries() -> tuple[tuple[str, bytes], ...]:
    """A signed entry of each kind of body, and one of an exercise; name and note."""
    start = notices()[4]
    keys = identity(ALPHA)
    keys_body = KeysBody(
        entry_key=keys.entry.verifier().text(),
        log_key=keys.log.verifier().text(),
        cosigner_key=keys.cosigner.verifier().text(),
    )
    given = _entry(EntryType.NOTICE, ALPHA, BRAVO, start.body)
    receipt = ReceiptBody(
        given_leaf=leaf_hash(given),
        given_index=1,
        peer_size=2,
        peer_root=seed("root"),
        got=Got.FULL,
        taken_us=instant_us("2026-09-22T18:40:03Z"),
        verdict="accepted",
    )
    checkpoint = PeerCheckpointBody(
        peer=BRAVO, peer_size=2, peer_root=seed("root"), note_hash=seed("checkpoint")
    )
    evidence = EvidenceBody(
        kind="rfc3161", sha256=seed("stamp"), length=842, size=2, root=seed("root")
    )
    drill = "/exercise/latakia"
    return (
        ("keys", _entry(EntryType.KEYS, ALPHA, ALPHA, keys_body)),
        ("notice", given),
        ("receipt", _entry(EntryType.RECEIPT, BRAVO, ALPHA, receipt, (leaf_hash(given),))),
        ("peer-checkpoint", _entry(EntryType.PEER_CHECKPOINT, ALPHA, ALPHA, checkpoint)),
        ("exercise", _entry(EntryType.NOTICE, ALPHA, BRAVO, start.body, mark=drill)),
        ("evidence", _entry(EntryType.EVIDENCE, ALPHA, ALPHA, evidence)),
        ("clock-unsure", _entry(EntryType.SAFETY, ALPHA, BRAVO, start.body, unsure=True)),
    )


def _entry(
    kind: EntryType,
    sender: str,
    audience: str,
    body: Body,
    refs: tuple[bytes, ...] = (),
    *,
    mark: str = "",
    unsure: bool = False,
) -> bytes:
    chained = kind is EntryType.NOTICE
    entry = Entry(
        type=kind,
        sender=sender + mark,
        audience=audience + mark,
        seq=7 if chained else 0,
        prev=seed("prev") if chained else None,
        issued_us=instant_us("2026-09-22T18:40:02.75Z"),
        beacon=seed("beacon") if chained else None,
        body=body,
        clock_unsure=unsure,
        refs=refs,
    )
    key = identity(sender).entry
    if mark:
        key = SigningKey(name=f"{sender}{mark}/desk", key_type=key.key_type, seed=key.seed)
    return serialise(sign_note(entry_text(entry), key))
