"""Ctrl-C ends a command, whatever the engine is doing."""

import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def test_ctrl_c_ends_a_heavy_query_at_once() -> None:
    words = [sys.executable, "-m", "sikkerby_kg", "sparql", "-"]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdin is not None
        process.stdin.write(HEAVY.encode())
        process.stdin.close()
        time.sleep(2)  # by then the engine is counting
        try:
            assert process.poll() is None
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=3) == 130
        finally:
            process.kill()
        assert process.stderr is not None
        assert process.stderr.read().strip() == b""


def wait_until_at_rest(pid: int) -> None:
    """Wait until a process has used no processor time for a while, having used some."""
    stat, idle, before = Path(f"/proc/{pid}/stat"), 0, ""
    for _ in range(200):
        time.sleep(0.1)
        used = stat.read_text(encoding="utf-8").rpartition(")")[2].split()[11:13] if stat.exists() else ["0"]
        idle = idle + 1 if str(used) == before and int(used[0]) > 10 else 0
        before = str(used)
        if idle >= 5:
            return


def test_ctrl_c_at_rest_ends_it_as_well() -> None:
    words = [sys.executable, "-m", "sikkerby_kg", "sparql", "-"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        wait_until_at_rest(process.pid)  # it waits for a query on standard input
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(timeout=3) == 130
        finally:
            process.kill()
        assert process.stderr is not None
        assert process.stderr.read().strip() == b""
