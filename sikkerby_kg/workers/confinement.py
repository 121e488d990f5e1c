"""What a worker takes away from itself before it reads the first query: memory, files, sockets, secrets.

Each measure stands alone. What a platform lacks is left out: resource limits are POSIX, the rest is Linux.
"""

import contextlib
import ctypes
import os
import platform
import signal
import struct
import sys
from pathlib import Path

from sikkerby_kg.workers.limits import Limits

if sys.platform != "win32":
    import resource

NICENESS = 5
"""How much workers give way to the server itself."""

_SET_DEATH_SIGNAL = 1
_SET_SECCOMP = 22
_SET_NO_NEW_PRIVILEGES = 38
_FILTER_MODE = 2

_SOCKETS = ("socket", "socketpair", "connect", "bind", "listen", "io_uring_setup", "pidfd_getfd")
_PROCESSES = ("execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "kill")
_FILES = ("open", "openat", "openat2", "creat")
_CALLS = {
    "x86_64": (
        0xC000003E,
        {
            "open": 2, "socket": 41, "connect": 42, "bind": 49, "listen": 50, "socketpair": 53, "execve": 59,
            "kill": 62, "creat": 85, "ptrace": 101, "openat": 257, "process_vm_readv": 310,
            "process_vm_writev": 311, "execveat": 322, "io_uring_setup": 425, "openat2": 437,
            "pidfd_getfd": 438,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "openat": 56, "ptrace": 117, "kill": 129, "socket": 198, "socketpair": 199, "bind": 200,
            "listen": 201, "connect": 203, "execve": 221, "process_vm_readv": 270, "process_vm_writev": 271,
            "execveat": 281, "io_uring_setup": 425, "openat2": 437, "pidfd_getfd": 438,
        },
    ),
}  # fmt: skip
"""Architecture → its audit number and the numbers of system calls that a query has no use for."""

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _FAIL, _X32 = 0x7FFF0000, 0x00050001, 0x40000000  # fail: EPERM


def die_with_parent(parent: int) -> None:
    """Be killed when the process that forked this one ends, however it ends (Linux)."""
    if sys.platform == "linux":
        _prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before that
            os._exit(0)


def forget_surroundings(*kept: int) -> None:
    """Close every file but the kept ones; standard streams lead nowhere; no environment; deaf to Ctrl-C."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    for number in _open_files() if sys.platform != "win32" else ():
        if number > 2 and number not in kept:  # noqa: PLR2004
            with contextlib.suppress(OSError):
                os.close(number)
    os.environ.clear()
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


def confine(limits: Limits, *, files: bool) -> None:
    """Give up memory, time, and the way to files, sockets and other processes.

    With ``files`` the store on disk may open its own files; sockets stay out of reach on Linux.
    """
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(NICENESS)
    with contextlib.suppress(OSError):  # if memory runs out, workers go first
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    if sys.platform != "win32":
        _lower(resource.RLIMIT_CORE, 0)
        _lower(resource.RLIMIT_AS, _address_space() + limits.memory)
        if not files:
            _lower(resource.RLIMIT_NOFILE, _next_file())
            _lower(resource.RLIMIT_FSIZE, 0)
    _forbid((*_SOCKETS, *_PROCESSES, *(() if files else _FILES)))


def allow_seconds(seconds: float) -> None:
    """Be killed by the kernel after so much more processor time, should nobody else see to it."""
    if sys.platform != "win32":
        usage = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(usage.ru_utime + usage.ru_stime + seconds) + 2
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def peak_memory() -> int:
    """The most memory that this process ever held, in bytes; 0 where that is not known."""
    if sys.platform == "win32":
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _lower(kind: int, value: int) -> None:
    """Set a limit for good, at most to what it already is."""
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    with contextlib.suppress(OSError, ValueError):  # macOS knows RLIMIT_AS but does not take it
        resource.setrlimit(kind, (value, value))


def _address_space() -> int:
    """The bytes of address space in use, most of which is the content shared with the parent."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    except OSError:
        return peak_memory()


def _open_files() -> list[int]:
    for folder in ("/proc/self/fd", "/dev/fd"):
        with contextlib.suppress(OSError):
            listed = [int(path.name) for path in Path(folder).iterdir()]
            return [number for number in listed if _is_open(number)]  # not the one of the listing itself
    return [number for number in range(4096) if _is_open(number)]


def _next_file() -> int:
    """The number that the next file would get, all below it being taken."""
    top = max(_open_files(), default=2)
    while (number := os.dup(0)) < top:
        pass
    os.close(number)
    return number


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _forbid(names: tuple[str, ...]) -> None:
    """Have the kernel refuse system calls with EPERM, for good (seccomp, Linux on x86_64 and aarch64)."""
    architecture, numbers = _CALLS.get(platform.machine(), (0, {}))
    if sys.platform != "linux" or not architecture:
        return
    forbidden = [numbers[name] for name in names if name in numbers]
    count = len(forbidden)
    fail = count + 2  # where the instruction that refuses stands, counted from the first comparison
    code = [
        (_LOAD, 0, 0, 4),  # the architecture
        (_EQUAL, 0, fail + 1, architecture),  # another one: refuse
        (_LOAD, 0, 0, 0),  # the number of the call
        (_AT_LEAST, fail - 1, 0, _X32),
        *((_EQUAL, fail - 2 - place, 0, number) for place, number in enumerate(forbidden)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _FAIL),
    ]
    program = b"".join(struct.pack("=HBBI", *line) for line in code)
    buffer = ctypes.create_string_buffer(program, len(program))
    filters = struct.pack("@HP", len(code), ctypes.addressof(buffer))
    pointer = ctypes.create_string_buffer(filters, len(filters))
    if _prctl(_SET_NO_NEW_PRIVILEGES, 1) == 0:
        _prctl(_SET_SECCOMP, _FILTER_MODE, ctypes.addressof(pointer))


def _prctl(option: int, *arguments: int) -> int:
    """Linux's prctl; -1 where it is missing or refuses."""
    library = ctypes.CDLL(None, use_errno=True)
    values = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    return int(library.prctl(option, *values))
