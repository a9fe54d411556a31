"""What is sent: the words of a mail and the JSON of a webhook, for one dispatch. Pure.

By default an id, a kind, a party and times: neither a place nor a name of a unit is in a letter
unless the outlet says `details = "full"`. English; nothing in it asks for a reply. Called by the
sender and the command line.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from comity.model.outlet import Details, Mail, Outlet
from comity.model.party import party_name
from comity.model.quantity import SECOND_US, instant_text
from comity.outlets.thing import Thing
from comity.wire.canonical import Json, dumps, sha256

__all__ = ["Letter", "letter_of", "trial_letter"]

_POLICY = SMTP.clone(cte_type="7bit")
_UNDERSTOOD = "An answer means received and understood, never approved."
_NO_REPLY = "Nobody reads replies to this, and opening it answers nothing: answer at the node."
_LEAST = "Places and names of units stay at the node."


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The bytes that go out under a dispatch's id; the same thing gives the same bytes again."""

    id: bytes
    body: bytes

    @property
    def digest(self) -> bytes:
        """SHA-256 of the body, for our record."""
        return sha256(self.body)


def letter_of(outlet: Outlet, thing: Thing, id_: bytes, *, origin: str, made_us: int) -> Letter:
    """A thing in the form that an outlet takes; `made_us` is when it was put in line."""
    said = _said(outlet, thing, origin)
    notes = (_UNDERSTOOD, _NO_REPLY, *(() if outlet.details is Details.FULL else (_LEAST,)))
    if isinstance(outlet.target, Mail):
        subject = f"[comity {party_name(origin)}] {thing.title}"
        if thing.party is not None:
            subject += f", {party_name(thing.party)}"
        lines = [f"{key.replace('_', ' ') + ':':<14}{value}" for key, value in said.items()]
        text = "\n".join([*lines, "", *notes]) + "\n"
        return _mail(outlet.target, subject, text, id_, thing.of, origin, made_us)
    data: Json = {**said, "note": " ".join(notes)}
    whole: Json = {
        "type": f"comity.{thing.group}",
        "timestamp": instant_text(made_us),
        "data": data,
    }
    return Letter(id=id_, body=dumps(whole))


def trial_letter(outlet: Outlet, id_: bytes, *, origin: str, made_us: int) -> Letter:
    """What `comity outlet test` sends: it tells nothing, and says so."""
    words = f"A test of the outlet {outlet.name}: nothing has happened, and nothing is to be done."
    if isinstance(outlet.target, Mail):
        subject = f"[comity {party_name(origin)}] test of {outlet.name}"
        return _mail(outlet.target, subject, f"{words}\n", id_, id_, origin, made_us)
    whole: Json = {
        "type": "comity.test",
        "timestamp": instant_text(made_us),
        "data": {"node": origin, "outlet": outlet.name, "words": words},
    }
    return Letter(id=id_, body=dumps(whole))


def _said(outlet: Outlet, thing: Thing, origin: str) -> dict[str, str]:
    """What may leave, by name, in the order in which a person reads it."""
    details = thing.words if outlet.details is Details.FULL else ""
    said = {
        "what": thing.title,
        "kind": thing.kind,
        "party": thing.party,
        "since": instant_text(thing.at_us),
        "answer_by": None if thing.due_us is None else instant_text(thing.due_us),
        "over_since": None if thing.over_us is None else instant_text(thing.over_us),
        "safety_floor": "yes" if thing.floor else "no",
        "details": details or None,
        "what_to_do": thing.look,
        "about": (thing.about or thing.of).hex(),
        "id": thing.of.hex(),
        "node": origin,
    }
    return {key: value for key, value in said.items() if value is not None}


def _mail(  # noqa: PLR0917 - the parts of a mail
    mail: Mail, subject: str, text: str, id_: bytes, of: bytes, origin: str, made_us: int
) -> Letter:
    """One text part; identity and date are the same each time: a second copy is known for one."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = mail.sender
    message["To"] = mail.to
    message["Subject"] = subject
    message["Date"] = format_datetime(datetime.fromtimestamp(made_us // SECOND_US, UTC))
    message["Message-ID"] = f"<{id_.hex()}@{origin.partition('/')[0]}>"
    message["X-Comity-Id"] = of.hex()
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return Letter(id=id_, body=message.as_bytes())
