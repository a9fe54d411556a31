"""Bearer keys: list, make, revoke. A key is shown once and kept as its SHA-256.

Whoever holds `admin` can make a key for anything, and cannot lock everybody out. Called by way of
the table.
"""

import base64
import secrets
from dataclasses import replace

from comity.journal.pen import Pen
from comity.model.fault import Refusal, Refused
from comity.model.notice import checked_text
from comity.model.quantity import instant_text
from comity.storage.rows import CallerRow
from comity.storage.store import Reading, Transaction
from comity.web.api.shapes import CallerRequest, CallerView, NewCaller, Page
from comity.web.api.translate import identity_from
from comity.web.api.views import when
from comity.web.gate import Admitted
from comity.web.once import commit, once
from comity.web.problem import BadField
from comity.web.scope import Scope
from comity.wire.canonical import sha256
from comity.wire.limits import CALLERS_MAX, LABEL_CHARS_MAX

__all__ = ["KEY_PREFIX", "listed", "made", "new_key", "revoked"]

KEY_PREFIX = "comity_"  # lets a scanner of leaked texts recognise one
_SECRET_BYTES = 32


def new_key() -> str:
    """A fresh bearer key: the prefix and 52 letters and digits (base32) of 256 random bits."""
    letters = base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")
    return KEY_PREFIX + letters.rstrip("=").lower()


def listed(call: Admitted) -> Page[CallerView]:
    """All keys, revoked ones too."""
    return Page(items=[_view(row) for row in call.read(lambda r: r.people.callers())])


async def made(call: Admitted, request: CallerRequest) -> bytes:
    """Make a key. A repetition is refused rather than answered: the key itself was not kept."""
    if not checked_text(request.name, LABEL_CHARS_MAX, "name"):
        raise BadField("a key has a name", code="bad_text", field="name")
    scopes = list(dict.fromkeys(request.scopes))
    if not scopes or len(scopes) != len(request.scopes):
        raise BadField("a key has scopes, each once", code="bad_scopes", field="scopes")
    key = new_key()

    def change(tx: Transaction, pen: Pen) -> NewCaller:
        if len(_in_force(tx)) >= CALLERS_MAX:
            raise _refused("too_many_keys", f"at most {CALLERS_MAX} keys", "revoke one first")
        row = CallerRow(
            key_hash=sha256(key.encode("ascii")),
            name=request.name,
            scopes=" ".join(scopes),
            created_us=pen.now_us,
            revoked_us=None,
        )
        tx.people.save_caller(row)
        return NewCaller(key=key, caller=_view(row))

    done = await call.node.commit(once(call, change, keep_answer=False), call.now_us)
    return done.value


async def revoked(call: Admitted) -> bytes:
    """Revoke a key at once and for good; again, it stays revoked since the first time."""
    key_hash = identity_from(call.path["id"], "id")

    def change(tx: Transaction, pen: Pen) -> None:
        row = tx.people.caller(key_hash)
        if row is None:
            raise _refused("not_found", "no key has that id", "list the keys", "id")
        if row.revoked_us is not None:
            return
        pen.claim_floor()  # whoever fills the disk must not keep a key alive by it
        others = (other for other in _in_force(tx) if other.key_hash != key_hash)
        if not any(Scope.ADMIN in other.scopes.split() for other in others):
            raise _refused(
                "last_admin_key", "nobody could make keys any more", "make another first"
            )
        tx.people.save_caller(replace(row, revoked_us=pen.now_us))

    return await commit(call, change)


def _in_force(reading: Reading) -> list[CallerRow]:
    return [row for row in reading.people.callers() if row.revoked_us is None]


def _view(row: CallerRow) -> CallerView:
    return CallerView(
        id=row.key_hash.hex(),
        name=row.name,
        scopes=[Scope(scope) for scope in row.scopes.split()],
        created=instant_text(row.created_us),
        revoked=when(row.revoked_us),
    )


def _refused(code: str, reason: str, what_to_do: str, field: str | None = None) -> Refused:
    return Refused(Refusal(code=code, reason=reason, what_to_do=what_to_do, field=field))
