"""Contract of the lock beside a journal's data. Part of `storage.store`."""

from typing import Protocol

__all__ = ["LockFile"]


class LockFile(Protocol):
    """The last head that we were ready to sign, kept apart from the data: another file or disk."""

    def read(self) -> tuple[int, bytes] | None:
        """(size, root), or None for a journal that never signed."""
        ...

    def write(self, size: int, root: bytes) -> None:
        """Durable when it returns."""
        ...

    def restored(self) -> bytes | None:
        """The mark of a journal that came from a backup and was not yet let write again."""
        ...

    def set_restored(self, mark: bytes | None) -> None:
        """Set, change or take away the mark; durable when it returns."""
        ...
