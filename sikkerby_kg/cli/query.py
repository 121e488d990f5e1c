"""``sikkerby-kg query``: list the saved queries, or answer one."""

from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

from sikkerby_kg.cli.output import FORMATS, emit
from sikkerby_kg.cli.skin import OneOf, Session, command, language, option, say, write
from sikkerby_kg.errors import SikkerbyError
from sikkerby_kg.graph import KnowledgeGraph, open_graph
from sikkerby_kg.queries import SavedQuery
from sikkerby_kg.tables import printable


def _graph(ctx: click.Context) -> KnowledgeGraph | None:
    """The graph that is being asked about while a shell completes a word; nothing if it cannot be opened."""
    given = {**(ctx.parent.params if ctx.parent else {}), **{k: v for k, v in ctx.params.items() if v}}
    try:
        return open_graph(given.get("root"), "memory")
    except SikkerbyError:
        return None


def _complete_name(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    graph = _graph(ctx)
    names = [name for name in graph.queries if name.startswith(incomplete)] if graph else []
    return (
        [CompletionItem(name, help=graph.queries[name].title[language()]) for name in names] if graph else []
    )


def _complete_parameter(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of the parameters of the query, and after a name its default, its example or its choices."""
    graph = _graph(ctx)
    name = str(ctx.params.get("name"))
    if graph is None or name not in graph.queries:
        return []
    items = []
    for parameter in graph.queries[name].parameters:
        start = parameter.name + "="
        values = [parameter.default, parameter.example] if incomplete.startswith(start) else [""]
        if parameter.choices and incomplete.startswith(start):
            values += [graph.labels.short(iri) for iri, _ in graph.choices(parameter)]
        items += [
            CompletionItem(start + value, help=parameter.label[language()])
            for value in dict.fromkeys(value for value in values if value is not None)
        ]
    return [item for item in items if item.value.startswith(incomplete)]


@command("query")
@click.argument("name", required=False, metavar="[NAME]", shell_complete=_complete_name)
@option(
    "--param", "-p", "parameters", multiple=True, metavar="NAME=VALUE", shell_complete=_complete_parameter
)
@option("--format", "-f", "name_of_format", type=OneOf(FORMATS), default="table", metavar="FORMAT")
@option("--output", "-o", type=click.Path(dir_okay=False, allow_dash=True), metavar="FILE")
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
        write(_listing(graph), output)
        return
    saved = graph.queries[name]
    if about:
        write(_about(saved), output)
        return
    result = graph.query(name, lang=session.lang, **_values(parameters))
    heading = printable(saved.question[language()]) + "\n\n"
    emit(graph, result, name_of_format, output, heading=heading, empty=saved.empty)


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
        lines += ["", say("empty_because", reason=query.empty)]
    return "\n".join(map(printable, lines)) + "\n"
