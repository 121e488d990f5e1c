"""Killed, damaged or out of room: the next start serves the same graph or says what is wrong."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from sikkerby_kg import open_graph
from sikkerby_kg.errors import StoreError
from sikkerby_kg.seal import SEAL
from tests.running import CITY, command, environment, refused, served, wait_for

MARKER = "sikkerby-kg-store.txt"
ALL = "SELECT * { GRAPH ?g { ?s ?p ?o } FILTER(!isBlank(?s) && !isBlank(?o)) }"

pytestmark = [
    pytest.mark.slow,  # processes are started and waited for
    pytest.mark.skipif(os.name != "posix", reason="signals and permissions of POSIX"),
]


def rows(store: Path | str) -> list[bytes]:
    with open_graph(CITY, store) as graph:
        return sorted(graph.sparql(ALL).serialize("tsv").splitlines())


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("original") / "store"
    rows(folder)
    return folder


@pytest.fixture(scope="module")
def expected() -> list[bytes]:
    return rows("memory")


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def overwrite(path: Path) -> None:
    path.write_bytes(b"\xa5" * max(path.stat().st_size, 10))


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes() or b"\0")
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def become_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", [halve, overwrite, flip, Path.unlink, become_folder])
def test_a_damaged_database_is_made_anew(
    damage: Callable[[Path], None], original: Path, expected: list[bytes], tmp_path: Path
) -> None:
    """Whatever happens to whichever file; one of them would otherwise make the graph empty without a word."""
    for number, kind in enumerate(("*/*.sst", "*/MANIFEST*", "*/CURRENT", "*/" + SEAL)):
        folder = Path(shutil.copytree(original, tmp_path / str(number)))
        damage(next(folder.glob(kind)))
        assert rows(folder) == expected, kind
        assert len(list(folder.iterdir())) == 2, kind


def test_a_folder_without_its_mark_is_known_by_its_seal(
    original: Path, expected: list[bytes], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(original, tmp_path / "store"))
    (folder / MARKER).unlink()
    assert rows(folder) == expected
    assert (folder / MARKER).is_file()


def test_a_process_that_reads_a_damaged_database_goes_on(original: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(original, tmp_path / "store"))
    with open_graph(CITY, folder) as reading:
        (database,) = (path for path in folder.iterdir() if path.is_dir())
        halve(next(database.glob("MANIFEST*")))
        rows(folder)
        assert reading.sparql("ASK { ?s ?p ?o }").boolean


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder in which nothing can be changed: by permissions, or as root by a mount of its own."""
    if os.getuid():
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o500 if path.is_dir() else 0o400)
        yield
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o700)
        return
    place = str(folder)
    steps = (["mount", "--bind", place, place], ["mount", "-o", "remount,ro,bind", place])
    if not shutil.which("mount") or any(
        subprocess.run(s, check=False, capture_output=True).returncode for s in steps
    ):
        subprocess.run(["umount", folder], check=False, capture_output=True)
        pytest.skip("root may write everywhere, and may not mount here")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_store_that_cannot_be_written_is_read(
    original: Path, expected: list[bytes], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(original, tmp_path / "store"))
    with read_only(folder):
        assert rows(folder) == expected


def test_a_damaged_store_that_cannot_be_written_is_told(original: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(original, tmp_path / "store"))
    (database,) = (path for path in folder.iterdir() if path.is_dir())
    halve(next(database.glob("*.sst")))
    with read_only(folder), pytest.raises(StoreError, match="cannot be used as a store"):
        rows(folder)


@pytest.mark.parametrize(
    ("blocks", "lang", "words"),
    [(1, "da", "kan ikke bruges som lager"), (64, "en", "cannot be used as a store")],
)
def test_a_full_disk_is_told_in_a_sentence(
    blocks: int, lang: str, words: str, tmp_path: Path, expected: list[bytes]
) -> None:
    """A limit on the size of files makes writing fail as a full disk does, and needs no rights."""
    folder = tmp_path / "store"
    status, said = refused("--store", str(folder), "--lang", lang, disk=blocks)
    assert (status, said.count("\n")) == (2, 1)
    assert str(folder) in said
    assert words in said
    assert "Traceback" not in said
    assert [path.name for path in folder.iterdir()] == [MARKER]
    assert rows(folder) == expected


@pytest.mark.parametrize("size", ["4k", "250k"])
def test_a_file_system_without_room_is_told_in_a_sentence(size: str, tmp_path: Path) -> None:
    place = tmp_path / "small"
    place.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(place)]
    if not shutil.which("mount") or subprocess.run(mounting, check=False, capture_output=True).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        status, said = refused("--store", str(place / "store"), "--lang", "en")
        assert status == 2
        assert "No space left on device" in said
        assert not [path for path in (place / "store").iterdir() if path.is_dir()]
    finally:
        subprocess.run(["umount", place], check=True)


def test_killed_while_building_the_next_start_serves_the_same(tmp_path: Path, expected: list[bytes]) -> None:
    folder = tmp_path / "store"
    for _ in range(2):
        with subprocess.Popen(
            command("--store", str(folder)),
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            assert wait_for(lambda: [*folder.glob(".building-*/*")] or [*folder.glob("*/" + SEAL)])
            os.killpg(process.pid, signal.SIGKILL)
    assert rows(folder) == expected
    assert not [*folder.glob(".building-*")]


@pytest.mark.parametrize("store", ["memory", "folder"])
def test_killed_under_load_the_next_start_serves_the_same(
    store: str, tmp_path: Path, expected: list[bytes]
) -> None:
    place = "memory" if store == "memory" else str(tmp_path / "store")
    count = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    found = set()
    for _ in range(2):
        with served("--store", place, TMPDIR=str(tmp_path)) as server, contextlib.ExitStack() as stack:
            found.add(server.get("/sparql", query=count, format="csv").rpartition(b"\r\n\r\n")[2])
            for _ in range(3):
                asked = urlencode({"query": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"})
                request = f"GET /sparql?{asked} HTTP/1.1\r\nHost: h\r\n\r\n"
                stack.enter_context(server.connect()).sendall(request.encode())
            time.sleep(0.2)
            server.process.kill()
            server.process.wait(10)
    assert len(found) == 1
    assert {path.name for path in tmp_path.iterdir()} <= {"store"}
    if store == "folder":
        assert rows(place) == expected
        assert not [*(tmp_path / "store").glob(".building-*")]
