"""The settings: their names, defaults and meaning in one table, and the frozen object made from it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

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
    ("cache_megabytes", 64, "megabytes of memory for answers that are kept; 0: none"),
    ("max_age", 60, "seconds that browsers and proxies may use an answer without asking again"),
    ("public_url", "", "address under which readers reach the server; empty: the one they asked for"),
)
"""Name, default and meaning of every setting; environment variables have SIKKERBY_ in front."""

PREFIX = "SIKKERBY_"
_LAST_PORT = 65535


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
    cache_megabytes: int = 64
    max_age: int = 60
    public_url: str = ""

    def __post_init__(self) -> None:
        if self.lang not in LANGUAGES:
            raise _wrong("lang", self.lang, " | ".join(LANGUAGES))
        if not 0 <= self.port <= _LAST_PORT:
            raise _wrong("port", self.port, f"0 … {_LAST_PORT}")
        if not 0 < self.timeout < float("inf"):
            raise _wrong("timeout", self.timeout, "> 0")
        for name in ("cache_megabytes", "max_age"):
            if getattr(self, name) < 0:
                raise _wrong(name, getattr(self, name), "0 …")

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

    def as_dict(self) -> dict[str, str | int | float]:
        """Name → value, in the order of SETTINGS."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def _converted(name: str, value: str, kind: type) -> str | int | float:
    try:
        converted: str | int | float = kind(value)
    except ValueError:
        raise _wrong(name, value, kind.__name__) from None
    return converted


def _wrong(name: str, value: object, expected: str) -> SettingError:
    return SettingError("setting", name=PREFIX + name.upper(), value=value, expected=expected)
