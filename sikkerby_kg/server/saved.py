"""Saved queries: their list, and for each the question, a form from its parameters, and the answer."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request, url_for
from markupsafe import Markup

from sikkerby_kg.errors import ParameterError
from sikkerby_kg.formats import RDF_FORMATS, RESULT_FORMATS, Format
from sikkerby_kg.headers import MARK
from sikkerby_kg.labels import Label
from sikkerby_kg.parameters import Parameter
from sikkerby_kg.queries import SavedQuery
from sikkerby_kg.server.answers import ROWS, Answer, answer_of, heading
from sikkerby_kg.server.as_of import PARAMETER as AS_OF, QUERY_PARAMETER, as_of
from sikkerby_kg.server.fields import Field, fields_of
from sikkerby_kg.server.language import PARAMETER as LANG, language
from sikkerby_kg.server.measuring import timed
from sikkerby_kg.server.negotiation import HTML, choose, media_type, say_where
from sikkerby_kg.server.order import alphabetical
from sikkerby_kg.server.paging import TOTAL, Part, link_header, names_of, part_of
from sikkerby_kg.server.problem import ProblemError
from sikkerby_kg.server.shown import Shown
from sikkerby_kg.server.site import in_language, site
from sikkerby_kg.shown import as_markdown
from sikkerby_kg.texts import has_text, text

blueprint = Blueprint("saved", __name__)

MARKDOWN = Format("md", "text/markdown")
FORMAT = "format"
HOME_QUESTIONS = 12
"""Questions on the home page; a link leads to all."""

OF_A_TOPIC = 2
"""Questions of one topic among them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One query in the list."""

    name: str
    question: str
    href: str


@dataclass(frozen=True, slots=True)
class Topic:
    """The queries under one tag."""

    name: str
    queries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class QueriesPage:
    """What the template of the list gets."""

    groups: Sequence[Topic]


@dataclass(frozen=True, slots=True)
class Download:
    """The answer in one format."""

    text: str
    href: str
    media_type: str


@dataclass(frozen=True, slots=True)
class PartLink:
    """A link to other rows of the same answer; ``rel`` is first, prev, next or last."""

    text: str
    href: str
    rel: str


@dataclass(frozen=True, slots=True)
class QueryPage:
    """What the template of one saved query gets. Either ``answer`` or ``error`` is given."""

    name: str
    title: str
    question: str
    description: Markup
    trail: Sequence[Shown]
    fields: Sequence[Field]
    sparql: str
    try_href: str
    action: str
    answer: Answer | None = None
    error: str = ""
    empty: Label | None = None
    downloads: Sequence[Download] = ()
    parts: Sequence[PartLink] = ()


def topics() -> list[Topic]:
    """All saved queries by their first tag, in the reader's language."""
    lang = language()
    groups = site().graph.queries.by_tag().items()
    found = [
        Topic(
            tag_name(tag),
            [Entry(q.name, q.question[lang], url_for("saved.query", name=q.name)) for q in queries],
        )
        for tag, queries in groups
    ]
    return sorted(found, key=lambda topic: alphabetical(topic.name))


def chosen_questions() -> list[Entry]:
    """Questions for a first look: those with the lowest numbers, at most two of a topic."""
    lang, chosen = language(), list[SavedQuery]()
    seen: Counter[str] = Counter()
    for saved in sorted(site().graph.queries.values(), key=lambda q: (q.number or math.inf, q.name)):
        topic = saved.tags[0]
        if seen[topic] < OF_A_TOPIC and len(chosen) < HOME_QUESTIONS:
            chosen.append(saved)
            seen[topic] += 1
    return [Entry(q.name, q.question[lang], url_for("saved.query", name=q.name)) for q in chosen]


def tag_name(tag: str) -> str:
    """A tag in the reader's language, if the software knows it; else as it is."""
    key = f"web.tag.{tag}"
    shown = text(key, language()) if has_text(key) else tag.replace("-", " ")
    return shown[:1].upper() + shown[1:]


@blueprint.get("/query")
def queries() -> str:
    """The list of saved queries."""
    return render_template("queries.html", page=QueriesPage(topics()))


@blueprint.get("/query/<name>")
def query(name: str) -> Response:
    """One saved query: a page with form and answer, or the answer as data."""
    saved = site().graph.queries[name]
    offered = (HTML, *formats_of(saved))
    chosen = choose(offered, request.args.get(FORMAT, ""))
    given = _given(saved)
    part = part_of(saved, request.args)
    if chosen is not HTML and not (request.args.get(FORMAT) and _is_wrong(saved, given) and _for_people()):
        response = _data(saved, given, chosen, part)
    else:
        chosen, response = HTML, _page(saved, given, part)
    if response.status_code == HTTPStatus.OK:
        say_where(response, chosen, offered, language())
    return response


def formats_of(saved: SavedQuery) -> tuple[Format, ...]:
    """The data formats of a query's answer."""
    if saved.form in ("CONSTRUCT", "DESCRIBE"):
        return RDF_FORMATS
    return (*RESULT_FORMATS, MARKDOWN) if saved.form == "SELECT" else RESULT_FORMATS


def _given(saved: SavedQuery) -> dict[str, str]:
    """The parameters as they came. Raises ProblemError for one that is given several times.

    The date of the pages stands in for one that is not given.
    A form sends an empty field for a value that is not given, and two values for a box that is ticked.
    """
    own = {parameter.name: parameter for parameter in saved.parameters}
    given = {}
    for name, values in request.args.lists():
        parameter = own.get(name)
        if parameter is None and name in (LANG, FORMAT, AS_OF):
            continue
        if len(values) > 1 and (parameter is None or parameter.type != "boolean"):
            raise _repeated(name, parameter, len(values))
        if name not in names_of(saved):
            given[name] = values[0]
    if QUERY_PARAMETER in own and own[QUERY_PARAMETER].type == "date":
        chosen = as_of()
        if chosen and not given.get(QUERY_PARAMETER, "").strip():
            given[QUERY_PARAMETER] = chosen.isoformat()
    return given


def _repeated(name: str, parameter: Parameter | None, count: int) -> ProblemError:
    members = {"parameter": name}
    if parameter is not None:
        members |= {"type_expected": parameter.type, "example": parameter.example}
    detail = text("web.parameter_repeated", language(), name=name, count=count)
    return ProblemError(400, detail, members=members)


def _bound(saved: SavedQuery, given: dict[str, str]) -> str:
    """The query with the values in the place of its parameters. Raises ParameterError."""
    values = {name: value for name, value in given.items() if value.strip() != ""}
    return saved.bind(values, site().graph.prefixes, language())


def _is_wrong(saved: SavedQuery, given: dict[str, str]) -> bool:
    try:
        _bound(saved, given)
    except ParameterError:
        return True
    return False


def _for_people() -> bool:
    return "text/html" in request.headers.get("Accept", "")


def _data(saved: SavedQuery, given: dict[str, str], chosen: Format, part: Part) -> Response:
    graph = site().graph
    with timed("query"):
        result, total = graph.store.evaluate(_bound(saved, given)), None
    with timed("write"):
        if not part.is_whole:
            result, total = part.of(result)
        if chosen is MARKDOWN:
            response = make_response(as_markdown(result, graph.labels, language()))
        else:
            response = make_response(result.serialize(chosen.name, graph.prefixes))
    response.content_type = media_type(chosen)
    response.headers["Content-Disposition"] = f'inline; filename="{saved.name}.{chosen.name}"'
    if total is not None:
        response.headers[TOTAL] = str(total)
        if part.limit:
            response.headers["Link"] = link_header(part, total)
    response.vary.add("Accept")
    return response


def _page(saved: SavedQuery, given: dict[str, str], part: Part) -> Response:
    """The page of a query: with its answer, with what is wrong, or the form only if nothing is given yet."""
    error, answer, bound, total = None, None, saved.text, 0
    part = Part(min(part.limit or ROWS, ROWS), part.offset)
    try:
        bound = _bound(saved, given)
        with timed("query"):
            result = site().graph.store.evaluate(bound)
        if saved.form == "SELECT":
            result, total = part.of(result)
        answer = answer_of(result, total)
    except ParameterError as found:
        error = found
    is_blank = error is not None and error.key == "parameter.missing" and not given
    lang = language()
    fields = fields_of(saved.parameters, given, None if is_blank else error)
    shown = any(field.error for field in fields)
    page = QueryPage(
        name=saved.name,
        title=saved.title[lang],
        question=saved.question[lang],
        description=_linked(saved, saved.description[lang]),
        trail=[
            Shown(text("web.home", lang), href=url_for("pages.home")),
            Shown(text("web.questions", lang), href=url_for("saved.queries")),
            Shown(saved.title[lang]),
        ],
        fields=fields,
        sparql=saved.text,
        try_href=url_for("endpoint.sparql", query=_without_header(bound)) if answer else "",
        action=url_for("saved.query", name=saved.name),
        answer=answer,
        error="" if is_blank or error is None or shown else error.text(lang),
        empty=_reason(saved),
        downloads=list(_downloads(saved, given)),
        parts=list(_parts(part, total)),
    )
    response = make_response(render_template("query.html", page=page), 400 if error and not is_blank else 200)
    response.vary.add("Accept")
    return response


def _parts(part: Part, total: int) -> Iterator[PartLink]:
    """Links to the other rows, if there are any."""
    if part.offset or total > (part.limit or total):
        for name, other in part.others(total):
            yield PartLink(text(f"web.part.{name}", language()), other.href, name)


def _reason(saved: SavedQuery) -> Label | None:
    """Why no rows can be the right answer, as a sentence."""
    reason = in_language(saved.empty or {}, language())
    return reason and Label(f"{reason.text[:1].upper()}{reason.text[1:]}.", reason.language)


def _downloads(saved: SavedQuery, given: dict[str, str]) -> Iterator[Download]:
    lang = language()
    for candidate in formats_of(saved):
        pairs = urlencode({LANG: lang, **given, FORMAT: candidate.name})
        href = f"{url_for('saved.query', name=saved.name).partition('?')[0]}?{pairs}"
        yield Download(text(f"web.format.{candidate.name}", lang), href, candidate.media_type)


def _linked(saved: SavedQuery, description: str) -> Markup:
    """A description, its columns in words, and with links where it names other saved queries."""
    for column in saved.columns:
        description = re.sub(rf"(?<=[»']){column}(?=[«'])", heading(column), description)
    parts = []
    for word in re.split(r"([a-z]+(?:-[a-z]+)+)", description):
        if word in site().graph.queries and word != saved.name:
            parts.append(
                Markup('<a href="{}">{}</a>').format(url_for("saved.query", name=word), _title(word))
            )
        else:
            parts.append(Markup.escape(word))
    return Markup("").join(parts)


def _title(name: str) -> str:
    return site().graph.queries[name].title[language()]


def _without_header(text_: str) -> str:
    """A query without the header of its file: what is left is what one would type."""
    return "\n".join(line for line in text_.split("\n") if not line.startswith(MARK)).strip() + "\n"
