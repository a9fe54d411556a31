"""Makes a backup of a node, running or stopped: journal, home, cards; private keys only if asked.

A folder, or one `.tar` file. The journal is one committed state; its lock is not copied, because a
backup's lock could be older or newer than its data: a restore writes a new one, with a mark that
lets the node sign nothing before others have been asked. Looked over as soon as it is made. Called
by the command line through assembly, which gives the database's own means.
"""

import os
import re
import shutil
import tarfile
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from comity import __version__
from comity.config import HOME_FILE, Home, load_identity, named_files, read_certificate
from comity.journal.whole import hashed_whole
from comity.model.fault import Refusal, Refused
from comity.storage.store import Reading
from comity.trust.card import card_note
from comity.trust.keyfile import read_secret, write_secret
from comity.upkeep.manifest import (
    JOURNAL,
    SEALED_KEYS,
    Manifest,
    check_files,
    damaged,
    listed,
    write_manifest,
)
from comity.upkeep.sealing import SALT_BYTES, sealed
from comity.wire.canonical import b64

__all__ = [
    "SECRETS",
    "Database",
    "Passphrase",
    "Upgrade",
    "are_secrets",
    "back_up",
    "copy_named",
    "is_secret",
    "not_written",
    "secrets_in",
    "unpacked",
]

# What a home keeps from others; the certificate and the cards are everybody's.
SECRETS = ("entry.key", "log.key", "cosigner.key", "handle.secret", "admin.key", "tls.key")
# The ML-DSA key, which a home of release 0.1 lacks, the keys before the present ones, and what
# the outlets sign in with.
_MORE_KEYS = re.compile(
    r"((entry|log|log-mldsa|cosigner)(-[0-9a-f]{8})?|outlet-[a-z0-9][a-z0-9-]{0,31})\.key",
    re.ASCII,
)
_SECRET_BYTES_MAX = 65_536
_MEMBERS_MAX = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """What assembly's database can do: copy itself, be looked over, be read as a copy, be locked.

    `look_over` gives the schema number; `write_lock` takes path, size, root and mark.
    """

    newest_schema: int
    copy: Callable[[Path, Path], None]
    look_over: Callable[[Path], int]
    reading: Callable[[Path], AbstractContextManager[Reading]]
    write_lock: Callable[[Path, int, bytes, bytes], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """The newest schema of this release, a file's, and the way from one to the other."""

    newest: int
    schema_of: Callable[[Path], int]
    run: Callable[[Path], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passphrase:
    """Under which private keys go along."""

    text: str = field(repr=False)


def back_up(
    database: Database,
    home: Home,
    target: Path,
    *,
    now_us: int,
    keys: Literal["none", "plain"] | Passphrase = "none",
    chance: Callable[[int], bytes],
) -> Manifest:
    """Write a backup of `home` to a new folder, or to a new file whose name ends in `.tar`.

    Raises:
        Refused: something is there (`file_exists`), the place cannot be written (`file_mode`), or
            the passphrase is short (`weak_passphrase`).
        Corrupt: the journal does not hold (`damaged_journal`); there is no backup then.
    """
    if target.suffix != ".tar":
        return _into(database, home, target, now_us, _secrets(home, keys, chance))
    if target.exists():
        raise _exists(target)
    folder = target.with_name(f".{target.name}.{now_us}")
    try:
        secrets = _secrets(home, keys, chance)
        manifest = _into(database, home, folder, now_us, secrets)
        _pack(folder, target)
        with unpacked(target) as again:
            check_files(again, manifest)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise not_written(target, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return manifest


def _into(
    database: Database, home: Home, folder: Path, now_us: int, secrets: Mapping[str, bytes]
) -> Manifest:
    _make(folder)
    try:
        database.copy(home.path / JOURNAL, folder / JOURNAL)
        schema = database.look_over(folder / JOURNAL)
        with database.reading(folder / JOURNAL) as reading:
            size, root = hashed_whole(reading)
            # Rows of an older schema are not read; the copy holds the cards all the same.
            peers = reading.post.peers() if schema == database.newest_schema else ()
            cards = [row.card for row in peers]
        write_secret(folder / HOME_FILE, (home.path / HOME_FILE).read_bytes())
        identity = load_identity(home)
        cards.insert(0, card_note(identity, home.address, read_certificate(home)))
        for number, card in enumerate(cards):
            write_secret(folder / "cards" / f"{number:03}.card", card)
        if (home.path / "keys/tls.crt").exists():
            write_secret(folder / "keys/tls.crt", (home.path / "keys/tls.crt").read_bytes())
        for name, data in secrets.items():
            write_secret(folder / name, data)
        copy_named(home.path, folder)
        own = (identity.entry, identity.log, identity.cosigner)
        manifest = Manifest(
            origin=home.origin,
            name=home.name,
            exercise=home.exercise,
            version=__version__,
            schema=schema,
            made_us=now_us,
            size=size,
            root=b64(root),
            keys=_kind(secrets),
            public_keys=tuple(key.verifier().text() for key in own),
            files=listed(folder),
        )
        write_manifest(folder, manifest)
        check_files(folder, manifest)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise not_written(folder, error) from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return manifest


def _kind(secrets: Mapping[str, bytes]) -> Literal["none", "plain", "sealed"]:
    if not secrets:
        return "none"
    return "sealed" if SEALED_KEYS in secrets else "plain"


def _secrets(
    home: Home, keys: Literal["none", "plain"] | Passphrase, chance: Callable[[int], bytes]
) -> dict[str, bytes]:
    """The private files that go along, by name; empty unless they were asked for."""
    if keys == "none":
        return {}
    plain = secrets_in(home.path / "keys")
    if isinstance(keys, Passphrase):
        return {SEALED_KEYS: sealed(plain, keys.text, chance(SALT_BYTES))}
    return plain


def secrets_in(keys: Path) -> dict[str, bytes]:
    """The private files of a home's folder `keys`, by name from the home."""
    found = sorted(path.name for path in keys.glob("*.key") if _MORE_KEYS.fullmatch(path.name))
    names = dict.fromkeys((*SECRETS, *found))
    return {f"keys/{name}": read_secret(keys / name, _SECRET_BYTES_MAX) for name in names}


def is_secret(name: str) -> bool:
    """Whether this is the name, from the home, of a private file."""
    folder, _, rest = name.rpartition("/")
    return folder == "keys" and (rest in SECRETS or _MORE_KEYS.fullmatch(rest) is not None)


def are_secrets(names: Collection[str]) -> bool:
    """Whether these are private files and no others, all that a home needs among them."""
    return all(map(is_secret, names)) and {f"keys/{name}" for name in SECRETS} <= set(names)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700)
        for name in ("data", "keys", "cards"):
            (folder / name).mkdir(mode=0o700)
    except FileExistsError:
        raise _exists(folder) from None
    except OSError as error:
        raise not_written(folder, error) from error


def copy_named(source: Path, target: Path) -> None:
    """Copy what `home.toml` names inside the home, as a policy, and the outlets' files."""
    for name in named_files(source):
        inside = not Path(name).is_absolute() and ".." not in Path(name).parts
        if inside and (source / name).is_file() and not (target / name).exists():
            (target / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_secret(target / name, (source / name).read_bytes())


def not_written(place: Path, error: OSError) -> Refused:
    """A place that cannot be written: no such folder, no right, no room."""
    return Refused(
        Refusal(
            code="file_mode",
            reason=f"{place} cannot be written: {error.strerror}",
            what_to_do="Name a new place in a folder that you can write to, with room in it.",
        )
    )


def _exists(target: Path) -> Refused:
    return Refused(
        Refusal(
            code="file_exists",
            reason=f"{target} is there already; it was not touched",
            what_to_do="Name a new folder, or a new file that ends in .tar.",
        )
    )


def _pack(folder: Path, target: Path) -> None:
    target.touch(mode=0o600, exist_ok=False)
    with target.open("wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    tar.add(path, arcname=str(path.relative_to(folder)), recursive=False)
        file.flush()
        os.fsync(file.fileno())
    directory = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


class unpacked:  # noqa: N801 - used as a with-statement's words
    """A backup as a folder: the folder itself, or a `.tar` unpacked beside it for a while."""

    def __init__(self, source: Path) -> None:
        """Nothing is read yet."""
        self._source = source
        self._folder: Path | None = None

    def __enter__(self) -> Path:
        """The folder; Refused (`backup_damaged`) for a file that is no such archive."""
        if not self._source.is_file():
            return self._source
        self._folder = self._source.with_name(f".{self._source.name}.unpacked")
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(mode=0o700)
        try:
            _unpack(self._source, self._folder)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self._folder

    def __exit__(self, *_: object) -> None:
        """Take away what was unpacked."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _unpack(source: Path, folder: Path) -> None:
    """Plain files with plain names only; nothing else in an archive is followed."""
    try:
        with tarfile.open(source, mode="r:") as tar:
            for number, member in enumerate(tar):
                parts = Path(member.name).parts
                bad = not member.isreg() or not parts or ".." in parts or parts[0] == "/"
                if bad or number >= _MEMBERS_MAX:
                    raise damaged(f"{member.name[:80]!r} does not belong into a backup")
                place = folder.joinpath(*parts)
                place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                data = tar.extractfile(member)
                if data is None:
                    raise damaged(f"{member.name[:80]!r} cannot be read")
                place.touch(mode=0o600, exist_ok=False)
                with data, place.open("wb") as file:
                    shutil.copyfileobj(data, file)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise damaged(f"{source} is no archive: {error}") from error
