"""Completion as a person meets it: in an interactive bash, which splits words at = and :."""

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROMPT = "ready> "

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")


class Terminal:
    """An interactive bash in which the completion script has been loaded."""

    def __init__(self, folder: Path, root: Path, breaks: str) -> None:
        program = folder / "sikkerby-kg"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sikkerby_kg "$@"\n', encoding="utf-8")
        program.chmod(0o755)
        (folder / "rc").write_text(
            f"PS1='{PROMPT}'\n{breaks}\nbind 'set bell-style none'\nbind 'set enable-bracketed-paste off'\n"
            "bind 'set completion-query-items 0'\nbind 'set page-completions off'\n"
            'eval "$(sikkerby-kg completion bash)"\n',
            encoding="utf-8",
        )
        self.screen, theirs = pty.openpty()
        environment = {
            "PATH": f"{folder}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "TERM": "dumb",
            "SIKKERBY_ROOT": str(root),
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "200",
        }
        self.process = subprocess.Popen(
            ["bash", "--noprofile", "--rcfile", str(folder / "rc"), "-i"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            cwd=ROOT,
            start_new_session=True,
        )
        os.close(theirs)
        self.read(PROMPT, 30.0)

    def read(self, until: str, patience: float = 5.0) -> str:
        """What appears on the screen until some text does, or nothing more for a while."""
        seen = ""
        end = time.monotonic() + patience
        while time.monotonic() < end and until not in seen:
            if select.select([self.screen], [], [], 0.2)[0]:
                seen += os.read(self.screen, 4096).decode(errors="replace")
        return seen

    def shows(self, typed: str, expected: str) -> bool:
        """Whether a text appears once a person has typed something and pressed tab."""
        os.write(self.screen, f"{typed}\t".encode())
        seen = self.read(expected, 30.0)
        os.write(self.screen, b"\x15")  # Ctrl-U takes the line away
        return expected in seen

    def close(self) -> None:
        os.close(self.screen)
        self.process.kill()
        self.process.wait()


@pytest.fixture
def bash(city_root: Path, tmp_path: Path) -> Iterator[Callable[[str], Terminal]]:
    """Opens terminals; given is a line that bash reads at its start."""
    opened = []

    def open_terminal(line: str = "") -> Terminal:
        opened.append(Terminal(tmp_path, city_root, line))
        return opened[-1]

    yield open_terminal
    for terminal in opened:
        terminal.close()


def test_values_are_completed_in_a_real_bash(bash: Callable[..., Terminal]) -> None:
    terminal = bash()
    assert terminal.shows("sikkerby-kg query plans-on", "sikkerby-kg query plans-on-a-day ")
    assert terminal.shows("sikkerby-kg query plans-on-a-day -p gu", " guild=")
    assert terminal.shows("sikkerby-kg query plans-on-a-day -p guild=", " guild=t:harbour-guild ")
    assert terminal.shows("sikkerby-kg query plans-on-a-day -p guild=t:har", " guild=t:harbour-guild ")
    assert terminal.shows("sikkerby-kg query plans-on-a-day -p day=1905", " day=1905-01-01 ")
    assert terminal.shows("sikkerby-kg query plans-on-a-day --format=c", " --format=csv ")
    assert terminal.shows("sikkerby-kg describe t:beacon", " t:beacon-plan ")
    assert terminal.shows("sikkerby-kg describe beacon", " beacon-plan ")


def test_values_are_completed_where_bash_splits_less(bash: Callable[..., Terminal]) -> None:
    terminal = bash("COMP_WORDBREAKS=${COMP_WORDBREAKS//:}")
    assert terminal.shows("sikkerby-kg query plans-on-a-day -p guild=t:har", " guild=t:harbour-guild ")
    assert terminal.shows("sikkerby-kg describe t:beacon", " t:beacon-plan ")
