"""The door of the air gap: our own people export a parcel and import one, piece by piece.

A parcel is authenticated by its manifest, a note under the sender's entry key: there is no
envelope, whose age of five minutes no road keeps. Each piece comes with the manifest and is taken
in by itself, in the parcel's order; a parcel whose number is not above the last one changes
nothing. Called by assembly, which mounts the routes.
"""

from collections.abc import Mapping
from functools import partial

import msgspec

from comity.exchange.accuse import keep_fork
from comity.exchange.given import Desks
from comity.exchange.line import Line
from comity.exchange.parcel import finish, pack, state_of, unpack
from comity.journal.heads import Forked, OtherSize
from comity.journal.parcel import Parcel, check_piece, parcel_file, parse_parcel_text
from comity.model.fault import Malformed, Refusal, Refused, Untrusted
from comity.model.party import party_name
from comity.trust.envelope import check_time
from comity.trust.note import parse_note, signed_by
from comity.web.api.carried import ExportRequest, ImportRequest, ImportView, ParcelView
from comity.web.gate import Admitted
from comity.web.route import Route, writing
from comity.web.scope import Scope
from comity.wire.canonical import b64, unb64
from comity.wire.limits import NOTICE_AGE_US_MAX

__all__ = ["air_gap_table"]

_PATH = "/api/v1/air-gap"


def air_gap_table(lines: Mapping[str, Line], desks: Desks) -> tuple[Route, ...]:
    """The two routes; `lines` are those of the node's couriers, by origin."""

    async def exported(_: Admitted, request: ExportRequest) -> bytes:
        return await _exported(lines, request)

    async def imported(call: Admitted, request: ImportRequest) -> bytes:
        return await _imported(lines, desks, call, request)

    return (
        writing(
            f"{_PATH}/export",
            Scope.ADMIN,
            ExportRequest,
            ParcelView,
            exported,
            summary="Pack what a party should have into a file",
        ),
        writing(
            f"{_PATH}/import",
            Scope.ADMIN,
            ImportRequest,
            ImportView,
            imported,
            summary="Take in one piece of a party's file",
        ),
    )


async def _exported(lines: Mapping[str, Line], request: ExportRequest) -> bytes:
    found = [line for o, line in lines.items() if request.to in {o, party_name(o)}]
    if len(found) != 1:
        raise _refused("no_such_party", f"{request.to[:80]!r} is not one enrolled party")
    manifest, pieces = await pack(found[0])
    parcel = parse_parcel_text(manifest.text)
    view = ParcelView(
        party=parcel.audience,
        number=parcel.number,
        pieces=len(pieces),
        file=b64(parcel_file(manifest, pieces)),
    )
    return msgspec.json.encode(view)


async def _imported(
    lines: Mapping[str, Line], desks: Desks, call: Admitted, request: ImportRequest
) -> bytes:
    line, parcel = _opened(lines, call, request.manifest.encode("utf-8", "surrogatepass"))
    new = 0
    last = call.read(lambda r: state_of(r, parcel.sender).received)
    if parcel.number > last:
        if request.position == len(parcel.pieces):
            await line.commit(partial(finish, parcel=parcel))
        else:
            new = await _taken_in(line, desks, call, parcel, request)
    view = ImportView(
        party=parcel.sender, number=parcel.number, already=parcel.number <= last, new_entries=new
    )
    return msgspec.json.encode(view)


def _opened(lines: Mapping[str, Line], call: Admitted, manifest: bytes) -> tuple[Line, Parcel]:
    """Whose parcel it is, by its signature.

    Raises:
        Malformed: not a manifest, from the future, or too old.
        Untrusted: of a stranger, not signed by the sender, or for another party.
    """
    note = parse_note(manifest)
    parcel = parse_parcel_text(note.text)
    peer = call.node.roster.now.peer(parcel.sender)
    signed_by(note, peer.entry)
    if parcel.audience != call.node.origin:
        raise Untrusted(f"the parcel is for {parcel.audience}", code="wrong_audience")
    line = lines[parcel.sender]
    now_us = max(call.now_us, line.line_us())  # it bears the time as its maker has it
    check_time(parcel.made_us, now_us, NOTICE_AGE_US_MAX)
    return line, parcel


async def _taken_in(
    line: Line, desks: Desks, call: Admitted, parcel: Parcel, request: ImportRequest
) -> int:
    if not 0 <= request.position < len(parcel.pieces):
        raise Malformed("no piece of that parcel", code="bad_parcel")
    piece, data = parcel.pieces[request.position], unb64(request.piece)
    check_piece(piece, data)
    roster = call.node.roster.now
    try:
        return (await line.commit(unpack(line, roster, desks, parcel, piece.kind, data))).value
    except OtherSize:
        if piece.kind == "beat":
            return 0  # one of several: another may start where we are
        raise
    except Forked as fork:
        await line.commit(partial(keep_fork, peer=line.peer, fork=fork))
        raise


def _refused(code: str, reason: str) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do="comity party list"))
