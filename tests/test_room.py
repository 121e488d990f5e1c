"""More than fits into memory is refused before it is read."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from sikkerby_kg.cli import main
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
    asked = f'validate "{tmp_path}" --lang en --files-megabytes 30000'
    command = f'ulimit -v 1000000; exec "{sys.executable}" -m sikkerby_kg {asked}'
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


def _large(path: Path) -> Path:
    """A sparse file of 200 MB, which takes no room."""
    with path.open("wb") as file:
        file.truncate(200_000_000)
    return path


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("da", "filerne fylder 201 MB tilsammen, og der må valideres 100 MB på én gang."),
        ("en", "the files have 201 MB together, and 100 MB may be validated at once."),
    ],
)
@pytest.mark.parametrize("format_", ["text", "json"])
def test_more_than_the_limit_is_refused_before_it_is_read(
    tmp_path: Path, lang: str, told: str, format_: str
) -> None:
    large, report = _large(tmp_path / "large.ttl"), tmp_path / "report"
    asked = ["validate", str(large), "--lang", lang, "--format", format_, "--output", str(report)]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 2
    assert f"{large}: {told}" in done.stderr
    assert "--files-megabytes 201" in done.stderr
    assert "Traceback" not in done.stderr
    assert told[:40] in report.read_text(encoding="utf-8")


def test_the_limit_is_raised_by_the_option_and_by_the_setting(tmp_path: Path) -> None:
    file = tmp_path / "a.ttl"
    file.write_text("<https://e.example/a> <https://e.example/p> 1 .\n#" + "x" * 1_100_000)
    asked = ["validate", str(file), "--lang", "en"]
    tight, wide = ({"SIKKERBY_FILES_MEGABYTES": each} for each in "13")
    refused = CliRunner().invoke(main, asked, env=tight)
    assert "the files have 2 MB together, and 1 MB may be" in refused.stderr
    for more, environment in (["--files-megabytes", "3"], tight), ([], wide):
        done = CliRunner().invoke(main, [*asked, *more], env=environment)
        assert done.exit_code in (0, 1)
        assert "the files have" not in done.stderr


@pytest.mark.parametrize("value", ["0", "much", "1.5"])
def test_a_limit_that_is_none_names_the_option(value: str) -> None:
    done = CliRunner().invoke(main, ["validate", "--lang", "en", "--files-megabytes", value])
    assert done.exit_code == 2
    assert "--files-megabytes" in done.stderr


@pytest.mark.parametrize(
    ("quote", "end"), [('"', '" .'), pytest.param('"""', "", marks=pytest.mark.slow, id="unclosed")]
)
def test_a_value_that_the_parser_cannot_hold_is_told_with_its_line(
    tmp_path: Path, quote: str, end: str
) -> None:
    file = tmp_path / "a.ttl"
    before = "<https://e.example/a> <https://e.example/p> 1 .\n" * 1000
    long = "xxx yyy " if quote == '"' else "xxx yyy\n"
    file.write_text(f"{before}\n<https://e.example/b> <https://e.example/p> {quote}{long * 2_200_000}{end}")
    done = CliRunner().invoke(main, ["validate", str(file), "--lang", "en"])
    assert done.exit_code == 2
    assert f"{file}:1002: a value begins here that is longer than the 16 MB" in done.stderr
