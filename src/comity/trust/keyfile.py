"""Secrets on disk: a signing key or a bearer secret in a file that only its owner can read.

Writes once, durably, mode 0600, and never over anything; reads only what is still as private as
that. A file that others could have read is refused, not repaired: its secret must be replaced.
Directories above the file are the operator's. Called by the assembly and the CLI.

A key file is one line: `comity/key@v1 <type, 2 hex> <name> <key id, 8 hex> <base64 seed>`. The key
id lets a damaged seed be noticed before it signs anything.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from comity.model.fault import Malformed, Refusal, Refused, Untrusted
from comity.trust.keys import KEY_NAME_BYTES_MAX, KeyType, SigningKey
from comity.wire.canonical import b64, unb64

__all__ = ["read_key", "read_secret", "write_key", "write_secret"]

_FORM = "comity/key@v1"
# Form, type, name, key id, 44 characters of seed, four spaces and LF.
_KEY_FILE_BYTES_MAX = 128 + KEY_NAME_BYTES_MAX
_PRIVATE_MODE = stat.S_IRUSR | stat.S_IWUSR
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def write_key(path: Path, key: SigningKey) -> None:
    """Write `key` to a new file; raises what `write_secret` raises."""
    key_id = key.verifier().key_id.hex()
    line = f"{_FORM} {key.key_type:02x} {key.name} {key_id} {b64(key.seed)}\n"
    write_secret(path, line.encode())


def read_key(path: Path) -> SigningKey:
    """Read what `write_key` wrote.

    Raises:
        Malformed: the content is not one whole key (`bad_key_file`).
        Refused, Untrusted: as `read_secret`.
    """
    data = read_secret(path, _KEY_FILE_BYTES_MAX)
    try:
        return _parse_key(data.decode("utf-8"))
    except (Malformed, ValueError):
        # The cause is dropped: its text may hold a part of the seed.
        raise Malformed(f"{path.name} is not a key file", code="bad_key_file") from None


def write_secret(path: Path, data: bytes) -> None:
    """Write `data` to a new file of mode 0600; when this returns, it survives a power cut.

    Raises:
        Refused: something is already there (`key_file_exists`); it was not touched.
        OSError: the disk said no; no part of a file is left behind.
    """
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with _new_file(path, directory) as descriptor:
            os.fchmod(descriptor, _PRIVATE_MODE)  # the umask may have taken bits away
            _write_all(descriptor, data)
            os.fsync(descriptor)
            os.fsync(directory)
    finally:
        os.close(directory)


def read_secret(path: Path, size_max: int) -> bytes:
    """Read a secret of at most `size_max` bytes from a file that only this user can read.

    Raises:
        Refused: there is no such file (`key_file_missing`).
        Untrusted: a link, no regular file, another owner, or open to group or world
            (`key_file_mode`).
        Malformed: more than `size_max` bytes (`too_large`).
    """
    descriptor = _open_existing(path)
    try:
        _check_private(path, os.fstat(descriptor))
        data = _read_up_to(descriptor, size_max + 1)
    finally:
        os.close(descriptor)
    if len(data) > size_max:
        raise Malformed(f"{path.name} has more than {size_max} bytes", code="too_large")
    return data


def _parse_key(text: str) -> SigningKey:
    _, key_type, name, _, encoded = text.removesuffix("\n").split(" ")
    key = SigningKey(name=name, key_type=KeyType(int(key_type, 16)), seed=unb64(encoded))
    written = f"{_FORM} {key.key_type:02x} {name} {key.verifier().key_id.hex()} {encoded}\n"
    if text != written:
        raise Malformed("another form, or damaged", code="bad_key_file")
    return key


@contextmanager
def _new_file(path: Path, directory: int) -> Iterator[int]:
    """Open a file that was not there before; if the body fails, it is not there afterwards."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path.name, flags, _PRIVATE_MODE, dir_fd=directory)
    except FileExistsError:
        raise Refused(
            Refusal(
                code="key_file_exists",
                reason=f"{path} is already there",
                what_to_do="Choose another name, or move the old file away by hand.",
            )
        ) from None
    try:
        yield descriptor
    except BaseException:
        with suppress(OSError):
            os.unlink(path.name, dir_fd=directory)
        raise
    finally:
        os.close(descriptor)


def _open_existing(path: Path) -> int:
    # O_NONBLOCK: a pipe put in the file's place must not stop the start.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(path, flags)
    except FileNotFoundError:
        raise Refused(
            Refusal(
                code="key_file_missing",
                reason=f"there is no {path}",
                what_to_do="Make the key, or restore it from its backup.",
            )
        ) from None
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.EACCES, errno.ENXIO}:
            raise Untrusted(f"{path} is a link or not ours", code="key_file_mode") from error
        raise


def _check_private(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise Untrusted(f"{path} is not a regular file", code="key_file_mode")
    if status.st_uid != os.geteuid():
        raise Untrusted(f"{path} belongs to another user", code="key_file_mode")
    if status.st_mode & _OTHERS:
        raise Untrusted(
            f"{path} can be read or written by others; replace the secret", code="key_file_mode"
        )


def _write_all(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:  # bounded by len(data): each turn writes at least one byte or raises
        left = left[os.write(descriptor, left) :]


def _read_up_to(descriptor: int, count: int) -> bytes:
    parts: list[bytes] = []
    while count > 0:  # bounded by count: each turn reads at least one byte or ends
        part = os.read(descriptor, count)
        if not part:
            break
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
