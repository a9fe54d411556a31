"""What a backup says of itself: the list of its files with their SHA-256, size and root.

`MANIFEST.json` is written last and is not signed: it notices damage, not malice. Malice is noticed
by peers and witnesses, whom a restored node asks (`journal.restored`). Called by backup, restore.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from comity.model.fault import Refusal, Refused
from comity.trust.keyfile import write_secret

__all__ = [
    "JOURNAL",
    "MANIFEST",
    "SEALED_KEYS",
    "File",
    "Manifest",
    "check_files",
    "damaged",
    "listed",
    "read_manifest",
    "write_manifest",
]

MANIFEST = "MANIFEST.json"
JOURNAL = "data/journal.db"
SEALED_KEYS = "keys/keys.sealed"
_BYTES_MAX = 1_048_576  # 64 parties' cards and a few files more are 20 kB
_FILES_MAX = 256


class File(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """One file: its length, and its SHA-256 in hex."""

    bytes: int
    sha256: str


class Manifest(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """See docs/reference/backup.md. `root` is base64, `made_us` microseconds UTC."""

    origin: str
    name: str
    exercise: str | None
    version: str
    schema: int
    made_us: int
    size: int
    root: str
    keys: Literal["none", "plain", "sealed"]
    public_keys: tuple[str, ...]
    files: dict[str, File]
    form: Literal["comity/backup@v1"] = "comity/backup@v1"


def listed(folder: Path) -> dict[str, File]:
    """Every file under a folder but the manifest, hashed as it is on the disk now."""
    found = {}
    for path in _files(folder):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        found[str(path.relative_to(folder))] = File(bytes=path.stat().st_size, sha256=digest)
    found.pop(MANIFEST, None)
    return found


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise damaged(f"{path.relative_to(folder)} is no plain file")
        if path.is_file():
            yield path


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it, durably; a folder without it is no backup."""
    data = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    write_secret(folder / MANIFEST, data + b"\n")


def read_manifest(folder: Path) -> Manifest:
    """Read it; Refused (`no_backup`) if there is none, `backup_damaged` if it is not one."""
    try:
        with (folder / MANIFEST).open("rb") as file:
            data = file.read(_BYTES_MAX + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise Refused(
            Refusal(
                code="no_backup",
                reason=f"{folder} is no backup: it has no {MANIFEST}",
                what_to_do="Name what comity backup wrote: its folder, or its file.",
            )
        ) from None
    try:
        found = msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise damaged(f"{MANIFEST} cannot be read: {error}") from error
    if len(found.files) > _FILES_MAX:
        raise damaged(f"{MANIFEST} lists more than {_FILES_MAX} files")
    return found


def check_files(folder: Path, manifest: Manifest) -> None:
    """Hash every file again; Refused (`backup_damaged`) if one is changed, missing or extra."""
    found = listed(folder)
    for name in sorted(found.keys() | manifest.files.keys()):
        if found.get(name) != manifest.files.get(name):
            why = "is missing" if name not in found else "is changed"
            raise damaged(f"{name} {why if name in manifest.files else 'is not listed'}")


def damaged(reason: str) -> Refused:
    """The refusal of a backup that is not what it was."""
    return Refused(
        Refusal(
            code="backup_damaged",
            reason=reason,
            what_to_do="Use another backup; this one was changed or cut short.",
        )
    )
