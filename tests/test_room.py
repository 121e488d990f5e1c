"""More than fits into memory is refused before it is read."""

import subprocess
import sys
from pathlib import Path

import pytest

from sikkerby_kg.errors import ContentError
from sikkerby_kg.validation import room


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much memory is left")
def test_the_machine_tells_how_much_memory_is_left() -> None:
    left = room.memory_left()
    assert left is not None
    assert 1_000_000 < left < 1e14


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much memory is left")
def test_a_file_that_is_too_large_ends_the_command_with_2_and_a_remedy(tmp_path: Path) -> None:
    """A sparse file of 20 GB is too large for a process of 1 GB, and no byte of it is read."""
    with (tmp_path / "large.ttl").open("wb") as file:
        file.truncate(20_000_000_000)
    command = f'ulimit -v 1000000; exec "{sys.executable}" -m sikkerby_kg validate "{tmp_path}" --lang en'
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, encoding="utf-8", check=False, timeout=60
    )
    assert done.returncode == 2
    assert "large.ttl: validating 20000 MB takes about 11000" in done.stderr
    assert "Validate fewer files at a time" in done.stderr


def test_where_the_system_tells_nothing_nothing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.ttl").write_bytes(b" " * 100_000)
    monkeypatch.setattr(room, "_MEMINFO", tmp_path / "none")
    monkeypatch.setattr(room, "_GROUP", tmp_path)
    assert room.memory_left() is None
    room.require_room([tmp_path / "a.ttl"])
    (tmp_path / "memory.max").write_text("6000000\n")
    (tmp_path / "memory.current").write_text("1000000\n")
    assert room.memory_left() == 5_000_000
    with pytest.raises(ContentError, match=r"a\.ttl: .* about 6 MB of memory, and 5 MB are left"):
        room.require_room([tmp_path / "a.ttl"])
    (tmp_path / "memory.max").write_text("max\n")
    assert room.memory_left() is None
