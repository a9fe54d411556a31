"""One row of each table, to be varied."""

from comity.storage.accords import AccordRow, SignatureRow, SuspensionRow, ToldRow
from comity.storage.dispatches import DispatchRow
from comity.storage.duty import EscalationRow, ShiftRow, WatchRow
from comity.storage.handovers import HandoverItemRow, HandoverRow
from comity.storage.lines import CheckRow, GapRow, LineEntryRow, LineRow, WarningChangeRow
from comity.storage.messages import MessageAnswerRow, MessageRow
from comity.storage.register import GivenRow, ProtectedRow, ReadRow
from comity.storage.relay import RelayTaskRow, RelayUnitRow
from comity.storage.releases import HeldRow
from comity.storage.reports import ReportRow
from comity.storage.requests import ReplyRow, RequestRow
from comity.storage.rows import (
    AgreementRow,
    AnswerRow,
    AssessmentRow,
    CallerRow,
    CallRow,
    ConflictRow,
    CosignatureRow,
    EvidenceRow,
    ForkRow,
    Head,
    KeyRow,
    OpeningRow,
    OutboxRow,
    ParcelRow,
    PeerRow,
    PurgeRow,
    ReceivedRow,
    SubjectRow,
    TakenRow,
    UnitRow,
    VolumeBox,
    WarningRow,
)
from comity.storage.times import EvidenceRow as TimeEvidenceRow
from comity.storage.times import OnlookerRow

ALPHA, BRAVO = "alpha.example/comity/2026", "bravo.example/comity/2026"


def id_(number: int) -> bytes:
    """An id or a hash, in the order of its number."""
    return number.to_bytes(32, "big")


OPENING = OpeningRow(leaf=id_(1), seed=id_(2), fields=b"fields")
COSIGNATURE = CosignatureRow(size=1, signer="w1", line=b"line", time_s=1, note=b"note")
PEER = PeerRow(origin=ALPHA, card=b"card", added_us=1, acked_size=0, contact_us=None)
HEAD = Head(origin=ALPHA, size=3, root=id_(3), note=b"note")
FORK = ForkRow(origin=ALPHA, known=b"known", offered=b"offered", at_us=9)
EVIDENCE = EvidenceRow(id=id_(7), origin=ALPHA, kind="same-size", file=b"file", at_us=9)
OUTBOX = OutboxRow(peer=ALPHA, index=1, due_us=2, attempts=0, floor=False)
PARCEL = ParcelRow(peer=ALPHA, sent=1, received=2, receipts=None, bound_index=4, shown=(5, 6))
RECEIVED = ReceivedRow(
    leaf=id_(1), peer=ALPHA, index=4, body=b"body", proof=b"proof", receipt_index=5
)
TAKEN = TakenRow(
    index=1,
    peer=ALPHA,
    receipt=b"receipt",
    receipt_proof=b"receipt proof",
    give_proof=b"give proof",
    bind_index=2,
    taken_us=3,
    verdict="accepted",
)
PURGE = PurgeRow(
    id=id_(1),
    before_us=None,
    notice=id_(2),
    proposed_by=id_(3),
    proposed_us=4,
    confirmed_by=None,
    done_us=None,
)
KEY = KeyRow(origin=ALPHA, role="log", key="k+1+AQ==", start=None, end=None, revoked_s=None)
AGREEMENT = AgreementRow(peer=ALPHA, ours="ours", theirs=None, in_force_us=None)
BOX = VolumeBox(
    south_e7=-10,
    north_e7=10,
    west_e7=-10,
    width_e7=20,
    lower_mm=0,
    upper_mm=100,
    start_us=1_000,
    end_us=2_000,
)
SUBJECT = SubjectRow(
    id=id_(1),
    kind="operation",
    owner=ALPHA,
    ours=False,
    state="declared",
    content=b"content",
    volumes=b"volumes",
    notice=id_(1),
    issued_us=1,
    delivered_us=2,
    flags="late",
    recipients="",
    prompted_by=None,
    box=BOX,
)
ASSESSMENT = AssessmentRow(
    subject=id_(1),
    lead_us=-5,
    terms_us=(1, 2, 3, 4, 5, 6, 7),
    unable=None,
    presence=id_(2),
    word="short",
    reason="lead_below_agreed",
)
CONFLICT = ConflictRow(
    id=id_(9),
    a=id_(1),
    b=id_(2),
    clause="clearance",
    closest_mm=0,
    vertical_mm=1,
    time_us=2,
    lat_e7=-3,
    lon_e7=4,
    meets=True,
    found_us=5,
    over_us=None,
)
WARNING = WarningRow(
    id=id_(7), kind="conflict", about=id_(9), party=None, text="text", raised_us=1, cleared_us=None
)
ANSWER = AnswerRow(of=id_(1), by=BRAVO, leaf=id_(2), content=b"content", at_us=3)
UNIT = UnitRow(of=id_(1), party=BRAVO, handle=id_(3), name=None, state="told", at_us=1, known_us=2)
RELAY_UNIT = RelayUnitRow(
    name="Falcon 1", kind="own", means="radio", channel="121.5", expected_us=60, added_us=1
)
RELAY_TASK = RelayTaskRow(
    of=id_(1),
    unit="Falcon 1",
    subject=id_(1),
    handle=id_(3),
    state="to-tell",
    means="radio",
    channel="121.5",
    since_us=1,
    at_us=1,
    due_us=5,
    ground="agreed",
    body=id_(4),
    until_us=9,
    wrong=2,
    wrong_us=3,
)
CALL = CallRow(
    id=id_(1),
    other="alpha",
    account_of="bravo",
    words="in the north",
    received_us=None,
    start_us=None,
    area_stated=None,
    filed_us=1,
)
CALLER = CallerRow(key_hash=id_(1), name="console", scopes="read", created_us=1, revoked_us=None)
TIME_EVIDENCE = TimeEvidenceRow(
    hash=id_(4), kind="rfc3161", signer="http://127.0.0.1:1", size=2, time_s=3, body=b"stamp"
)
ONLOOKER = OnlookerRow(
    kind="witness", name="w.example/1", size=2, time_s=3, error="silent", error_us=4
)

ACCORD = AccordRow(
    hash=id_(70), lineage=id_(70), name="safety", version=1, text="text", known_us=1, complete_us=2
)
SIGNATURE = SignatureRow(hash=id_(70), origin="bravo.example/c", line="line", at_us=2)
SUSPENSION = SuspensionRow(
    hash=id_(70), origin="bravo.example/c", since_us=3, reason="because", over_us=None
)
TOLD = ToldRow(
    subject=id_(71),
    audience="bravo.example/c",
    step=2,
    basis="so it is",
    declared=id_(72),
    notice=id_(73),
    content=b"content",
    volumes=b"volumes",
)
REQUEST = RequestRow(
    id=id_(60),
    subject=id_(1),
    asker=ALPHA,
    asked=BRAVO,
    content=b"request",
    at_us=1,
    due_us=5,
    ground="by clause replies",
)
REPLY = ReplyRow(id=id_(61), of=id_(60), number=0, content=b"reply", at_us=2)
MESSAGE = MessageRow(
    id=id_(100),
    code="X",
    sender=ALPHA,
    receiver=BRAVO,
    about=id_(1),
    content=b"message",
    at_us=1,
    due_us=5,
    ground="by clause hotline",
    floor=True,
)
HELD = HeldRow(
    id=id_(1), code="X", receiver=BRAVO, content=b"content", by="a", at_us=5, expires_us=9
)
HANDOVER = HandoverRow(id=id_(1), giver="a", taker="b", note="", begun_us=5)
HANDOVER_ITEM = HandoverItemRow(
    of=id_(1), number=0, kind="line", id=id_(2), due_us=None, state="silent"
)
MESSAGE_ANSWER = MessageAnswerRow(
    id=id_(101), of=id_(100), number=0, content=b"message answer", at_us=2
)
DISPATCH = DispatchRow(
    id=id_(120),
    outlet="night",
    source="raised",
    kind="conflict",
    of=id_(7),
    about=id_(9),
    party=None,
    floor=False,
    at_us=1,
    made_us=2,
    state="waiting",
    attempts=0,
    due_us=5,
    answer="",
    done_us=None,
)
PROTECTED = ProtectedRow(
    id=id_(90),
    owner="alpha.example/c",
    ours=True,
    state="live",
    sealed=b"sealed",
    leaf=id_(91),
    notice=id_(92),
    issued_us=1,
    delivered_us=None,
    expires_us=100,
    recipients="bravo.example/c",
)
GIVEN = GivenRow(
    id=id_(90), audience="bravo.example/c", declared=id_(93), notice=id_(94), key=id_(95)
)
READ = ReadRow(
    leaf=id_(96),
    of=id_(90),
    party="bravo.example/c",
    role="duty officer",
    reason="why",
    at_us=4,
    known_us=5,
)
REPORT = ReportRow(
    id=id_(62), of=id_(1), number=0, by=BRAVO, content=b"report", at_us=3, recipients=ALPHA
)
LINE = LineRow(
    peer=BRAVO,
    state="up",
    since_us=5,
    reason="a quarrel",
    contact_us=6,
    contact_index=7,
    down_until_us=8,
    check_next_us=9,
    check_open_us=10,
    check_late_us=11,
)
LINE_ENTRY = LineEntryRow(
    index=3,
    peer=BRAVO,
    at_us=5,
    state="silent",
    since_us=4,
    reason="why",
    gap_from_us=4,
    down_from_us=5,
    down_until_us=6,
)
GAP = GapRow(peer=BRAVO, from_us=4, from_index=2, until_us=9, until_index=8)
CHECK = CheckRow(
    of=id_(110),
    peer=BRAVO,
    asker=ALPHA,
    asker_role="duty officer",
    answerer_role="watch officer",
    asked_us=1,
    answered_us=4,
    there_from_us=2,
    there_until_us=3,
)
CHANGE = WarningChangeRow(number=1, warning=id_(5), kind="late", raised=True, at_us=2, size=3)
SHIFT = ShiftRow(
    id=id_(120), role="duty officer", person="A. Levi", from_us=1, until_us=None, planned=True
)
WATCH = WatchRow(
    about=id_(121),
    party=BRAVO,
    kind="notice",
    notice=id_(122),
    leaf=None,
    from_us=1,
    floor=True,
    step="seen",
    due_us=7,
    level=0,
    next_us=8,
    delivered_us=1,
    seen_us=6,
    read_back_us=12,
    relayed_us=18,
    alternates_us=7,
    next_echelon_us=13,
    witness_us=19,
    sentences="\n".join(["nothing else being agreed"] * 7),
)
ESCALATION = EscalationRow(
    id=id_(123),
    about=id_(121),
    party=BRAVO,
    kind="notice",
    step="seen",
    level=1,
    role="alternate",
    persons="A. Levi",
    reason="not seen",
    ground="nothing else being agreed",
    floor=False,
    due_us=8,
    at_us=9,
    leaf=id_(124),
    cleared_us=None,
)
