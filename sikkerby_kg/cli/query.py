"""``sikkerby-kg query``: list the saved queries, or answer one."""

import contextlib
from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

from sikkerby_kg.cli.emitting import FORMATS, emit
from sikkerby_kg.cli.skin import OneOf, OutputFile, Session, command, language, note, option, say, write
from sikkerby_kg.cli.words import asked_root
from sikkerby_kg.errors import SikkerbyError, UnknownNameError
from sikkerby_kg.graph import KnowledgeGraph, open_graph
from sikkerby_kg.parameters import Parameter
from sikkerby_kg.queries import SavedQuery
from sikkerby_kg.tables import printable


def _graph(ctx: click.Context) -> KnowledgeGraph:
    """The graph that is being asked about while a shell completes a word."""
    return open_graph(asked_root(ctx), "memory")


def _complete_name(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of the saved queries; nothing where the content cannot be used."""
    with contextlib.suppress(SikkerbyError):
        queries = _graph(ctx).queries
        names = [name for name in queries if name.startswith(incomplete)]
        return [CompletionItem(name, help=queries[name].title[language()]) for name in names]
    return []


def _complete_parameter(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of the parameters of the query, and after a name its default, its example and its choices."""
    with contextlib.suppress(SikkerbyError):
        graph = _graph(ctx)
        # While the value of an option is missing, click leaves the words before it unparsed.
        words = (ctx.params.get("name"), *ctx.args)
        name = next((word for word in words if word in graph.queries), None)
        parameters = graph.queries[name].parameters if name else ()
        return [
            CompletionItem(f"{parameter.name}={value}", help=parameter.label[language()])
            for parameter in parameters
            for value in _values_for(graph, parameter, incomplete)
            if f"{parameter.name}={value}".startswith(incomplete)
        ]
    return []


def _values_for(graph: KnowledgeGraph, parameter: Parameter, incomplete: str) -> list[str]:
    """The values to propose once the name of a parameter is complete; before that, an empty one."""
    if not incomplete.startswith(parameter.name + "="):
        return [""]
    values = [value for value in (parameter.default, parameter.example) if value is not None]
    values += [graph.labels.short(iri) for iri, _ in graph.choices(parameter)]
    return list(dict.fromkeys(values))


@command("query")
@click.argument("name", required=False, metavar="[NAME]", shell_complete=_complete_name)
@option(
    "--param", "-p", "parameters", multiple=True, metavar="NAME=VALUE", shell_complete=_complete_parameter
)
@option("--format", "-f", "name_of_format", type=OneOf(FORMATS), default="table", metavar="FORMAT")
@option("--output", "-o", type=OutputFile(), metavar="FILE")
@option("--about", is_flag=True)
def query(
    session: Session,
    name: str | None,
    parameters: Sequence[str],
    name_of_format: str,
    output: str | None,
    *,
    about: bool,
) -> None:
    """List the saved queries, say what one of them is about, or answer it."""
    graph = session.graph()
    if name is None:
        if parameters or name_of_format != "table" or about:
            raise click.UsageError(say("query.nameless"))
        write(_listing(graph), output)
        return
    saved = graph.queries[name]
    if about:
        write(_about(saved), output)
        return
    values = graph.meant(saved, _values(parameters))
    result = graph.answer(saved, values, session.lang)
    heading = printable(saved.question[language()]) + "\n\n"
    emit(
        graph,
        result,
        name_of_format,
        output,
        heading=heading,
        empty=saved.empty[language()] if saved.empty else None,
        citation=graph.cite(saved, values, language()) if name_of_format == "xlsx" else None,
    )
    if name_of_format == "table" and len(result) == 0:
        _doubt(graph, saved, values)


def _doubt(graph: KnowledgeGraph, query: SavedQuery, values: dict[str, str]) -> None:
    """Say which values are things that the graph does not know."""
    for parameter in query.parameters:
        value = values.get(parameter.name)
        if parameter.type == "iri" and value is not None:
            try:
                graph.resolve(parameter.term(value, graph.prefixes).value)
            except UnknownNameError:
                note("unknown_value", name=parameter.name, value=value)


def _values(parameters: Sequence[str]) -> dict[str, str]:
    """Name → value of the options ``-p name=value``, each name once."""
    values: dict[str, str] = {}
    for parameter in parameters:
        name, equals, value = parameter.partition("=")
        if not equals or not name.strip():
            raise click.UsageError(say("not_a_pair", value=parameter))
        if name.strip() in values:
            raise click.UsageError(say("given_twice", name=name.strip()))
        values[name.strip()] = value
    return values


def _listing(graph: KnowledgeGraph) -> str:
    """Every saved query under its first tag: name and question."""
    groups = graph.queries.by_tag()
    lines = []
    for tag, queries in groups.items():
        lines += [tag, *(line for query in queries for line in _entry(query)), ""]
    if not groups:
        return say("no_queries", folder=graph.folders.queries) + "\n"
    return "\n".join((*lines, say("query.next"))) + "\n"


def _entry(query: SavedQuery) -> list[str]:
    return [f"  {query.name}", f"      {printable(query.question[language()])}"]


def _about(query: SavedQuery) -> str:
    """What a reader needs to know before asking: question, meaning, parameters, columns."""
    lang = language()
    lines = [query.title[lang], "", query.question[lang], query.description[lang], ""]
    for parameter in query.parameters:
        kind = say("parameter.optional") if parameter.optional else say("parameter.required")
        if parameter.default is not None:
            kind = say("parameter.default", value=parameter.default)
        lines.append(f"  -p {parameter.name}={parameter.example}")
        lines.append(f"      {parameter.label[lang]} ({parameter.type}; {kind})")
    if query.columns:
        lines += ["", say("columns", names=", ".join(query.columns))]
    if query.empty:
        lines += ["", say("empty_because", reason=query.empty[lang])]
    return "\n".join(map(printable, lines)) + "\n"
