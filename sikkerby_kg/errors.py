"""The errors of the package: one family, each with the value, the place and the next step.

::

    SikkerbyError
    ├── SettingError            a setting has a value that it cannot have
    ├── FoldersNotFoundError         a root folder without ontology/, data/, queries/ and web/
    ├── ContentError            a content file that cannot be used; says file:line:column
    │   ├── SavedQueryError     the same for a file in queries/
    │   └── ShapesError         shapes that cannot be used; each problem is an error with its place
    ├── StoreError              the store cannot be opened, reached or understood
    │   ├── StoreTimeoutError   the SPARQL endpoint did not answer in time
    │   └── StoreBusyError      the SPARQL endpoint has too much to do
    ├── SparqlError             a query that cannot be run
    │   ├── SparqlSyntaxError   … because it does not parse; says line and column
    │   └── SparqlRefusedError  … because it would write, call other services or is too deep
    ├── QueryEndedError         a query was run, but not to its end
    │   ├── QueryTimeoutError   … because it took too long
    │   ├── QueryMemoryError    … because it or its result needs too much memory
    │   ├── QueryCancelledError … because nobody waits for it any more
    │   ├── ServiceError        … because a service that it calls failed
    │   ├── OverCapacityError   … or not even begun, because too many others are running
    │   └── WorkerLostError     … because the process that ran it ended
    ├── UnwritableError         a result that its format cannot hold
    ├── UnknownNameError        no saved query, entity or format has this name
    ├── ParameterError          a parameter of a saved query is missing, unknown or has a wrong value
    ├── EntryError              what was given for a new thing cannot become a statement
    │   └── EntriesError        … several of these at once
    ├── AddressError            the server cannot listen at an address
    └── MissingPackageError     an optional package is not installed

An error holds the key of its text in ``texts.toml`` and the values for it, so that ``str(error)`` is English
and ``error.text("da")`` is Danish.
"""

from collections.abc import Sequence

from sikkerby_kg.texts import has_text, text

_LONGEST = 500


class SikkerbyError(Exception):
    """What all errors of the package have in common.

    ``key`` names the text (``error.`` is put in front of it), ``values`` fill its placeholders.
    """

    def __init__(self, key: str, /, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(key)

    def text(self, lang: str) -> str:
        """The message in a language."""
        key = f"error.{self.key}"
        if self.values.get("close") in ("", "–") and has_text(f"{key}.alone"):
            key += ".alone"  # nothing is like it
        return text(key, lang, **{name: _shown(value, lang) for name, value in self.values.items()})

    def __str__(self) -> str:
        return self.text("en")

    def __reduce__(self) -> tuple[object, ...]:
        return (_restore, (type(self), self.key, self.values))


def _shown(value: object, lang: str) -> object:
    """A value; its beginning where it is too long for a message; an error within an error in the language."""
    if isinstance(value, SikkerbyError):
        return value.text(lang)
    is_long = isinstance(value, str) and len(value) > _LONGEST
    return f"{str(value)[:_LONGEST]}…" if is_long else value


def _restore(kind: type[SikkerbyError], key: str, values: dict[str, object]) -> SikkerbyError:
    """An error from its parts, so that a worker process can hand one to its parent."""
    return kind(key, **values)


class SettingError(SikkerbyError):
    """A setting has a value that it cannot have."""


class FoldersNotFoundError(SikkerbyError):
    """A root folder lacks one of the four content folders."""


class ContentError(SikkerbyError):
    """A content file cannot be used; the message names file, line and column where it can."""

    @property
    def file(self) -> str | None:
        """The file, as the message names it."""
        return None if self.values.get("path") is None else str(self.values["path"])

    @property
    def line(self) -> int | None:
        """The line, from 1; None if the whole file is meant."""
        return self._number("line")

    @property
    def column(self) -> int | None:
        """The column, from 1 and in code points; None if the whole file is meant."""
        return self._number("column")

    def _number(self, name: str) -> int | None:
        found = self.values.get(name)
        return found if isinstance(found, int) else None


class SavedQueryError(ContentError):
    """A file in queries/ breaks the rules of a saved query."""


class ShapesError(ContentError):
    """Shapes cannot be used; ``problems`` holds what is wrong with them, in the order of the files."""

    @property
    def problems(self) -> tuple[ContentError, ...]:
        """Each problem with its place."""
        problems = self.values["problems"]
        return problems if isinstance(problems, tuple) else ()

    @property
    def file(self) -> str | None:
        """The file of the first problem."""
        return self.problems[0].file

    @property
    def line(self) -> int | None:
        """The line of the first problem."""
        return self.problems[0].line

    @property
    def column(self) -> int | None:
        """The column of the first problem."""
        return self.problems[0].column

    def text(self, lang: str) -> str:
        """The messages of all problems, each on a line of its own."""
        return "\n".join(each.text(lang) for each in self.problems)


class StoreError(SikkerbyError):
    """The store cannot be opened, reached or understood."""


class StoreTimeoutError(StoreError):
    """The SPARQL endpoint did not answer in time."""


class StoreBusyError(StoreError):
    """The SPARQL endpoint has too much to do; ``seconds`` is when to try again."""

    @property
    def seconds(self) -> int:
        """Seconds after which it may answer again."""
        return int(str(self.values["seconds"]))


class SparqlError(SikkerbyError):
    """A query cannot be run."""


class SparqlSyntaxError(SparqlError):
    """A query does not parse.

    ``line`` and ``column`` count from 1; ``source`` is that line of the query; ``problem`` is in English.
    """

    @property
    def line(self) -> int:
        """The line of the first thing that cannot be right."""
        return int(str(self.values["line"]))

    @property
    def column(self) -> int:
        """Its column, in code points."""
        return int(str(self.values["column"]))

    @property
    def source(self) -> str:
        """The line itself."""
        return str(self.values["source"])


class SparqlRefusedError(SparqlError):
    """A query parses but is not run: it would write, call another service, or is too deep or long."""


class QueryEndedError(SikkerbyError):
    """A query was run, but not to its end."""


class QueryTimeoutError(QueryEndedError):
    """A query took longer than one may."""


class QueryMemoryError(QueryEndedError):
    """A query, or one row of its result, needs more memory than one may have."""


class QueryCancelledError(QueryEndedError):
    """Nobody waits for the query any more, or the server stops."""


class ServiceError(QueryEndedError):
    """A service that the query calls could not be reached, or gave no answer that can be used."""


class OverCapacityError(QueryEndedError):
    """Too many queries are running or waiting; ``seconds`` of its values says when to try again."""


class WorkerLostError(QueryEndedError):
    """The process that ran the query ended, or could not be started."""


class UnwritableError(SikkerbyError):
    """A result, or a set of statements, has something that its format cannot hold."""


class UnknownNameError(SikkerbyError, KeyError):
    """Nothing has this name; the message proposes close ones."""


class ParameterError(SikkerbyError):
    """A parameter of a saved query is missing, unknown or has a wrong value."""


class AddressError(SikkerbyError):
    """The server cannot listen at an address; the message says what to choose instead."""


class MissingPackageError(SikkerbyError):
    """An optional package is not installed."""


class EntryError(SikkerbyError):
    """Something that was given for a new thing cannot become a statement."""


class EntriesError(EntryError):
    """Several such errors at once; ``problems`` holds them in order."""

    def __init__(self, problems: Sequence[SikkerbyError]) -> None:
        self.problems = tuple(problems)
        super().__init__("entry.several", count=len(self.problems))

    def text(self, lang: str) -> str:
        """All messages, one a line, and how many they are."""
        if len(self.problems) == 1:
            return self.problems[0].text(lang)
        return "\n  ".join((super().text(lang), *(each.text(lang) for each in self.problems)))

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.problems,))
