"""What a node reads and opens before it serves: store, clock, keys, roster, its own bearer key.

Start-up is recovery: the same loader runs after a clean stop and after a crash. Called by `node`.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from comity.clock import Clock, SystemClock, VirtualClock
from comity.config import Home, WitnessHome, key_path, load_identity
from comity.home import settle_key
from comity.intake.renew import lives_of, renewed
from comity.model.fault import Full
from comity.storage.ballast import Ballast
from comity.storage.rows import CallerRow
from comity.storage.sqlite.store import SqliteStore
from comity.storage.store import Store
from comity.trust.identity import Identity, Role
from comity.trust.keyfile import read_key, read_secret
from comity.trust.keys import VerifierKey
from comity.trust.lives import present
from comity.trust.note import parse_note
from comity.trust.roster import Peer, Roster
from comity.wire.canonical import sha256
from comity.wire.entry_v1 import parse_entry

__all__ = [
    "EXERCISE_START_US",
    "SECRET_BYTES_MAX",
    "admit_admin",
    "clock_of",
    "opened",
    "own_identity",
    "roster_of",
    "settle_keys",
    "tls_of",
]

_ADMIN_SCOPES = "read declare answer admin metrics register"
SECRET_BYTES_MAX = 128
EXERCISE_START_US = 946_684_800_000_000  # 2000-01-01: an exercise's clock is set by its referee


def opened(folder: Path, ballast: Ballast) -> SqliteStore:
    """The store; where there is no room even to open it, with the ballast's."""
    try:
        return SqliteStore(folder)
    except Full:
        if not ballast.release():
            raise
        return SqliteStore(folder)


def settle_keys(home: Home, store: Store) -> None:
    """Make the key files say what the journal says: a node may have stopped between the two."""
    lives = store.read(lambda r: lives_of(r, home.origin))
    for role in Role:
        key = present(lives, role)
        if key is not None:
            settle_key(home, role, key)


def own_identity(home: Home, store: Store) -> Identity:
    """Our keys, the earlier log keys that go on signing, and earlier entry keys: they open."""
    settle_keys(home, store)
    lives = store.read(lambda r: lives_of(r, home.origin))
    identity = load_identity(home)
    own = identity.log.verifier()
    before = [life.key for life in lives if life.role is Role.LOG and life.living]
    keys = [read_key(key_path(home, Role.LOG, key.key_id.hex())) for key in before if key != own]
    ended = [life.key for life in lives if life.role is Role.ENTRY and not life.living]
    files = [key_path(home, Role.ENTRY, key.key_id.hex()) for key in ended]
    entries = tuple(read_key(file) for file in reversed(files) if file.exists())
    return replace(identity, logs_before=tuple(keys), entries_before=entries)


def roster_of(
    identity: Identity,
    peers: Mapping[str, Peer],
    witnesses: tuple[VerifierKey, ...],
    store: Store,
) -> Roster:
    """Peers and witnesses, with the keys that they have now."""
    keys = frozenset(key.verifier().public for key in identity.keys)
    roster = Roster(own=identity.origin, peers=peers, witnesses=witnesses, own_keys=keys)
    return store.read(lambda reading: renewed(reading, roster))


def clock_of(home: Home, store: Store) -> Clock:
    """The machine's clock, or for an exercise one that starts where its journal ended."""
    if home.exercise is None:
        return SystemClock()
    size = store.read(lambda r: r.journal.size())
    last = store.read(lambda r: r.journal.entry(size - 1)) if size else None
    if last is None:
        return VirtualClock(EXERCISE_START_US)
    return VirtualClock(parse_entry(parse_note(last.body).text).issued_us)


def admit_admin(home: Home, store: Store, clock: Clock) -> None:
    """The home's own bearer key: whoever can read the file runs the node."""
    key_hash = sha256(read_secret(home.path / "keys" / "admin.key", SECRET_BYTES_MAX).strip())
    row = store.read(lambda r: r.people.caller(key_hash))
    if row is None:
        row = CallerRow(
            key_hash=key_hash,
            name="admin",
            scopes=_ADMIN_SCOPES,
            created_us=clock.now_us(),
            revoked_us=None,
        )
    elif row.scopes == _ADMIN_SCOPES:
        return
    admitted = replace(row, scopes=_ADMIN_SCOPES)  # an older release knew fewer scopes
    store.write(lambda tx: tx.people.save_caller(admitted))


def tls_of(home: Home | WitnessHome) -> tuple[str, str] | None:
    """Certificate and key files, if the address is of https."""
    if not home.address.startswith("https://"):
        return None
    return str(home.path / "keys" / "tls.crt"), str(home.path / "keys" / "tls.key")
