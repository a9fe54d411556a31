"""Agreements: list, show, sign, suspend and resume; and which clause counts for a case.

Called by way of the table.
"""

from enum import StrEnum
from typing import TypeVar

from comity.agreement.resolve import Case
from comity.agreement.standing import missing, since_us
from comity.intake.agree import change_standing, note_of, sign
from comity.intake.terms import Standing, agreed
from comity.journal.pen import Pen
from comity.model.fault import Corrupt, Refusal, Refused
from comity.model.notice import Craft, Domain, Purpose, SubjectKind
from comity.model.parameter import PARAMETERS
from comity.model.quantity import instant_text
from comity.storage.store import Reading, Transaction
from comity.web.api.shapes import Page
from comity.web.api.shapes_agreements import (
    AccordRequest,
    AccordView,
    RulingView,
    SignatureView,
    StandingRequest,
    SuspensionView,
)
from comity.web.api.translate import identity_from, parties_from
from comity.web.api.views import when
from comity.web.gate import Admitted
from comity.web.once import commit
from comity.web.problem import BadField
from comity.wire.agreement_v1 import StandingChange

__all__ = ["Actor", "changed", "listed", "ruled", "shown", "signed"]

E = TypeVar("E", bound=StrEnum)


class Actor(StrEnum):
    """Whose activity a ruling is asked about."""

    OURS = "ours"
    THEIRS = "theirs"


def listed(call: Admitted) -> Page[AccordView]:
    """All agreements that are known here, by name and version."""
    return Page(items=call.read(lambda r: _views(r, call)))


def shown(call: Admitted) -> AccordView:
    """One version, by its hash."""
    hash_ = identity_from(call.path["hash"], "hash")
    return call.read(lambda r: _view_of(r, call, hash_))


async def signed(call: Admitted, request: AccordRequest) -> bytes:
    """Sign a text."""

    def change(tx: Transaction, pen: Pen) -> AccordView:
        return _view_of(tx, call, sign(tx, pen, request.text))

    return await commit(call, change)


async def changed(call: Admitted, request: StandingRequest) -> bytes:
    """Suspend or resume; the address is the hash of an agreement or of a parameter block."""
    hash_ = identity_from(call.path["hash"], "hash")

    def change(tx: Transaction, pen: Pen) -> Page[SuspensionView]:
        change_standing(tx, pen, hash_, StandingChange(request.change), request.reason)
        return Page(items=_suspensions(tx, hash_))

    return await commit(call, change)


def ruled(call: Admitted) -> Page[RulingView]:
    """What counts with one party for one case, parameter by parameter."""
    if "with" not in call.query:
        raise BadField("say with whom: `with`", code="missing_parameter", field="with")
    (origin,) = parties_from((call.query["with"],), call.node.roster.now)
    case = _case(call, origin)
    rules = call.read(lambda r: agreed(r, call.node.origin, call.now_us)).with_party(origin)
    rulings = (rules.ruling(name, case) for name in sorted(PARAMETERS))
    return Page(
        items=[
            RulingView(
                parameter=ruling.parameter,
                value=ruling.value,
                shown=PARAMETERS[ruling.parameter].shown(ruling.value),
                agreement=ruling.agreement,
                version=ruling.version,
                clause=ruling.clause,
                sentence=ruling.sentence,
            )
            for ruling in rulings
        ]
    )


def _case(call: Admitted, origin: str) -> Case:
    """Who acts is us, unless the query says `theirs`."""
    theirs = _choice(call, "by", Actor) is Actor.THEIRS
    by, to = (origin, call.node.origin) if theirs else (call.node.origin, origin)
    return Case(
        by=by,
        to=to,
        kind=_choice(call, "kind", SubjectKind),
        purpose=_choice(call, "purpose", Purpose),
        domain=_choice(call, "domain", Domain),
        craft=_choice(call, "craft", Craft),
    )


def _choice(call: Admitted, name: str, choices: type[E]) -> E | None:
    text = call.query.get(name)
    if text is None:
        return None
    if text not in set(choices):
        allowed = ", ".join(choices)
        raise BadField(f"`{name}` is one of {allowed}", code="bad_query", field=name)
    return choices(text)


def _views(reading: Reading, call: Admitted) -> list[AccordView]:
    found = agreed(reading, call.node.origin, call.now_us)
    return [_view(reading, standing) for standing in found.standings]


def _view_of(reading: Reading, call: Admitted, hash_: bytes) -> AccordView:
    for standing in agreed(reading, call.node.origin, call.now_us).standings:
        if standing.known.hash == hash_:
            return _view(reading, standing)
    raise Refused(
        Refusal(
            code="not_found",
            reason="no agreement has that hash",
            what_to_do="list them: GET /api/v1/agreements",
            field="hash",
        )
    )


def _view(reading: Reading, standing: Standing) -> AccordView:
    known = standing.known
    row = reading.accords.accord(known.hash)
    if row is None:
        raise Corrupt("an agreement that was read is not there", code="invariant_broken")
    return AccordView(
        hash=known.hash.hex(),
        name=known.agreement.name,
        version=known.agreement.version,
        state=standing.state.value,
        parties=[party.origin for party in known.agreement.parties],
        missing=list(missing(known)),
        signatures=[
            SignatureView(origin=each.origin, known=instant_text(each.at_us))
            for each in reading.accords.signatures(known.hash)
        ],
        suspensions=_suspensions(reading, known.hash),
        known=instant_text(row.known_us),
        in_force=when(since_us(known)),
        text=row.text,
        note=note_of(reading, row),
    )


def _suspensions(reading: Reading, hash_: bytes) -> list[SuspensionView]:
    return [
        SuspensionView(
            by=row.origin,
            reason=row.reason,
            since=instant_text(row.since_us),
            over=when(row.over_us),
        )
        for row in reading.accords.suspensions(hash_)
    ]
