"""The settings: their names, defaults and meaning in one table, and the frozen object made from it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlsplit

from sikkerby_kg.errors import SettingError
from sikkerby_kg.texts import LANGUAGES

SETTINGS: tuple[tuple[str, str | int | float, str], ...] = (
    (
        "root",
        "",
        "folder with ontology/, data/, queries/ and web/; empty: the content of the software",
    ),
    (
        "store",
        "memory",
        "where the graph is kept: memory, a folder on disk, or the URL of a SPARQL 1.1 endpoint",
    ),
    ("lang", "da", "language of pages and messages: da or en"),
    ("timeout", 30.0, "seconds to wait for a SPARQL endpoint"),
    ("host", "127.0.0.1", "address that the server listens on"),
    ("port", 8000, "port that the server listens on"),
    (
        "query_seconds",
        30.0,
        "seconds that a query of a reader may run; given way to others, it may be twice as old",
    ),
    ("query_megabytes", 512, "megabytes of memory that a query or a validation of a reader may use"),
    ("query_length", 20_000, "characters that a query of a reader may have"),
    ("query_depth", 50, "levels that brackets in a query of a reader may be nested"),
    (
        "result_rows",
        100_000,
        "rows or triples that a result may have; what exceeds them is cut off, and said so",
    ),
    ("result_megabytes", 50, "megabytes that a result may have; what exceeds them is cut off, and said so"),
    ("workers", 8, "processes that run queries of readers; two of them are kept for quick ones"),
    ("queue", 32, "queries of readers that may wait for such a process; the next one is refused"),
    ("slow_after", 0.2, "seconds of processor time after which a query of a reader gives way to others"),
    ("connections", 1000, "connections of readers at once; the one idle longest makes room for the next"),
    ("client_seconds", 30.0, "seconds that a reader may take to send a request or to take more of an answer"),
    (
        "waiting_megabytes",
        1000,
        "megabytes of requests and answers that may wait for readers; then the fullest connection is closed",
    ),
    (
        "services",
        "",
        "endpoints that SERVICE may call, separated by blanks; / at the end: and all below; empty: none",
    ),
    (
        "service_networks",
        "public",
        "networks that such endpoints may be in: public, or any, with this machine and private ones",
    ),
    ("cache_megabytes", 64, "megabytes of memory for answers that are kept; 0: none"),
    ("max_age", 60, "seconds that browsers and proxies may use an answer without asking again"),
    (
        "reload",
        0.0,
        "seconds between two looks at whether the content has changed, to serve it anew; 0: only at SIGHUP",
    ),
    (
        "access_log",
        "off",
        "json: write a line for every request to standard error, without personal data; or off",
    ),
    ("public_url", "", "address under which readers reach the server; empty: the one they asked for"),
    ("validate_megabytes", 2, "megabytes that a file may have which a reader has validated"),
    ("validate_seconds", 30.0, "seconds that such a validation may take"),
    (
        "files_megabytes",
        100,
        "megabytes that the files of a validation may have together",
    ),
    ("validations", 2, "files of readers that are validated at once; as many more may wait"),
    (
        "source_url",
        "",
        "address of a file of the content, such as https://example.org/main/{file}#L{line}; empty: no links",
    ),
    ("text", "", "file with the text that was read, to show its passages on the pages; empty: none is shown"),
)
"""Name, default and meaning of every setting; environment variables have SIKKERBY_ in front."""

PREFIX = "SIKKERBY_"
_NOT_IN_ADDRESS = re.compile(r"[\x00-\x20<>\"{}|^`\\?#]")
_SERVICE = re.compile(r"https?://[A-Za-z0-9.:\-\[\]]+/[^\s#]*")  # whole, so that no other host begins like it

RANGES: tuple[tuple[str, float, float], ...] = (
    ("timeout", 0.01, 86_400),
    ("port", 0, 65_535),
    ("query_seconds", 0.1, 3600),
    ("query_megabytes", 32, 1_000_000),
    ("query_length", 100, 100_000),
    ("query_depth", 1, 100),
    ("result_rows", 1, 1_000_000_000),
    ("result_megabytes", 1, 2_000),
    ("workers", 1, 256),
    ("queue", 0, 1_000),
    ("slow_after", 0.01, 3600),
    ("connections", 10, 100_000),
    ("client_seconds", 1, 3600),
    ("waiting_megabytes", 10, 1_000_000),
    ("reload", 0, 86_400),
    ("cache_megabytes", 0, 100_000),
    ("max_age", 0, 31_536_000),
    ("validate_megabytes", 1, 100),
    ("validate_seconds", 0.1, 3600),
    ("files_megabytes", 1, 1_000_000),
    ("validations", 1, 64),
)
"""The least and the most that numbers without a meaning of their own can be."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One value for every row of SETTINGS. Give some by keyword; the others have their defaults.

    >>> Settings(lang="en").store
    'memory'
    """

    root: str = ""
    store: str = "memory"
    lang: str = "da"
    timeout: float = 30.0
    host: str = "127.0.0.1"
    port: int = 8000
    query_seconds: float = 30.0
    query_megabytes: int = 512
    query_length: int = 20_000
    query_depth: int = 50
    result_rows: int = 100_000
    result_megabytes: int = 50
    workers: int = 8
    queue: int = 32
    slow_after: float = 0.2
    connections: int = 1000
    client_seconds: float = 30.0
    waiting_megabytes: int = 1000
    services: str = ""
    service_networks: str = "public"
    cache_megabytes: int = 64
    max_age: int = 60
    reload: float = 0.0
    access_log: str = "off"
    public_url: str = ""
    validate_megabytes: int = 2
    validate_seconds: float = 30.0
    files_megabytes: int = 100
    validations: int = 2
    source_url: str = ""
    text: str = ""

    def __post_init__(self) -> None:
        if self.lang not in LANGUAGES:
            raise _wrong("lang", self.lang, " | ".join(LANGUAGES))
        if self.access_log not in ("json", "off"):
            raise _wrong("access_log", self.access_log, "json | off")
        if self.service_networks not in ("public", "any"):
            raise _wrong("service_networks", self.service_networks, "public | any")
        for service in self.services.split():
            if not _SERVICE.fullmatch(service):
                raise _wrong("services", service, "https://example.org/sparql | https://example.org/…/")
        if self.public_url and not _is_address(self.public_url):
            raise _wrong("public_url", self.public_url, "https://example.org | https://example.org/path")
        if self.source_url and not _is_pattern(self.source_url):
            raise _wrong("source_url", self.source_url, "https://example.org/main/{file}#L{line}")
        for name, least, most in RANGES:
            if not least <= getattr(self, name) <= most:
                raise _wrong(name, getattr(self, name), f"{least} … {most}")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """The settings that a mapping such as ``os.environ`` gives; an empty value counts as not given.

        Raises SettingError, naming the variable, for a value that does not fit.
        """
        given: dict[str, Any] = {}
        for name, default, _ in SETTINGS:
            value = environment.get(PREFIX + name.upper(), "").strip()
            if value:
                given[name] = _converted(name, value, type(default))
        return cls(**given)

    def with_changes(self, **changes: Any) -> "Settings":
        """The same settings with some values changed; a change to None is no change."""
        return replace(self, **{name: value for name, value in changes.items() if value is not None})

    def with_options(self, **options: str | None) -> "Settings":
        """The same settings with some values as they were typed behind options; None is no change.

        Raises SettingError, naming the option, for a value that does not fit.
        """
        kinds = {name: type(default) for name, default, _ in SETTINGS}
        settings = self
        for name, value in options.items():
            if value is None:
                continue
            try:
                settings = settings.with_changes(**{name: _converted(name, value.strip(), kinds[name])})
            except SettingError as error:
                option = f"--{name.replace('_', '-')}"
                raise SettingError(error.key, **{**error.values, "name": option}) from None
        return settings

    def as_dict(self) -> dict[str, str | int | float]:
        """Name → value, in the order of SETTINGS."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def _is_address(url: str) -> bool:
    """Whether readers can reach something there: a host, maybe a port and a path, and nothing else."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    is_plain = not (_NOT_IN_ADDRESS.search(url) or parts.username or parts.password)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and is_plain


def _is_pattern(url: str) -> bool:
    """Whether an address has a place for the name of a file, and maybe one for a line, and is else plain."""
    filled = url.replace("{file}", "f").replace("{line}", "1")
    address, _, fragment = filled.partition("#")
    has_file = "{file}" in url.partition("#")[0]
    return has_file and _is_address(address) and not _NOT_IN_ADDRESS.search(fragment)


def _converted(name: str, value: str, kind: type) -> str | int | float:
    try:
        converted: str | int | float = kind(value)
    except ValueError:
        key = f"setting.{kind.__name__}"
        raise SettingError(key, name=PREFIX + name.upper(), value=value) from None
    return converted


def _wrong(name: str, value: object, expected: str) -> SettingError:
    return SettingError("setting", name=PREFIX + name.upper(), value=value, expected=expected)
