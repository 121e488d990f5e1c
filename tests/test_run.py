"""run.py for real, on a tiny project that installs without a network."""

import ast
import contextlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from sikkerby_kg.settings import Settings

pytestmark = pytest.mark.slow  # sets up whole environments

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "run.py"

# A build backend of its own lets pip install the tiny project with no index and no hatchling.
BACKEND = """
import zipfile
from pathlib import Path

NAME = "sikkerby_kg-0-py3-none-any.whl"
FILES = {
    "tiny.pth": str(Path(__file__).parent),
    "sikkerby_kg-0.dist-info/METADATA": "Metadata-Version: 2.1\\nName: sikkerby-kg\\nVersion: 0\\n",
    "sikkerby_kg-0.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    "sikkerby_kg-0.dist-info/entry_points.txt": "[console_scripts]\\nsikkerby-kg = tiny:main\\n",
    "sikkerby_kg-0.dist-info/RECORD": "",
}

def build_editable(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(Path(folder) / NAME, "w") as wheel:
        for name, text in FILES.items():
            wheel.writestr(name, text)
    return NAME
"""
PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
PROGRAM = "import os, sys\n\ndef main():\n    print(sys.argv[1:], os.environ.get('PYTHONPATH'))\n"
PYTEST = "import os, sys\nprint('pytest', sys.argv[1:], os.getcwd())\nsys.exit(7)\n"


# As web/frontend/build.py: what it makes is a file, unless the sources say that it cannot be made.
BUILDER = """
import sys
from pathlib import Path

HERE = Path(__file__).parent
MADE = HERE / "made"

def is_built():
    return MADE.exists() and MADE.read_text() == (HERE / "source").read_text()

if __name__ == "__main__":
    if "broken" in (HERE / "source").read_text():
        sys.exit("the registry does not answer")
    MADE.write_text((HERE / "source").read_text())
    print(sys.argv[1:])
"""


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_under_test", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def start(folder: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Start folder/run.py from "/" as somebody with an empty HOME and no network would."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, str(folder / "run.py"), *arguments],
        cwd="/",
        env={"PATH": os.defpath, "HOME": str(home), "PIP_NO_INDEX": "1", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def write_tree(folder: Path) -> Path:
    (folder / "requirements").mkdir(parents=True)
    shutil.copy(SOURCE, folder)
    for name, text in {
        "pyproject.toml": PYPROJECT,
        "backend.py": BACKEND,
        "tiny.py": PROGRAM,
        "pytest.py": PYTEST,
        "requirements/run.lock": "# nothing\n",
        "requirements/test.lock": "# nothing\n",
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tiny project that was never set up."""
    return write_tree(tmp_path / "a tree")


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny project that was set up, in a folder with a space and Danish letters.

    Every test may leave it outdated, none may leave it broken.
    """
    folder = write_tree(tmp_path_factory.mktemp("ready") / "Blåbær sti ø")
    answer = serve(folder)
    assert answer.returncode == 0, answer.stderr
    return folder


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def serve(folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return start(folder, "--port", str(free_port()), **environment)


# --- What is refused, before anything is made -----------------------------------------------


def test_it_parses_on_python_3_6() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 6))
    imported = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert "__future__" not in imported


def test_it_imports_the_standard_library_only() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


@pytest.mark.parametrize("version", [(2, 7), (3, 6), (3, 10)])
def test_old_python_is_refused(version: tuple[int, int], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="1"):
        load(SOURCE).require_python(version)
    told = capsys.readouterr().err
    assert f"this is Python {version[0]}.{version[1]}" in told
    assert "3.11 or newer" in told
    assert "Next step: install a newer Python" in told


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (4, 0)])
def test_new_python_is_accepted(version: tuple[int, int]) -> None:
    load(SOURCE).require_python(version)


def test_the_oldest_python_is_the_one_of_the_package() -> None:
    major, minor = load(SOURCE).OLDEST_PYTHON
    assert f'requires-python = ">={major}.{minor}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_real_old_pythons_are_refused(tree: Path) -> None:
    """Every old Python that is installed here says so itself; most machines have none."""
    found = [shutil.which(f"python3.{minor}") for minor in range(6, load(SOURCE).OLDEST_PYTHON[1])]
    runs = [name for name in found if name and not subprocess.run([name, "-c", ""], check=False).returncode]
    if not runs:
        pytest.skip("no Python older than ours is installed here")
    for name in runs:
        answer = subprocess.run([name, str(tree / "run.py")], capture_output=True, text=True, check=False)
        assert answer.returncode == 1
        assert "needs Python 3.11 or newer" in answer.stderr
        assert not (tree / ".venv").exists()


@pytest.mark.parametrize("port", ["0", "65536", "eight", "-1", "8000.0", "", "٣"])
def test_bad_port_is_refused(port: str, tree: Path) -> None:
    answer = start(tree, f"--port={port}")
    assert answer.returncode == 2
    assert "is not a port; give a whole number from 1 to 65535" in answer.stderr
    assert not (tree / ".venv").exists()


def test_bad_port_in_the_environment_is_refused(tree: Path) -> None:
    answer = start(tree, SIKKERBY_PORT="eight")
    assert answer.returncode == 2
    assert "'eight' is not a port" in answer.stderr


def test_defaults_are_the_settings_of_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SIKKERBY_HOST", "SIKKERBY_PORT"):
        monkeypatch.delenv(name, raising=False)
    options = load(SOURCE).parse([])
    assert (options.host, options.port) == (Settings().host, Settings().port)


@pytest.mark.parametrize("words", [["serve"], ["tests"], ["--prot", "1"], ["--por", "8000"], ["8000"]])
def test_unknown_word_is_refused(words: list[str], tree: Path) -> None:
    answer = start(tree, *words)
    assert answer.returncode == 2
    assert "unrecognized arguments" in answer.stderr
    assert "usage: python3 run.py" in answer.stderr
    assert not (tree / ".venv").exists()


def test_help_names_both_commands(tree: Path) -> None:
    answer = start(tree, "--help")
    assert answer.returncode == 0
    assert "run.py test" in answer.stdout
    assert "default: 8000" in answer.stdout
    assert not (tree / ".venv").exists()


def test_taken_port_is_refused_with_a_free_one_to_use(taken: int, tree: Path) -> None:
    answer = start(tree, "--port", str(taken))
    assert answer.returncode == 1
    assert f"port {taken} on 127.0.0.1 is taken" in answer.stderr
    assert "Next step: choose another port: python3 run.py --port " in answer.stderr
    assert f"--port {taken}\n" not in answer.stderr
    assert not (tree / ".venv").exists()


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid", "a" * 70, "..", ""])
def test_foreign_host_is_refused(host: str, tree: Path) -> None:
    answer = start(tree, f"--host={host}")
    assert answer.returncode == 1
    assert "is not an address of this machine" in answer.stderr
    assert "--host 127.0.0.1" in answer.stderr
    assert not (tree / ".venv").exists()


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_missing_venv_module_is_refused(module: str, tree: Path) -> None:
    program = f"import sys, runpy; sys.modules[{module!r}] = None; sys.argv = ['run.py', 'test']; "
    program += f"runpy.run_path({str(tree / 'run.py')!r}, run_name='__main__')"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "lacks the module that makes virtual environments" in answer.stderr
    assert "apt install python3-venv" in answer.stderr
    assert not (tree / ".venv").exists()


def test_unwritable_folder_is_refused(
    tree: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = load(tree / "run.py")
    tree.chmod(0o555)
    try:
        if os.access(tree, os.W_OK):  # root may write anywhere: take a folder that is not there
            monkeypatch.setattr(module, "ROOT", tree / "gone")
        with pytest.raises(SystemExit, match="1"):
            module.require_writable_folder()
    finally:
        tree.chmod(0o755)
    told = capsys.readouterr().err
    assert f"the folder {module.ROOT} is not writable" in told
    assert "Next step: copy the checkout" in told


def test_missing_lock_is_named(tree: Path) -> None:
    (tree / "requirements/test.lock").unlink()
    (tree / ".venv").mkdir()
    answer = start(tree, "test")
    assert answer.returncode == 1
    assert "requirements/test.lock cannot be read" in answer.stderr
    assert "Traceback" not in answer.stderr


# --- Setting up ----------------------------------------------------------------------------------


def test_the_server_gets_host_and_port_and_no_stray_path(ready: Path) -> None:
    port = free_port()
    answer = start(ready, "--host", "localhost", "--port", str(port), PYTHONPATH="/stray")
    assert answer.stdout == f"['serve', '--host', 'localhost', '--port', '{port}'] None\n"


def test_second_start_installs_nothing_and_is_quick(ready: Path) -> None:
    assert serve(ready).returncode == 0
    log = (ready / ".venv/setup.log").read_bytes()
    began = time.monotonic()
    answer = serve(ready)
    assert time.monotonic() - began < 2
    assert answer.stderr == ""
    assert (ready / ".venv/setup.log").read_bytes() == log


def test_test_hands_arguments_and_exit_status_over(ready: Path) -> None:
    answer = start(ready, "test", "-k", "some thing", "--help")
    assert answer.stdout == f"pytest ['-k', 'some thing', '--help'] {ready}\n"
    assert answer.returncode == 7


@pytest.mark.parametrize("name", ["requirements/run.lock", "pyproject.toml", "run.py"])
def test_changed_input_installs_again(name: str, ready: Path) -> None:
    serve(ready)
    with (ready / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    answer = serve(ready)
    assert answer.returncode == 0
    assert "Installing the packages of requirements/run.lock" in answer.stderr
    assert "Making .venv" not in answer.stderr
    assert serve(ready).stderr == ""


def test_failed_install_shows_the_last_lines_and_the_next_step(ready: Path) -> None:
    serve(ready)
    lock = ready / "requirements/run.lock"
    before = lock.read_text(encoding="utf-8")
    lock.write_text(f"nowhere-to-be-found==1 --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    answer = serve(ready)
    assert answer.returncode == 1
    assert "  | ERROR: No matching distribution found for nowhere-to-be-found==1" in answer.stderr
    assert "Installing packages failed (exit status 1)" in answer.stderr
    assert str(ready / ".venv/setup.log") in answer.stderr
    assert "Next step: check the network connection" in answer.stderr
    assert answer.stdout == ""
    lock.write_text(before, encoding="utf-8")
    assert serve(ready).stderr == "", "taking the change back is enough"


@pytest.mark.parametrize(
    ("hashed", "told"),
    [("", "Hashes are required"), (f" --hash=sha256:{'0' * 64}", "DO NOT MATCH THE HASHES")],
)
def test_package_without_its_hash_is_refused(hashed: str, told: str, ready: Path) -> None:
    wheel = ready / "thing-1-py3-none-any.whl"
    wheel.write_bytes(b"tampered with")
    lock = ready / "requirements/run.lock"
    before = lock.read_text(encoding="utf-8")
    lock.write_text(f"thing @ {wheel.as_uri()}{hashed}\n", encoding="utf-8")
    answer = serve(ready)
    lock.write_text(before, encoding="utf-8")
    assert answer.returncode == 1
    assert told in answer.stderr


@pytest.mark.parametrize(
    "part", ["bin/python", "bin/sikkerby-kg", "lib/*/site-packages/sikkerby_kg-0.dist-info"]
)
def test_damaged_environment_is_not_ready(part: str, ready: Path) -> None:
    serve(ready)
    module = load(ready / "run.py")
    assert module.is_ready("run")
    (path,) = (ready / ".venv").glob(part)
    lost = path.rename(path.with_name("lost"))
    assert not module.is_ready("run")
    lost.rename(path)
    assert module.is_ready("run")


def test_stamp_of_another_python_or_place_counts_for_nothing(
    ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(ready)
    module = load(ready / "run.py")
    assert module.is_ready("run")
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(sys, "version", "3.99")
        assert not module.is_ready("run")
    monkeypatch.setattr(module, "ROOT", ready / "moved")
    assert module.read_stamp()["venv"] != module.venv_digest()


def test_stamp_that_is_no_json_object_counts_for_nothing(ready: Path) -> None:
    serve(ready)
    stamp = ready / ".venv/setup.json"
    good = stamp.read_text(encoding="utf-8")
    module = load(ready / "run.py")
    for text in ("", "[]", "{", "3", '{"packages": 5}', json.dumps({"packages": ["lost.dist-info"]})):
        stamp.write_text(text, encoding="utf-8")
        assert module.read_stamp() == {}
    stamp.write_text(good, encoding="utf-8")
    assert module.is_ready("run")


# --- The scripts of the pages


@pytest.fixture
def with_scripts(ready: Path) -> Iterator[Path]:
    """A tiny project that was set up, and now has scripts that are not built."""
    serve(ready)
    folder = ready / "web/frontend"
    folder.mkdir(parents=True)
    (folder / "build.py").write_text(BUILDER, encoding="utf-8")
    (folder / "source").write_text("one", encoding="utf-8")
    (ready / "requirements/node.lock").write_text("# nothing\n", encoding="utf-8")
    yield ready
    shutil.rmtree(ready / "web")


def test_scripts_are_built_when_they_have_changed(with_scripts: Path) -> None:
    source, made = with_scripts / "web/frontend/source", with_scripts / "web/frontend/made"
    for text in ("one", "two"):
        source.write_text(text, encoding="utf-8")
        answer = serve(with_scripts)
        assert answer.returncode == 0, answer.stderr
        assert answer.stderr.startswith("Building the scripts of the pages")
        assert "Installing" not in answer.stderr
        assert made.read_text(encoding="utf-8") == text
        assert serve(with_scripts).stderr == ""
    assert not (with_scripts / ".venv/node").exists()


def test_server_starts_without_scripts_that_cannot_be_built_and_the_next_start_tries_again(
    with_scripts: Path,
) -> None:
    (with_scripts / "web/frontend/source").write_text("broken", encoding="utf-8")
    for _ in range(2):
        answer = serve(with_scripts)
        assert answer.returncode == 0
        assert answer.stdout.startswith("['serve'")
        assert "  | the registry does not answer" in answer.stderr
        assert "Pages work without them" in answer.stderr
        assert "Next step: check the network connection" in answer.stderr
    assert not (with_scripts / ".venv/node").exists()


def test_server_starts_where_nodejs_cannot_be_had(with_scripts: Path) -> None:
    lock = with_scripts / "requirements/node.lock"
    lock.write_text(f"nowhere-to-be-found==1 --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    answer = serve(with_scripts)
    assert answer.stdout.startswith("['serve'")
    assert "No matching distribution found for nowhere-to-be-found==1" in answer.stderr
    assert not (with_scripts / "web/frontend/made").exists()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_interrupted_set_up_is_quiet_and_not_taken_for_done(number: signal.Signals, tree: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, str(tree / "run.py")],
        env={"PATH": os.defpath, "HOME": str(tree), "SIKKERBY_PORT": str(free_port())},
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (tree / ".venv/setup.log").exists():
        time.sleep(0.01)
    process.send_signal(number)
    _, told = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "Traceback" not in told
    assert not load(tree / "run.py").is_ready("run")


def alive(tree: Path) -> list[str]:
    """The command lines of running processes that work in the .venv of a tree."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(tree / ".venv") in command:
                found.append(command)
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes as Linux shows them")
@pytest.mark.parametrize(
    ("number", "delay"), [(signal.SIGTERM, 0.1), (signal.SIGTERM, 1.0), (signal.SIGINT, 0.5)]
)
def test_ended_set_up_leaves_nothing_running(number: signal.Signals, delay: float, tree: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, str(tree / "run.py"), "--port", str(free_port())],
        env={"PATH": os.defpath, "HOME": str(tree), "PIP_NO_INDEX": "1"},
        stderr=subprocess.DEVNULL,
    )
    while not (tree / ".venv/setup.log").exists():
        time.sleep(0.01)
    time.sleep(delay)
    assert alive(tree)
    process.send_signal(number)
    assert process.wait(timeout=10) == 128 + number
    assert alive(tree) == []
    assert not load(tree / "run.py").is_ready("run")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes as Linux shows them")
def test_killed_set_up_holds_the_lock_while_its_step_runs_and_is_repaired(tree: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, str(tree / "run.py")],
        env={"PATH": os.defpath, "HOME": str(tree), "SIKKERBY_PORT": str(free_port())},
        stderr=subprocess.DEVNULL,
    )
    while not (tree / ".venv/setup.log").exists():
        time.sleep(0.01)
    time.sleep(0.5)
    process.kill()
    process.wait()
    assert alive(tree)
    answer = serve(tree)
    assert answer.returncode == 0, answer.stderr
    assert "waiting for it" in answer.stderr
    assert "Making .venv anew" in answer.stderr


@pytest.mark.parametrize("locale", ["C", "POSIX", "en_US.ISO-8859-1"])
def test_a_path_that_the_locale_cannot_write_is_fine(locale: str, ready: Path) -> None:
    answer = serve(ready, LC_ALL=locale)
    assert answer.returncode == 0, answer.stderr


def test_two_at_once_wait_for_each_other(tree: Path) -> None:
    environment = {"PATH": os.defpath, "HOME": str(tree), "PIP_NO_INDEX": "1"}
    both = [
        subprocess.Popen(
            [sys.executable, str(tree / "run.py"), "--port", str(free_port())],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    told = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum("Making .venv" in text for text in told) == 1
