from pathlib import Path

from comity.bench.machine import file_system, load_average, machine


def test_the_machine_is_named(tmp_path: Path) -> None:
    found = machine(tmp_path)
    assert all(value for value in found.values())
    assert {"cores", "python", "sqlite", "file_system"} <= found.keys()
    assert len(load_average()) == 3


def test_the_file_system_is_that_of_the_nearest_mount(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    mounts = tmp_path / "mounts"
    mounts.write_text(f"disk / ext4 rw 0 0\nmemory {inner} tmpfs rw 0 0\nnone /proc proc rw 0 0\n")
    assert file_system(inner / "deeper", mounts) == "tmpfs"
    assert file_system(tmp_path, mounts) == "ext4"


def test_a_later_mount_hides_an_earlier_one(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("disk / ext4 rw 0 0\nother / xfs rw 0 0\n")
    assert file_system(tmp_path, mounts) == "xfs"


def test_a_system_that_does_not_say(tmp_path: Path) -> None:
    assert file_system(tmp_path, tmp_path / "none") == "unknown"
