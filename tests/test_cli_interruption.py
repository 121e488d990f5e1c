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


def test_ctrl_c_at_rest_ends_it_as_well() -> None:
    words = [sys.executable, "-m", "sikkerby_kg", "sparql", "-"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        time.sleep(1)  # it waits for a query on standard input
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(timeout=3) == 130
        finally:
            process.kill()
        assert process.stderr is not None
        assert process.stderr.read().strip() == b""
