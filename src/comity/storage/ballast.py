"""A file that takes up room beside the data: a full disk still has some for the safety floor.

While it is held, everything is written. When a write finds no room, or almost none is left, it is
given up: what it took is then there for the floor alone, and everything else is refused until it
can be made again in whole, with some room to spare. Really allocated, private, and worth nothing:
it can be deleted at any time. Called by the scribe, and now and then by assembly.
"""

import contextlib
import errno
import hashlib
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

__all__ = ["Ballast", "allocate", "free_bytes"]

_LOG = logging.getLogger("comity.storage")
_SPARE = 16  # the sixteenth part: what must be free beside it, or it would be given up at once
_BLOCK_BYTES = 1_048_576


class Ballast:
    """See the module docstring. For any thread; `on_change` is called with what `held` became."""

    def __init__(
        self,
        path: Path,
        size: int,
        *,
        allocate_in: Callable[[int, int], None] | None = None,
        free_in: Callable[[Path], int] | None = None,
    ) -> None:
        """A ballast of `size` bytes at `path`, made at once if there is room; 0 is none at all."""
        self._path = path
        self._size = size
        self._allocate = allocate_in or allocate
        self._free = free_in or free_bytes
        self._mutex = threading.Lock()
        self._held = size == 0
        self.on_change: Callable[[bool], None] = _nobody
        self.look()

    @property
    def held(self) -> bool:
        """Whether it is there, and so everything may be written."""
        return self._held

    def release(self) -> bool:
        """Give it up; False if there was none to give."""
        with self._mutex:
            if not self._held or self._size == 0:
                return False
            self._remove()
        self.on_change(False)
        return True

    def look(self) -> None:
        """Give it up before the last bytes are gone; make it again once there is room."""
        with self._mutex:
            before = self._held
            if self._size == 0:
                return
            if not before:
                self._make()
            elif self._free(self._path.parent) < self._size // _SPARE:
                self._remove()
            after = self._held
        if after != before:
            self.on_change(after)

    def _make(self) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            descriptor = os.open(self._path, flags, 0o600)
        except OSError as error:
            _LOG.debug("no ballast: %s", error.strerror)
            return
        try:
            os.fchmod(descriptor, 0o600)
            self._allocate(descriptor, self._size + self._size // _SPARE)
            os.ftruncate(descriptor, self._size)
            os.fsync(descriptor)
            self._held = True
        except OSError as error:
            _LOG.debug("no ballast: %s", error.strerror)
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, 0)
        finally:
            os.close(descriptor)

    def _remove(self) -> None:
        """Shorten it first: the room is free at once, whoever else has it open."""
        self._held = False
        with contextlib.suppress(OSError):
            os.truncate(self._path, 0)
            self._path.unlink()


def _nobody(_: bool) -> None:  # noqa: FBT001 - what `held` became
    """Until somebody wants to know."""


def allocate(descriptor: int, size: int) -> None:
    """Really take `size` bytes for an open file; OSError (ENOSPC and the like) if it cannot be."""
    try:
        os.posix_fallocate(descriptor, 0, size)
    except OSError as error:
        if error.errno not in {errno.EOPNOTSUPP, errno.EINVAL}:
            raise
        _write_through(descriptor, size)


def _write_through(descriptor: int, size: int) -> None:
    """For file systems that cannot reserve: bytes that nothing compresses."""
    for offset in range(0, size, _BLOCK_BYTES):
        length = min(_BLOCK_BYTES, size - offset)
        block = hashlib.shake_256(offset.to_bytes(8, "big")).digest(length)
        if os.pwrite(descriptor, block, offset) < length:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def free_bytes(folder: Path) -> int:
    """What an ordinary user may still write in `folder`'s file system."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
