"""The ``#+`` header of a saved query: YAML, read strictly, with file:line:column for every mistake."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal as OneOf, get_args

import yaml

from sikkerby_kg.errors import ParameterError, SavedQueryError
from sikkerby_kg.lexer import place
from sikkerby_kg.namespaces import PREFIXES, expand
from sikkerby_kg.parameters import TYPES, Parameter
from sikkerby_kg.texts import LANGUAGES

MARK = "#+"
REQUIRED = ("title", "question", "description", "tags")
KEYS = ("number", *REQUIRED, "parameters", "columns", "empty", "chart")
"""The keys of a header. ``columns`` is required for a SELECT."""

PARAMETER_REQUIRED = ("type", "example", "label")
PARAMETER_KEYS = (*PARAMETER_REQUIRED, "default", "optional", "choices")

ChartKind = OneOf["bar", "timeline"]
CHART_KEYS: Mapping[ChartKind, tuple[str, ...]] = {"bar": ("value",), "timeline": ("start", "end")}
"""The kinds of charts, and which columns each takes beside that of the label."""

MOST_BARS = 3
"""More bars for one label than this cannot be told apart."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C is ten times as fast


@dataclass(frozen=True, slots=True)
class Chart:
    """How an answer is drawn: the column that names each row, and those of its values.

    The values of bars are numbers; those of a timeline are the first and the last day of a period.
    """

    kind: ChartKind
    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of a saved query says. Texts are by language."""

    title: Mapping[str, str]
    question: Mapping[str, str]
    description: Mapping[str, str]
    tags: tuple[str, ...]
    number: int | None = None
    parameters: tuple[Parameter, ...] = ()
    columns: tuple[str, ...] = ()
    empty: Mapping[str, str] | None = None
    chart: Chart | None = None


def read_header(text: str, path: str, prefixes: Mapping[str, str]) -> Header:
    """The header at the top of the text of a saved query.

    ``path`` is how errors name the file, ``prefixes`` are those that the query declares.
    Raises SavedQueryError for an unknown, missing or repeated key, or a value of the wrong kind.
    """
    lines = text.splitlines()
    count = next((i for i, line in enumerate(lines) if not line.startswith(MARK)), len(lines))
    if count == 0:
        raise SavedQueryError("query.no_header", path=path, line=1, column=1)
    # "#+ " becomes three spaces, so that lines and columns are those of the file.
    source = "\n".join("   " + line[len(MARK) :].removeprefix(" ") for line in lines[:count])
    try:
        node = yaml.compose(source, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise SavedQueryError(
            "query.yaml", path=path, line=line, column=column, problem=error.problem or error.context
        ) from None
    except yaml.reader.ReaderError as error:
        line, column = place(source, source.index(chr(error.character)))
        raise SavedQueryError(
            "query.yaml", path=path, line=line, column=column, problem=error.reason
        ) from None
    return _Reader(path, {**PREFIXES, **prefixes}).header(node)


class _Reader:
    """Reads YAML nodes, which know their place, into a header."""

    def __init__(self, path: str, prefixes: Mapping[str, str]) -> None:
        self.path = path
        self.prefixes = prefixes

    def header(self, node: yaml.Node | None) -> Header:
        found = self.mapping(node, KEYS, REQUIRED)
        columns = self.strings(found["columns"]) if "columns" in found else ()
        return Header(
            title=self.texts(found["title"]),
            question=self.texts(found["question"]),
            description=self.texts(found["description"]),
            tags=self.strings(found["tags"]),
            number=self.number(found["number"]) if "number" in found else None,
            parameters=tuple(self.parameters(found["parameters"])) if "parameters" in found else (),
            columns=columns,
            empty=self.text_or_texts(found["empty"]) if "empty" in found else None,
            chart=self.chart(found["chart"], columns) if "chart" in found else None,
        )

    def error(self, key: str, node: yaml.Node | None, /, **values: object) -> SavedQueryError:
        mark = node.start_mark if node else None
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return SavedQueryError(f"query.{key}", path=self.path, line=line, column=column, **values)

    def mapping(
        self, node: yaml.Node | None, allowed: Iterable[str] | None, required: Iterable[str] = ()
    ) -> dict[str, yaml.Node]:
        """Key → node of a mapping whose keys are among the allowed ones, each once."""
        if not isinstance(node, yaml.MappingNode):
            raise self.error("not_mapping", node)
        found: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = self.string(key_node)
            if allowed is not None and key not in allowed:
                raise self.error("unknown_key", key_node, key=key, known=", ".join(allowed))
            if key in found:
                raise self.error("repeated_key", key_node, key=key)
            found[key] = value
        for key in required:
            if key not in found:
                raise self.error("missing_key", node, key=key)
        return found

    def string(self, node: yaml.Node) -> str:
        """A scalar as it is written: ``no`` and ``2024-07-01`` are text here."""
        if not isinstance(node, yaml.ScalarNode) or node.tag.endswith(":null") or not node.value.strip():
            raise self.error("not_text", node)
        return str(node.value).strip()

    def strings(self, node: yaml.Node) -> tuple[str, ...]:
        """A list of different texts."""
        if not isinstance(node, yaml.SequenceNode):
            raise self.error("not_list", node)
        found: dict[str, None] = {}
        for item in node.value:
            text = self.string(item)
            if text in found:
                raise self.error("repeated_item", item, item=text)
            found[text] = None
        return tuple(found)

    def texts(self, node: yaml.Node) -> dict[str, str]:
        """One text for every language."""
        found = self.mapping(node, LANGUAGES, LANGUAGES)
        return {language: self.string(found[language]) for language in LANGUAGES}

    def text_or_texts(self, node: yaml.Node) -> dict[str, str]:
        """One text for every language, or the same for all."""
        if isinstance(node, yaml.ScalarNode):
            return dict.fromkeys(LANGUAGES, self.string(node))
        return self.texts(node)

    def number(self, node: yaml.Node) -> int:
        text = self.string(node)
        if not text.isdecimal():
            raise self.error("not_number", node, value=text)
        return int(text)

    def parameters(self, node: yaml.Node) -> Iterable[Parameter]:
        for name, value in self.mapping(node, None).items():
            if not name.isidentifier() or not name.isascii() or name.startswith("_"):
                raise self.error("parameter_name", value, name=name)
            yield self.parameter(name, value)

    def parameter(self, name: str, node: yaml.Node) -> Parameter:
        found = self.mapping(node, PARAMETER_KEYS, PARAMETER_REQUIRED)
        kind = self.string(found["type"])
        if kind not in TYPES:
            raise self.error("unknown_type", found["type"], type=kind, known=", ".join(TYPES))
        optional = self.string(found["optional"]) if "optional" in found else "false"
        if optional not in ("true", "false"):
            raise self.error("not_boolean", found["optional"], value=optional)
        if optional == "true" and "default" in found:
            raise self.error("optional_default", found["default"], name=name)
        parameter = Parameter(
            name=name,
            type=kind,
            label=self.texts(found["label"]),
            example=self.string(found["example"]),
            default=self.string(found["default"]) if "default" in found else None,
            optional=optional == "true",
            choices=self.choices(found["choices"], kind) if "choices" in found else None,
            prefixes=self.prefixes,
        )
        for key in ("example", "default"):
            if key in found:
                self.check_value(parameter, found[key])
        return parameter

    def check_value(self, parameter: Parameter, node: yaml.Node) -> None:
        try:
            parameter.term(self.string(node))
        except ParameterError:
            raise self.error("parameter_value", node, value=self.string(node), type=parameter.type) from None

    def chart(self, node: yaml.Node, columns: tuple[str, ...]) -> Chart:
        """One kind of chart with the columns that it draws."""
        kinds = self.mapping(node, get_args(ChartKind))
        for kind, keys in CHART_KEYS.items():
            if [kind] == list(kinds):
                parts = self.mapping(kinds[kind], ("label", *keys), ("label", *keys))
                label = self.column(parts["label"], columns)
                values = [column for key in keys for column in self.chart_values(kind, parts[key], columns)]
                return Chart(kind, label, tuple(values))
        raise self.error("chart_kind", node, known=", ".join(CHART_KEYS))

    def chart_values(self, kind: str, node: yaml.Node, columns: tuple[str, ...]) -> list[str]:
        """The columns of a value: one, or for bars a list of some."""
        if kind != "bar" or not isinstance(node, yaml.SequenceNode):
            return [self.column(node, columns)]
        if not 0 < len(self.strings(node)) <= MOST_BARS:
            raise self.error("chart_values", node, most=MOST_BARS)
        return [self.column(item, columns) for item in node.value]

    def column(self, node: yaml.Node, columns: tuple[str, ...]) -> str:
        """The name of a column of the answer."""
        name = self.string(node)
        if name not in columns:
            raise self.error("chart_column", node, name=name, known=", ".join(columns) or "–")
        return name

    def choices(self, node: yaml.Node, kind: str) -> str:
        """The IRI of a class, written as an IRI or a CURIE."""
        text = self.string(node)
        iri = expand(text, self.prefixes) or (text if "://" in text else None)
        if iri is None or kind != "iri":
            raise self.error("choices", node, value=text)
        return iri
