#!/usr/bin/env python3
"""Set up Sikkerby KG and start it, with nothing but Python 3.11 or newer.

    python3 run.py [--host HOST] [--port PORT]   serve the graph (http://127.0.0.1:8000)
    python3 run.py test [PYTEST ARGUMENT ...]    run the tests

Both first make the virtual environment .venv beside this file when it is missing, and install
what the hash-locked files in requirements/ list. When an input has changed (a lock, pyproject.toml,
this file, the Python version, the place of the checkout) they install anew; otherwise they start
at once. A changed lock brings the versions that it lists, but what is there in that version already is
kept, and what has left the lock stays: to hold everything to its hashes, remove .venv first.
The scripts of the pages are built when web/frontend has changed, with a Node.js that is removed again;
where that fails, as without a network, the server starts and its pages do without them.
Any working directory will do.

This file uses the standard library only and parses on old Pythons, to be able to refuse them.
"""

import argparse
import errno
import hashlib
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Dict, Iterator, List, NoReturn, Optional, Sequence, Tuple

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "setup.json"
LOG = VENV / "setup.log"
NODE = VENV / "node"
BUILD = ROOT / "web" / "frontend" / "build.py"
OLDEST_PYTHON = (3, 11)
INPUTS = ("run.py", "pyproject.toml")
POSIX = os.name == "posix"
BIN = VENV / ("bin" if POSIX else "Scripts")
PYTHON = BIN / ("python" if POSIX else "python.exe")
PIP = [str(PYTHON), "-I", "-m", "pip", "install", "--no-input", "--progress-bar=off", "--retries=2"]
ASTRAY = {
    "PYTHONHOME",
    "PYTHONPATH",
    "PIP_PREFIX",
    "PIP_REQUIRE_VIRTUALENV",
    "PIP_ROOT",
    "PIP_TARGET",
    "PIP_USER",
}
LOCALE = ("LC_ALL", "LC_CTYPE", "LANG")
LAST_PORT = 65535
LINES_SHOWN = 8
ENDING = {getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)}
ATTEMPTS = 20
WHOLE = ["-n", "auto", "--dist", "loadfile"]  # all tests, on every processor


def main(arguments: Sequence[str]) -> int:
    """Run the command that the arguments name; the answer is the exit status."""
    require_python(sys.version_info[:2])
    if arguments[:1] == ["test"]:
        set_up("test")
        os.chdir(str(ROOT))
        return start([str(PYTHON), "-m", "pytest", *(arguments[1:] or WHOLE)])
    options = parse(arguments)
    require_free_port(options.host, options.port)
    set_up("run")
    return start([str(BIN / "sikkerby-kg"), "serve", "--host", options.host, "--port", str(options.port)])


def stop(sentence: str, next_step: str, status: int = 1) -> NoReturn:
    """End with what is wrong and what to do about it."""
    sys.stderr.write("run.py: {}\nNext step: {}\n".format(sentence, next_step))
    raise SystemExit(status)


def say(sentence: str) -> None:
    """Report progress where it does not mix with a program's output."""
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


# --- What is asked for ---------------------------------------------------------------------


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read host and port; anything unknown ends with the usage (exit status 2)."""
    parser = argparse.ArgumentParser(
        prog="run.py",
        allow_abbrev=False,
        description="Set up .venv beside this file when needed, then serve the knowledge graph.",
        usage="python3 run.py [--host HOST] [--port PORT]\n       python3 run.py test [PYTEST ARGUMENT ...]",
        epilog="'test' runs the tests instead and hands everything after it to pytest.",
    )
    parser.add_argument(
        "--host",
        default=os.environ.get("SIKKERBY_HOST") or "127.0.0.1",
        help="address to listen on (default: %(default)s, this machine only)",
    )
    parser.add_argument(
        "--port",
        type=port_number,
        default=os.environ.get("SIKKERBY_PORT") or "8000",
        help="port to listen on (default: %(default)s)",
    )
    return parser.parse_args(arguments)


def port_number(text: str) -> int:
    """Read a port; argparse turns the error into a usage message."""
    if text.isdigit() and text.isascii() and 0 < int(text) <= LAST_PORT:
        return int(text)
    raise argparse.ArgumentTypeError(
        "{!r} is not a port; give a whole number from 1 to {}, as in --port 8001".format(text, LAST_PORT),
    )


# --- What must hold before anything is made ------------------------------------------------


def require_python(version: Tuple[int, ...]) -> None:
    """Stop when this Python is too old for the packages."""
    if tuple(version) < OLDEST_PYTHON:
        stop(
            "this is Python {}.{}, but Sikkerby KG needs Python {}.{} or newer.".format(
                *(tuple(version[:2]) + OLDEST_PYTHON),
            ),
            "install a newer Python (https://www.python.org/downloads/) and start run.py with it, "
            "for instance: python3.11 run.py",
        )


def require_venv_module() -> None:
    """Stop when Python comes without venv or ensurepip, as Debian's does."""
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        stop(
            "this Python lacks the module that makes virtual environments.",
            "on Debian or Ubuntu run 'apt install python3-venv' (as root), then start run.py again.",
        )


def require_writable_folder() -> None:
    """Stop when .venv cannot be made beside this file."""
    if not os.access(str(ROOT), os.W_OK):
        stop(
            "the folder {} is not writable, so .venv cannot be made in it.".format(ROOT),
            "copy the checkout to a folder of your own and start run.py there.",
        )


def require_free_port(host: str, port: int) -> None:
    """Stop when nothing can listen on this address, before time is spent on setting up."""
    problem = listening_problem(host, port)
    if problem is None:
        return
    if problem == errno.EADDRINUSE:
        stop(
            "port {} on {} is taken by another program.".format(port, host),
            "choose another port: python3 run.py --port {}".format(next_free_port(host, port)),
        )
    if problem == errno.EACCES:
        stop(
            "port {} needs rights that you do not have.".format(port),
            "choose a port above 1023: python3 run.py --port 8000",
        )
    stop(
        "{!r} is not an address of this machine.".format(host),
        "use this machine only (--host 127.0.0.1) or every address it has (--host 0.0.0.0).",
    )


def listening_problem(host: str, port: int) -> Optional[int]:
    """Return None when one can listen on the address, else the errno that says why not."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError):
        return errno.EADDRNOTAVAIL
    problems = [probe(info) for info in found]
    if errno.EADDRINUSE in problems:
        return errno.EADDRINUSE
    return None if None in problems else problems[0]


def probe(info: Tuple[Any, ...]) -> Optional[int]:
    """Try to bind one address that getaddrinfo found; return the errno when that fails."""
    family, kind, protocol, _, address = info
    try:
        with socket.socket(family, kind, protocol) as listener:
            if POSIX:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except OSError as error:
        return error.errno or errno.EADDRNOTAVAIL
    return None


def next_free_port(host: str, port: int) -> int:
    """Find a port to propose instead."""
    for candidate in range(port + 1, min(port + 50, LAST_PORT) + 1):
        if listening_problem(host, candidate) is None:
            return candidate
    return 8000


# --- The virtual environment ---------------------------------------------------------------


def set_up(purpose: str) -> None:
    """Bring .venv to where `purpose` ("run" or "test") needs it; do nothing when it is there."""
    if is_ready(purpose):
        return
    require_venv_module()
    require_writable_folder()
    with only_one_at_a_time():
        if is_ready(purpose):  # another run.py was quicker
            return
        old_handlers = {number: signal.signal(number, end) for number in ENDING}
        stamp = read_stamp()
        try:
            if stamp.get("venv") != venv_digest():
                stamp = {}
                make_venv()
            if stamp.get(purpose) != inputs_digest(purpose):
                install(purpose, stamp)
            build_scripts()
        finally:
            for number, handler in old_handlers.items():
                signal.signal(number, handler)


def end(number: int, _: Any) -> NoReturn:
    """End as a signal asks, but not before the step that is running has been ended, too."""
    sys.exit(128 + number)


def is_ready(purpose: str) -> bool:
    """Tell whether .venv was finished for the present inputs and still has all, and the scripts are built."""
    inputs = inputs_digest(purpose)
    stamp = read_stamp()
    return stamp.get("venv") == venv_digest() and stamp.get(purpose) == inputs and scripts_are_built()


def read_stamp() -> Dict[str, Any]:
    """Return what the last finished set-up wrote; {} when there is none, or when .venv is damaged."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
        present = set(installed_packages())
        complete = PYTHON.exists() and present.issuperset(stamp["packages"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return dict(stamp) if complete else {}


def installed_packages() -> List[str]:
    """List what pip has put into .venv, and the command that starts the server."""
    folder = "lib/python*/site-packages" if POSIX else "Lib/site-packages"
    packages = [path.name for path in VENV.glob(folder + "/*.dist-info")]
    return sorted(packages + [path.name for path in BIN.glob("sikkerby-kg*")])


def venv_digest() -> str:
    """Digest what a virtual environment cannot outlive: its Python and its place."""
    return hashlib.sha256("\0".join([sys.version, sys.base_prefix, str(ROOT)]).encode()).hexdigest()


def inputs_digest(purpose: str) -> str:
    """Digest the files that decide what is installed."""
    digest = hashlib.sha256()
    for name in INPUTS + lock_names(purpose):
        try:
            content = (ROOT / name).read_bytes()
        except OSError as error:
            stop("{} cannot be read ({}).".format(name, error.strerror), "restore it: git checkout " + name)
        digest.update("{}\0{}\0".format(name, len(content)).encode() + content)
    return digest.hexdigest()


def lock_names(purpose: str) -> Tuple[str, ...]:
    """Name the lock that is installed for a purpose."""
    return ("requirements/{}.lock".format(purpose),)


def make_venv() -> None:
    """Make .venv from nothing; what an interrupted set-up left is removed first."""
    again = VENV.exists() or VENV.is_symlink()
    say("Making .venv {} ...".format("anew" if again else "(only the first time)"))
    try:
        if VENV.is_symlink() or VENV.is_file():
            VENV.unlink()
        elif again:
            remove(VENV)
        VENV.mkdir()
    except OSError as error:
        stop(
            "{} cannot be made anew ({}).".format(VENV, error.strerror),
            "remove it by hand, start run.py again.",
        )
    # The base Python: run.py may have been started with the very .venv that was just removed.
    base = getattr(sys, "_base_executable", None) or sys.executable
    run_logged([base, "-I", "-m", "venv", str(VENV)], "Making the virtual environment")


def remove(folder: Path) -> None:
    """Remove a folder, if it is there, with all in it, even if a dying process is still writing there."""
    for attempt in range(ATTEMPTS if folder.exists() else 0):
        try:
            shutil.rmtree(str(folder))
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.ENOENT) or attempt == ATTEMPTS - 1:
                raise
            time.sleep(0.25)
        if not folder.exists():
            return


def install(purpose: str, stamp: Dict[str, Any]) -> None:
    """Install the locked packages and this checkout, then stamp .venv as finished.

    While pip works there is no stamp, so that an interrupted set-up is made anew. A failed install
    leaves the old stamp: pip has then rolled back.
    """
    say("Installing the packages of {} (a minute or so) ...".format(lock_names(purpose)[0]))
    if STAMP.exists():
        STAMP.unlink()
    try:
        lock = str(ROOT / lock_names(purpose)[0])
        # Wheels only: building a source package would fetch a build backend that no hash covers.
        run_logged([*PIP, "--only-binary=:all:", "--require-hashes", "-r", lock], "Installing packages")
        editable = ["--no-index", "--no-deps", "--no-build-isolation", "-e", str(ROOT)]
        run_logged([*PIP, *editable], "Installing this checkout")
    except SystemExit:
        if stamp:
            write_stamp(stamp)
        raise
    done = {**stamp, "venv": venv_digest(), purpose: inputs_digest(purpose), "packages": installed_packages()}
    if purpose == "test":  # the test lock holds every package of the run lock
        done["run"] = inputs_digest("run")
    write_stamp(done)


def write_stamp(stamp: Dict[str, Any]) -> None:
    """Write the stamp in one step, so that it is never half there."""
    draft = STAMP.with_suffix(".new")
    draft.write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")
    draft.replace(STAMP)


def scripts_are_built() -> bool:
    """Tell whether web/static/dist was made from the present web/frontend, if there is one."""
    if not BUILD.exists():
        return True
    spec = importlib.util.spec_from_file_location("sikkerby_frontend", str(BUILD))
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]  # there is such a file
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return bool(module.is_built())


def build_scripts() -> None:
    """Build the scripts of the pages where that is due. A failure is told; the server starts without them."""
    if scripts_are_built():
        return
    say("Building the scripts of the pages (half a minute or so) ...")
    lock = str(ROOT / "requirements" / "node.lock")
    target = ["--target", str(NODE), "--no-deps", "--only-binary=:all:", "--require-hashes", "-r", lock]
    try:
        remove(NODE)
        failed = logged([*PIP, *target]) or logged([str(PYTHON), "-I", str(BUILD), "--node", str(NODE)])
    finally:
        remove(NODE)
    if failed:
        say(
            "The scripts of the pages could not be built; above is why, all of it is in {}.\n"
            "Pages work without them, but there is no editor on /sparql and no graph is drawn.\n"
            "Next step: check the network connection; the next start tries again.".format(LOG),
        )


def run_logged(command: Sequence[str], step: str) -> None:
    """Run one step with its output in the log; stop with the log's last lines when it fails."""
    status = logged(command)
    if status == 0:
        return
    stop(
        "{} failed (exit status {}); above are its last lines, all are in {}.".format(step, status, LOG),
        "check the network connection and the disk space, then start run.py again.",
    )


def logged(command: Sequence[str]) -> int:
    """Run one step with its output in the log; show the last lines when it fails; return its exit status."""
    with LOG.open("ab") as log:
        before = log.tell()
        status = run_to_its_end(command, log)
    if status:
        told = LOG.read_bytes()[before:].decode("utf-8", "replace")
        lines = [line for line in told.splitlines() if line.strip()]
        say("\n".join("  | " + line for line in lines[-LINES_SHOWN:]))
    return status


def run_to_its_end(command: Sequence[str], log: IO[bytes]) -> int:
    """Run one step and return its exit status; whatever ends this program ends the step and its children.

    The step inherits the lock of only_one_at_a_time: where this program is killed outright, the next
    one waits until the step is over.
    """
    before = hold_signals()
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=clean_environment(),
        close_fds=False,
        start_new_session=POSIX,
        preexec_fn=(lambda: let_signals_through(before)) if POSIX else None,  # noqa: PLW1509  (one thread)
    )
    try:
        let_signals_through(before)
        return process.wait()
    except BaseException:
        if POSIX:
            os.killpg(process.pid, signal.SIGKILL)  # a session of its own: its number is the step's
        else:
            process.kill()
        process.wait()
        raise


def hold_signals() -> Any:
    """Let no signal in while a step is being started: nobody would know what to end."""
    return signal.pthread_sigmask(signal.SIG_BLOCK, ENDING | {signal.SIGINT}) if POSIX else None


def let_signals_through(before: Any) -> None:
    """Let signals in again."""
    if POSIX:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def clean_environment() -> Dict[str, str]:
    """Return the environment without what would lead pip or Python out of .venv, or make it misread a path.

    Python reads the file that names this checkout in the encoding of the locale.
    """
    environment = {name: value for name, value in os.environ.items() if name not in ASTRAY}
    chosen = next((os.environ[name] for name in LOCALE if os.environ.get(name)), "")
    if not re.match("[ -~]*$", str(ROOT)) and not re.search("utf-?8", chosen, re.IGNORECASE):
        environment["LC_ALL"] = "C.UTF-8"
    return environment


@contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Let a second run.py wait until the first has set up; the system frees the lock of a dead one."""
    with Path(__file__).open("rb") as file:
        if fcntl is not None:
            os.set_inheritable(file.fileno(), True)  # noqa: FBT003  (takes no name)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("Another run.py is setting up; waiting for it ...")
                fcntl.flock(file, fcntl.LOCK_EX)
            except OSError:  # a file system without locks
                pass
        yield


def start(command: Sequence[str]) -> int:
    """Become the command (on Windows: wait for it), so that signals and exit status are its own."""
    sys.stdout.flush()
    if POSIX:
        os.execve(command[0], list(command), clean_environment())
    return subprocess.run(command, env=clean_environment(), check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
