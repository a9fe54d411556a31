"""The ballast: really there, private, given up when it is needed, and made again."""

import errno
import os
from pathlib import Path

import pytest

from comity.storage.ballast import Ballast, allocate

SIZE = 1 << 20


class Room:
    """A disk with so much room left."""

    def __init__(self, left: int) -> None:
        self.left = left

    def allocate(self, descriptor: int, size: int) -> None:
        """ENOSPC if it does not fit."""
        if size > self.left:
            raise OSError(errno.ENOSPC, "no room")
        os.ftruncate(descriptor, size)

    def free(self, _: Path) -> int:
        return self.left


def over(room: Room, folder: Path) -> tuple[Ballast, list[bool]]:
    told: list[bool] = []
    made = Ballast(folder / "ballast", SIZE, allocate_in=room.allocate, free_in=room.free)
    made.on_change = told.append
    return made, told


def test_it_takes_its_room_really_and_for_its_owner_alone(tmp_path: Path) -> None:
    (tmp_path / "ballast").write_bytes(b"older")
    (tmp_path / "ballast").chmod(0o644)
    assert Ballast(tmp_path / "ballast", SIZE).held
    found = (tmp_path / "ballast").stat()
    assert (found.st_size, found.st_blocks * 512 >= SIZE) == (SIZE, True)
    assert found.st_mode & 0o777 == 0o600


def test_it_is_given_up_once_and_made_again_with_room_to_spare(tmp_path: Path) -> None:
    room = Room(2 * SIZE)
    ballast, told = over(room, tmp_path)
    assert [ballast.held, ballast.release(), ballast.release()] == [True, True, False]
    assert not (tmp_path / "ballast").exists()
    room.left = SIZE
    ballast.look()
    assert told == [False]
    room.left = SIZE + SIZE // 16
    ballast.look()
    assert told == [False, True]


def test_it_is_given_up_before_the_last_bytes_are_gone(tmp_path: Path) -> None:
    room = Room(2 * SIZE)
    ballast, told = over(room, tmp_path)
    room.left = SIZE // 16 - 1
    ballast.look()
    ballast.look()
    assert not ballast.held
    assert told == [False]


def test_without_room_at_a_start_it_is_not_held_and_takes_nothing(tmp_path: Path) -> None:
    (tmp_path / "ballast").write_bytes(b"half of it")
    ballast, _ = over(Room(0), tmp_path)
    assert not ballast.held
    assert (tmp_path / "ballast").stat().st_size == 0


def test_none_is_none(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "ballast", 0)
    assert ballast.held
    assert not ballast.release()
    ballast.look()
    assert not (tmp_path / "ballast").exists()


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "ballast").symlink_to(tmp_path / "mine")
    assert not Ballast(tmp_path / "ballast", SIZE).held
    assert (tmp_path / "mine").read_text() == "mine"


def test_where_nothing_can_be_reserved_bytes_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(*_: int) -> None:
        raise OSError(errno.EOPNOTSUPP, "no")

    monkeypatch.setattr(os, "posix_fallocate", cannot)
    with (tmp_path / "ballast").open("w+b") as file:
        allocate(file.fileno(), SIZE + 5)
        file.seek(0)
        data = file.read()
    assert len(data) == SIZE + 5
    assert len(set(data)) > 200  # nothing that a file system compresses
