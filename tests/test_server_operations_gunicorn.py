"""The application runs in another WSGI server as it does in ours: gunicorn."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sikkerby_kg.server import wsgi
from sikkerby_kg.server.running import pool_of

pytestmark = pytest.mark.slow  # another server is started

pytest.importorskip("gunicorn", reason="gunicorn is made for POSIX systems")

TESTS = Path(__file__).parent
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
COUNT = "/sparql?query=SELECT+(COUNT(*)+AS+?n)+%7B+?s+?p+?o+%7D&format=csv"
ADDED = "<https://example.org/added> { <https://example.org/new> <https://example.org/p> 1 }\n"


@contextmanager
def served(root: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The application in gunicorn, and its address without the last slash."""
    command = [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0", "--worker-class", "gthread"]
    command += ["--threads", "4", "--no-control-socket", "sikkerby_kg.server.wsgi:application"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SIKKERBY_")}
    environment |= {"PYTHONPATH": str(TESTS.parent), "SIKKERBY_ROOT": str(root), "SIKKERBY_LANG": "en"}
    log = root.parent / "log"
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, text=True, env=environment, cwd=root)
    with process:
        try:
            yield process, listening(log)
        finally:
            process.kill()


def listening(log: Path) -> str:
    """The address that gunicorn writes into its log."""
    for _ in range(200):
        found = re.search(r"Listening at: (http://\S+)", log.read_text(encoding="utf-8"))
        if found:
            return found[1]
        time.sleep(0.05)
    pytest.fail(log.read_text(encoding="utf-8"))


def fetch(address: str) -> tuple[int, str]:
    try:
        with OPENER.open(address, timeout=30) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_gunicorn_answers_reloads_and_stops(tmp_path: Path, city_root: Path) -> None:
    root = Path(shutil.copytree(city_root, tmp_path / "root"))
    with served(root) as (process, address):
        assert "<h1" in fetch(address + "/")[1]
        assert fetch(address + "/query/oil-left?format=csv")[0] == 200
        assert fetch(address + "/sparql?query=SELECT")[0] == 400
        before = int(fetch(address + COUNT)[1].split()[1])
        assert json.loads(fetch(address + "/health")[1])["ready"] is True
        assert re.search(r"^sikkerby_workers [1-9]", fetch(address + "/metrics")[1], re.MULTILINE)
        (root / "data" / "added.trig").write_text(ADDED, encoding="utf-8")
        process.send_signal(signal.SIGHUP)
        for _ in range(100):
            if int(fetch(address + COUNT)[1].split()[1]) == before + 1:
                break
            time.sleep(0.1)
        else:
            pytest.fail("the content was not read anew")
        process.terminate()
        assert process.wait(timeout=30) == 0
    assert "Traceback" not in (tmp_path / "log").read_text(encoding="utf-8")


def test_application_is_made_only_when_it_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, city_root: Path
) -> None:
    assert "application" not in vars(wsgi)
    monkeypatch.setenv("SIKKERBY_ROOT", str(city_root))
    try:
        made = wsgi.application
        assert made is wsgi.application
        assert made.test_client().get("/health").status_code == 200
    finally:
        app = vars(wsgi).pop("application")
        pool = pool_of(app)
        assert pool is not None
        pool.close()
    with pytest.raises(AttributeError, match="applications"):
        _ = wsgi.applications
