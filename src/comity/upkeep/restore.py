"""Makes a home out of a backup, in a new or empty folder; the node in it signs nothing at first.

Every file is hashed against the manifest and every entry against the tree before anything is made.
The new lock holds the head of the backup and the mark `restored`. Private keys come from the
backup, if it has them, or from a folder that the operator kept; else they are put there by hand.
Called by the command line through assembly.
"""

import shutil
from pathlib import Path

from comity.config import HOME_FILE, Home, load_identity, read_home
from comity.home import hold_lock, make_folders
from comity.journal.restored import Mark
from comity.journal.whole import hashed_whole
from comity.model.fault import Refusal, Refused, Untrusted
from comity.trust.keyfile import write_secret
from comity.upkeep.backup import (
    Database,
    are_secrets,
    copy_named,
    is_secret,
    not_written,
    secrets_in,
    unpacked,
)
from comity.upkeep.manifest import (
    JOURNAL,
    SEALED_KEYS,
    Manifest,
    check_files,
    damaged,
    read_manifest,
)
from comity.upkeep.sealing import opened
from comity.wire.canonical import b64

__all__ = ["restore"]

_ELSEWHERE = "Restore into a new folder. Never over a journal: it may be newer."


def restore(
    database: Database,
    source: Path,
    path: Path,
    *,
    keys: Path | None = None,
    passphrase: str | None = None,
) -> tuple[Manifest, bool]:
    """Make the home `path` from the backup `source`; the manifest, and whether its keys are there.

    Raises:
        Refused: no backup (`no_backup`), a damaged one (`backup_damaged`), a folder that holds
            something (`home_exists`), keys that are sealed and no passphrase (`keys_sealed`).
        Corrupt: the backup is of a newer release (`newer_database`), or its journal does not hold.
        Untrusted: keys of another node (`other_key`), a wrong passphrase (`wrong_passphrase`).
    """
    with unpacked(source) as folder:
        manifest = read_manifest(folder)
        check_files(folder, manifest)
        mark = _checked(database, folder, manifest)
        secrets = _secrets(folder, manifest, keys, passphrase)
        make_folders(path, _ELSEWHERE)
        try:
            with hold_lock(path):
                _fill(database, folder, path, mark, secrets)
            if secrets:
                _own_keys(read_home(path), manifest)
        except OSError as error:
            shutil.rmtree(path, ignore_errors=True)
            raise not_written(path, error) from error
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)  # it was empty; half a home helps nobody
            raise
    return manifest, bool(secrets)


def _checked(database: Database, folder: Path, manifest: Manifest) -> tuple[int, bytes, bytes]:
    """Size, root and mark of the new lock, from a journal that was hashed whole."""
    schema = database.look_over(folder / JOURNAL)
    if schema != manifest.schema:
        raise damaged("its database is not of the schema that it says")
    with database.reading(folder / JOURNAL) as reading:
        size, root = hashed_whole(reading)
    if (size, b64(root)) != (manifest.size, manifest.root):
        raise damaged("its journal is not the one that it says")
    mark = Mark(size=size, root=b64(root), made_us=manifest.made_us)
    return size, root, mark.bytes()


def _secrets(
    folder: Path, manifest: Manifest, keys: Path | None, passphrase: str | None
) -> dict[str, bytes]:
    if keys is not None:
        return secrets_in(keys)
    if manifest.keys == "none":
        return {}
    if manifest.keys == "plain":
        names = [name for name in manifest.files if is_secret(name)]
        if not are_secrets(names):
            raise damaged("its keys are not those of a home")
        return {name: (folder / name).read_bytes() for name in names}
    if passphrase is None:
        raise Refused(
            Refusal(
                code="keys_sealed",
                reason="the keys in this backup are under a passphrase",
                what_to_do="Name a file that holds it: --passphrase-file FILE, or give --keys.",
            )
        )
    found = opened((folder / SEALED_KEYS).read_bytes(), passphrase)
    if not are_secrets(found):
        raise damaged("its sealed keys are not those of a home")
    return found


def _fill(
    database: Database,
    folder: Path,
    path: Path,
    lock: tuple[int, bytes, bytes],
    secrets: dict[str, bytes],
) -> None:
    """The home's file comes last: a folder without it is no home."""
    database.copy(folder / JOURNAL, path / JOURNAL)
    database.write_lock(path / "data/lock.db", *lock)
    if (folder / "keys/tls.crt").exists():
        write_secret(path / "keys/tls.crt", (folder / "keys/tls.crt").read_bytes())
    for name, data in secrets.items():
        write_secret(path / name, data)
    copy_named(folder, path)
    write_secret(path / HOME_FILE, (folder / HOME_FILE).read_bytes())


def _own_keys(home: Home, manifest: Manifest) -> None:
    identity = load_identity(home)
    own = (identity.entry, identity.log, identity.cosigner)
    if tuple(key.verifier().text() for key in own) != manifest.public_keys:
        raise Untrusted("these keys are not those of the backup's node", code="other_key")
