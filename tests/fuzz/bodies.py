"""Targets of what comes over HTTP in JSON: a peer's messages, and people's requests.

The first byte of an input chooses the kind; the seeds have one of each, in the kinds' order.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from comity.exchange import messages
from comity.journal import evidence, tlog_proof
from comity.model.handover import Handover
from comity.model.quantity import instant_us
from comity.trust import note
from comity.trust.clock_note import checked_nonce
from comity.web import json_body
from comity.web.api import (
    carried,
    duty,
    relay,
    shapes,
    shapes_agreements,
    shapes_duty,
    shapes_handovers,
    shapes_keys,
    shapes_messages,
    shapes_register,
    shapes_relay,
    shapes_releases,
    shapes_reports,
    shapes_requests,
    time_shapes,
    translate,
    upkeep_shapes,
)
from comity.web.api import messages as said
from comity.wire import canonical
from comity.wire.limits import BODY_BYTES_MAX
from tests.fuzz import seeds
from tests.fuzz.target import NOW_US, Target, roster
from tests.journal.two_nodes import full_sample

__all__ = ["BODIES", "MESSAGES", "SHAPES"]

_GIVEN = evidence._NOTICE

MESSAGES: tuple[type[Any], ...] = (
    messages.Give,
    messages.Take,
    messages.Ack,
    messages.Acked,
    messages.Beat,
    messages.Beaten,
    messages.NotKept,
    messages.ShownOnly,
    messages.Want,
    messages.Leaves,
    messages.Recall,
    messages.Recalled,
    messages.AskClock,
    messages.ClockTold,
)


def _message(data: bytes) -> object:
    """The first byte chooses the kind; then everything in it is read, as the exchange does."""
    kind = MESSAGES[data[0] % len(MESSAGES)] if data else messages.Give
    message = messages.decode(data[1:], kind, BODY_BYTES_MAX)
    assert messages.decode(messages.encode(message), kind, BODY_BYTES_MAX) == message
    for name in ("head", "entry", "checkpoint", "statement", "note"):
        if getattr(message, name, None) is not None:
            messages.note_from(getattr(message, name))
    if hasattr(message, "proof"):
        messages.proof_from(message.proof)
    if hasattr(message, "growth"):
        messages.growths_from(message.growth)
    if hasattr(message, "consistency"):
        messages.hashes_from(message.consistency)
    if getattr(message, "cosignature", None) is not None:
        signature = messages.signature_from(message.cosignature)
        assert messages.signature_to(signature) == message.cosignature
    _parts(message)
    return message


def _parts(message: Any) -> None:
    """What a batch holds, and what is in one message only."""
    for each in getattr(message, "statements", []):
        messages.note_from(each)
    if isinstance(message, messages.NotKept):
        messages.content_from(message)
    if isinstance(message, messages.Leaves):
        canonical.unb64(message.hashes)
        canonical.hash32(message.root)
    if isinstance(message, messages.AskClock):
        checked_nonce(canonical.unb64(message.nonce))
    for each in getattr(message, "entries", []):
        messages.note_from(each.entry)
        messages.hashes_from(each.path)
        messages.content_from(each)
    for each in getattr(message, "receipts", []):
        messages.note_from(each.receipt)
        messages.hashes_from(each.path)


def _message_seeds() -> list[bytes]:
    files = full_sample().files
    notice, proof = (files[name].decode() for name in (_GIVEN.note, _GIVEN.proof))
    head = note.serialise(tlog_proof.parse_proof(proof.encode()).checkpoint).decode()
    one = canonical.b64(bytes(32))
    cosigned = "w.example/key " + canonical.b64(bytes(76))
    growth = [messages.Growth(old=1, hashes=[one])]
    gift = messages.Gift(entry=notice, seed=one, fields=one, index=1, path=[one])
    receipt = messages.Receipted(receipt=notice, index=1, path=[one])
    samples = (
        messages.Give(head=head, growth=growth, have=1, entries=[gift], statements=[notice]),
        messages.Take(
            head=head, growth=growth, cosignature=cosigned, receipts=[receipt], stopped=None
        ),
        messages.Ack(entry=notice, proof=proof, growth=growth, cosignature=cosigned),
        messages.Acked(cosignature=cosigned),
        messages.Beat(checkpoint=head, growth=growth, have=1, cosignature=cosigned),
        messages.Beaten(checkpoint=head, growth=growth, cosignature=cosigned),
        messages.NotKept(statement=notice, seed=one, fields=one),
        messages.ShownOnly(statement=notice),
        messages.Want(start=0, stop=1, size=2),
        messages.Leaves(hashes=one, root=one, consistency=[one]),
        messages.Recall(),
        messages.Recalled(checkpoint=head),
        messages.AskClock(nonce=one),
        messages.ClockTold(note=head),
    )
    return [bytes([kind]) + messages.encode(sample) for kind, sample in enumerate(samples)]


SHAPES: tuple[type[Any], ...] = (
    shapes.NoticeRequest,
    shapes.TransitionRequest,
    shapes.AnswerRequest,
    shapes.AttestationRequest,
    shapes.CallRequest,
    shapes.PartyRequest,
    shapes.CallerRequest,
    shapes_keys.StatementRequest,
    shapes_keys.PurgeRequest,
    shapes_keys.PurgeConfirmation,
    time_shapes.StampRequest,
    upkeep_shapes.AcceptRequest,
    carried.ExportRequest,
    carried.ImportRequest,
    shapes_requests.AskRequest,
    shapes_requests.ReplyRequest,
    shapes_register.ProtectRequest,
    shapes_register.RenewalRequest,
    shapes_register.ReleaseRequest,
    shapes_register.OpeningRequest,
    shapes_agreements.AccordRequest,
    shapes_agreements.StandingRequest,
    shapes_reports.ReportRequest,
    shapes_messages.MessageRequest,
    shapes_messages.MessageAnswerRequest,
    shapes_relay.RelayUnitRequest,
    shapes_relay.RelayUnitRemoval,
    shapes_relay.RelayWordRequest,
    shapes_relay.RelayPickRequest,
    shapes_relay.RelayPageRequest,
    shapes_relay.RelayCodeRequest,
    shapes_handovers.HandoverRequest,
    shapes_handovers.AcceptanceRequest,
    shapes_releases.HeldRequest,
    shapes_releases.ReleaseRequest,
    shapes_duty.RosterChainRequest,
    shapes_duty.ShiftRequest,
    shapes_duty.RoleRequest,
    shapes_duty.PresenceRequest,
)


def _request(data: bytes) -> object:
    """The first byte chooses the shape; then it is turned into nouns, as the routes do."""
    shape = SHAPES[data[0] % len(SHAPES)] if data else SHAPES[0]
    request = json_body.shaped(data[1:], shape)
    meanings: Mapping[type[Any], Callable[[Any], object]] = {
        shapes.NoticeRequest: lambda r: translate.declaration_from(r, roster()),
        shapes.TransitionRequest: lambda r: translate.move_from(r, bytes(32), NOW_US),
        shapes.AnswerRequest: lambda r: translate.answer_from(r, bytes(32)),
        shapes.AttestationRequest: lambda r: translate.units_from(r, NOW_US),
        shapes.CallRequest: translate.call_from,
        shapes_keys.PurgeRequest: _purge,
        shapes_requests.AskRequest: translate.request_from,
        shapes_reports.ReportRequest: lambda r: translate.report_from(r, bytes(32)),
        shapes_requests.ReplyRequest: lambda r: translate.reply_from(r, bytes(32)),
        shapes_messages.MessageRequest: said.message_of,
        shapes_relay.RelayUnitRequest: relay.unit_from,
        shapes_relay.RelayWordRequest: lambda r: relay.word_from(r, NOW_US),
        shapes_relay.RelayCodeRequest: relay.heard_from,
        shapes_releases.HeldRequest: lambda r: said.message_of(r.message),
        shapes_handovers.HandoverRequest: lambda r: Handover(
            giver=r.giver, taker=r.taker, note=r.note, items=()
        ),
        carried.ImportRequest: lambda r: canonical.unb64(r.piece),
        shapes_register.ProtectRequest: lambda r: translate.protection_from(r, roster()),
        shapes_register.RenewalRequest: lambda r: instant_us(r.until),
    }
    if isinstance(request, duty.RosterRequest):
        return duty.change_of(request, "fuzz")
    return meanings[shape](request) if shape in meanings else request


def _purge(request: shapes_keys.PurgeRequest) -> object:
    before = None if request.before is None else instant_us(request.before)
    notice = None if request.notice is None else translate.identity_from(request.notice, "notice")
    return before, notice, True


BODIES: Mapping[str, Target] = MappingProxyType(
    {
        "message": Target(
            take=_message,
            seeds=_message_seeds,
            functions=(
                *(f"exchange.messages.{name}" for name in ("decode", "note_from", "proof_from")),
                *(f"exchange.messages.{name}_from" for name in ("hashes", "signature")),
            ),
        ),
        "request": Target(
            take=_request,
            seeds=lambda: [bytes([kind]) + body for kind, body in enumerate(seeds.REQUESTS)],
            functions=(
                "web.json_body.shaped",
                *(f"web.api.translate.{name}_from" for name in ("declaration", "move", "answer")),
                *(f"web.api.translate.{name}_from" for name in ("units", "call", "protection")),
                *(f"web.api.translate.{name}_from" for name in ("request", "reply", "report")),
            ),
            untrusted=True,
        ),
    }
)
