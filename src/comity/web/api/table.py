"""Every route of a node's own interface, in one table. Reference: docs/reference/api.md.

Called by `web.app`, which mounts it, and `web.openapi`, which writes it down.
"""

from functools import cache

from comity.airspace.notam import NotamPurpose
from comity.model.notice import Craft, Domain, Purpose, SubjectKind
from comity.web.api import (
    agreements,
    answers,
    keys,
    metrics,
    notams,
    notices,
    parties,
    previews,
    purges,
    record,
    record_shapes,
    reports,
    requests,
    restored,
    shapes,
    shapes_agreements,
    shapes_keys,
    shapes_notams,
    shapes_reports,
    shapes_requests,
    signing,
    status,
    time_shapes,
    timekeeping,
    upkeep_shapes,
    watched,
)
from comity.web.api.conflict_table import CONFLICT_TABLE
from comity.web.api.dispatch_table import DISPATCH_TABLE
from comity.web.api.due import DUE_TABLE
from comity.web.api.duty import recorded
from comity.web.api.duty_table import DUTY_TABLE
from comity.web.api.handover_table import HANDOVER_TABLE
from comity.web.api.hotline_metrics_table import HOTLINE_METRICS_TABLE
from comity.web.api.line_table import LINE_TABLE
from comity.web.api.message_table import MESSAGE_TABLE
from comity.web.api.register_table import REGISTER_TABLE
from comity.web.api.relay_table import RELAY_TABLE
from comity.web.api.releases import RELEASE_TABLE
from comity.web.gate import Admitted
from comity.web.openapi import document
from comity.web.route import HEALTH_PATH, Answer, Query, Route, asking, deleting, reading, writing
from comity.web.scope import Scope
from comity.wire.limits import PAGE_ROWS_MAX

__all__ = ["TABLE"]

_API = "/api/v1"
_NOTICE = f"{_API}/notices/{{id}}"
_PAGING = (
    Query(
        name="kind", about="only of this kind", choices=tuple(kind.value for kind in SubjectKind)
    ),
    Query(name="owner", about="only our own, or only others'", choices=tuple(notices.OWNERS)),
    Query(name="after", about="the `next` of the page before"),
    Query(name="limit", about=f"at most so many, 1 to {PAGE_ROWS_MAX}"),
)


@cache
def _document() -> bytes:
    return document(TABLE)


async def _openapi(_: Admitted) -> Answer:
    return Answer(body=_document())


TABLE: tuple[Route, ...] = (
    Route(
        method="GET",
        path=HEALTH_PATH,
        scope=None,
        summary="Whether the node is well; to callers with a key, why not",
        run=status.health,
        answer=upkeep_shapes.HealthView,
    ),
    Route(
        method="GET",
        path="/metrics",
        scope=Scope.METRICS,
        summary="What is counted, in Prometheus' text format",
        run=metrics.metrics,
        media_type=metrics.MEDIA_TYPE,
    ),
    reading(
        f"{_API}/restored",
        Scope.READ,
        upkeep_shapes.RestoredView,
        restored.shown,
        summary="After a restore: who knows what of our journal",
    ),
    writing(
        f"{_API}/restored/acceptances",
        Scope.ADMIN,
        upkeep_shapes.AcceptRequest,
        upkeep_shapes.RestoredView,
        restored.accepted,
        summary="After a restore: do not wait for a party that is silent",
    ),
    Route(
        method="GET",
        path=f"{_API}/openapi.json",
        scope=Scope.READ,
        summary="This interface as OpenAPI 3.1",
        run=_openapi,
    ),
    reading(
        f"{_API}/status",
        Scope.READ,
        shapes.StatusView,
        status.status,
        summary="The node at a glance",
    ),
    reading(
        f"{_API}/time",
        Scope.READ,
        time_shapes.TimeView,
        timekeeping.shown,
        summary="Our clock against others', witnesses and time-stamp authorities",
    ),
    writing(
        f"{_API}/time/stamps",
        Scope.ADMIN,
        time_shapes.StampRequest,
        time_shapes.TimeView,
        timekeeping.stamped,
        summary="Have the newest head stamped by every time-stamp authority now",
    ),
    reading(
        f"{_API}/notices",
        Scope.READ,
        shapes.Page[shapes.NoticeView],
        notices.listed,
        summary="Notices, ours and others', page by page",
        query=_PAGING,
    ),
    writing(
        f"{_API}/notices",
        Scope.DECLARE,
        shapes.NoticeRequest,
        shapes.NoticeReceipt,
        notices.declared,
        summary="Declare an operation, a hazard or a protected presence",
    ),
    asking(
        f"{_API}/previews",
        Scope.DECLARE,
        shapes.NoticeRequest,
        shapes.Page[shapes_agreements.ToldView],
        previews.previewed,
        summary="What each recipient would be told of a notice; nothing is declared",
    ),
    reading(
        _NOTICE,
        Scope.READ,
        shapes.NoticeView,
        notices.shown,
        summary="One notice and what became of it",
    ),
    writing(
        f"{_NOTICE}/moves",
        Scope.DECLARE,
        shapes.TransitionRequest,
        shapes.NoticeReceipt,
        notices.moved,
        summary="Amend, start, end or cancel a notice of ours",
    ),
    recorded(
        writing(
            f"{_NOTICE}/answers",
            Scope.ANSWER,
            shapes.AnswerRequest,
            shapes.AnswerView,
            answers.answered,
            summary="Answer a peer's notice: received and understood, never approved",
        )
    ),
    writing(
        f"{_NOTICE}/attestations",
        Scope.ANSWER,
        shapes.AttestationRequest,
        shapes.Page[shapes.RiskView],
        answers.attested,
        summary="Say which of our units were told of a peer's notice",
    ),
    writing(
        f"{_NOTICE}/reports",
        Scope.DECLARE,
        shapes_reports.ReportRequest,
        shapes.ReportView,
        reports.filed,
        summary="Report on a hazard that we know; reports stand side by side and decide nothing",
    ),
    reading(
        f"{_NOTICE}/told",
        Scope.READ,
        shapes.Page[shapes_agreements.ToldView],
        previews.told,
        summary="What each recipient was told of a notice of ours",
    ),
    reading(
        f"{_NOTICE}/notam",
        Scope.READ,
        shapes.Page[shapes_notams.NotamDraftView],
        notams.drafted,
        summary="The draft of a NOTAM for each volume; nothing is published",
        query=(
            Query(name="fir", about="the flight information region: four letters"),
            Query(name="series", about="one letter, A if not said"),
            Query(name="purpose", about="BO if not said", choices=tuple(map(str, NotamPurpose))),
            Query(name="aerodrome", about="an aerodrome's indicator: the scope is AW then"),
        ),
    ),
    reading(
        f"{_NOTICE}/bundle",
        Scope.READ,
        record_shapes.BundleView,
        notices.bundle,
        summary="The evidence bundle of a delivered notice",
        query=(
            Query(name="to", about="the party that took it: name or origin", needed=True),
            *record.BUNDLE_QUERY,
        ),
    ),
    reading(
        f"{_API}/risks",
        Scope.READ,
        shapes.Page[shapes.RiskView],
        watched.risks,
        summary="Which units were told, and which were not reached",
    ),
    reading(
        f"{_API}/warnings",
        Scope.READ,
        shapes.Page[shapes.WarningView],
        watched.warnings,
        summary="All warnings",
    ),
    reading(
        f"{_API}/calls",
        Scope.READ,
        shapes.Page[shapes.CallView],
        watched.calls,
        summary="Accounts of voice calls",
    ),
    writing(
        f"{_API}/calls",
        Scope.ANSWER,
        shapes.CallRequest,
        shapes.CallView,
        watched.filed,
        summary="File an account of a voice call",
    ),
    reading(
        f"{_API}/requests",
        Scope.READ,
        shapes.Page[shapes_requests.RequestView],
        requests.listed,
        summary="What was asked of whom about a notice, and what that party said",
    ),
    writing(
        f"{_API}/requests",
        Scope.DECLARE,
        shapes_requests.AskRequest,
        shapes_requests.RequestView,
        requests.asked,
        summary="Ask a party to close or reopen airspace, keep a corridor, or delay",
    ),
    reading(
        f"{_API}/requests/{{id}}",
        Scope.READ,
        shapes_requests.RequestView,
        requests.shown,
        summary="One request with its replies",
    ),
    recorded(
        writing(
            f"{_API}/requests/{{id}}/replies",
            Scope.ANSWER,
            shapes_requests.ReplyRequest,
            shapes_requests.RequestView,
            requests.replied,
            summary="Reply to a request: our own act, which Comity only records",
        )
    ),
    reading(
        f"{_API}/parties",
        Scope.READ,
        shapes.Page[shapes.PartyView],
        parties.listed,
        summary="Enrolled parties and their lines",
    ),
    writing(
        f"{_API}/parties",
        Scope.ADMIN,
        shapes.PartyRequest,
        shapes.PartyView,
        parties.enrolled,
        summary="Enrol a party whose fingerprint was compared",
    ),
    reading(
        f"{_API}/agreements",
        Scope.READ,
        shapes.Page[shapes_agreements.AccordView],
        agreements.listed,
        summary="Agreements of two or more parties, and how they stand",
    ),
    writing(
        f"{_API}/agreements",
        Scope.ADMIN,
        shapes_agreements.AccordRequest,
        shapes_agreements.AccordView,
        agreements.signed,
        summary="Sign an agreement as one of its principals, and give it to the others",
    ),
    reading(
        f"{_API}/agreements/{{hash}}",
        Scope.READ,
        shapes_agreements.AccordView,
        agreements.shown,
        summary="One version of one agreement",
    ),
    writing(
        f"{_API}/agreements/{{hash}}/standing",
        Scope.ADMIN,
        shapes_agreements.StandingRequest,
        shapes.Page[shapes_agreements.SuspensionView],
        agreements.changed,
        summary="Suspend an agreement alone, or take our own suspension back",
    ),
    reading(
        f"{_API}/rulings",
        Scope.READ,
        shapes.Page[shapes_agreements.RulingView],
        agreements.ruled,
        summary="What counts with a party for a case, and the clause that it rests on",
        query=(
            Query(name="with", about="the party: name or origin", needed=True),
            Query(
                name="by", about="who acts: we, or they", choices=tuple(map(str, agreements.Actor))
            ),
            Query(name="kind", about="of what kind", choices=tuple(map(str, SubjectKind))),
            Query(name="purpose", about="with what purpose", choices=tuple(map(str, Purpose))),
            Query(name="domain", about="in what domain", choices=tuple(map(str, Domain))),
            Query(name="craft", about="with what class of craft", choices=tuple(map(str, Craft))),
        ),
    ),
    reading(
        f"{_API}/keys",
        Scope.ADMIN,
        shapes.Page[shapes.CallerView],
        keys.listed,
        summary="Bearer keys",
    ),
    writing(
        f"{_API}/keys",
        Scope.ADMIN,
        shapes.CallerRequest,
        shapes.NewCaller,
        keys.made,
        summary="Make a bearer key; it is shown once",
    ),
    deleting(f"{_API}/keys/{{id}}", Scope.ADMIN, keys.revoked, summary="Revoke a bearer key"),
    reading(
        f"{_API}/entries",
        Scope.READ,
        shapes.Page[record_shapes.EntryRow],
        record.entries,
        summary="The entries of our journal, page by page",
        query=(
            Query(name="after", about="the `next` of the page before"),
            Query(name="limit", about=f"at most so many, 1 to {PAGE_ROWS_MAX}"),
        ),
    ),
    reading(
        f"{_API}/signing-keys",
        Scope.READ,
        shapes.Page[shapes_keys.SigningKeyView],
        signing.listed,
        summary="The keys that sign: ours and every peer's, with their times",
    ),
    writing(
        f"{_API}/signing-keys",
        Scope.ADMIN,
        shapes_keys.StatementRequest,
        shapes_keys.StatementView,
        signing.submitted,
        summary="Put a new key of ours into force, or revoke an earlier one",
    ),
    reading(
        f"{_API}/purges",
        Scope.ADMIN,
        shapes.Page[shapes_keys.PurgeView],
        purges.listed,
        summary="Purges, proposed and done",
    ),
    writing(
        f"{_API}/purges",
        Scope.ADMIN,
        shapes_keys.PurgeRequest,
        shapes_keys.PurgeView,
        purges.proposed,
        summary="Propose to delete contents that are over; nothing is deleted yet",
    ),
    writing(
        f"{_API}/purges/{{id}}/confirm",
        Scope.ADMIN,
        shapes_keys.PurgeConfirmation,
        shapes_keys.PurgeView,
        purges.confirmed,
        summary="Confirm, with another key, what another proposed; it is done at once",
    ),
    reading(
        f"{_API}/entries/{{index}}",
        Scope.READ,
        record_shapes.EntryView,
        record.entry,
        summary="An entry of our journal, with its proof",
    ),
    reading(
        f"{_API}/entries/{{index}}/bundle",
        Scope.READ,
        record_shapes.BundleView,
        record.entry_bundle,
        summary="The evidence bundle of any entry of ours",
        query=record.BUNDLE_QUERY,
    ),
    reading(
        f"{_API}/evidence",
        Scope.READ,
        shapes.Page[record_shapes.EvidenceView],
        record.evidence,
        summary="What convicts other parties of two histories",
    ),
    Route(
        method="GET",
        path="/checkpoint",
        scope=Scope.READ,
        summary="The newest signed head (c2sp.org/tlog-checkpoint)",
        run=record.checkpoint,
        media_type="text/plain; charset=utf-8",
    ),
    Route(
        method="GET",
        path="/tile/{path:path}",
        scope=Scope.READ,
        summary="A tile of hashes or a bundle of entries (c2sp.org/tlog-tiles)",
        run=record.tile,
        media_type="application/octet-stream",
    ),
    *CONFLICT_TABLE,
    *DUTY_TABLE,
    *DISPATCH_TABLE,
    *MESSAGE_TABLE,
    *HOTLINE_METRICS_TABLE,
    *HANDOVER_TABLE,
    *LINE_TABLE,
    *RELAY_TABLE,
    *DUE_TABLE,
    *RELEASE_TABLE,
    *REGISTER_TABLE,
)
