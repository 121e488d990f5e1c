"""The page of one saved query: its question, a form, the answer, and ways to take it along."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Response, make_response, render_template, request, url_for
from markupsafe import Markup
from pyoxigraph import Literal, NamedNode

from sikkerby_kg.citations import Citation, described
from sikkerby_kg.errors import ParameterError
from sikkerby_kg.formats import Format
from sikkerby_kg.labels import Label
from sikkerby_kg.queries import SavedQuery, without_header
from sikkerby_kg.server.answers import ROWS, Answer, answer_of
from sikkerby_kg.server.as_of import PARAMETER as AS_OF
from sikkerby_kg.server.charts import Drawing, draw
from sikkerby_kg.server.fields import Field, fields_of
from sikkerby_kg.server.given import FOR_PEOPLE, FORMAT, Given, address, bound, citation_of, formats_of
from sikkerby_kg.server.language import PARAMETER as LANG, language
from sikkerby_kg.server.measuring import timed
from sikkerby_kg.server.paging import Part
from sikkerby_kg.server.shown import Shown
from sikkerby_kg.server.site import in_language, site
from sikkerby_kg.server.sorting import SORT, Order, sortable
from sikkerby_kg.shown import value_text
from sikkerby_kg.texts import text

AT_ONCE = 100
"""Rows of an answer on a page, unless the address asks for more; links lead to the others."""


@dataclass(frozen=True, slots=True)
class Download:
    """The answer in one format; ``for_people`` if its headings and names are words."""

    text: str
    href: str
    media_type: str
    for_people: bool


@dataclass(frozen=True, slots=True)
class PartLink:
    """A link to other rows of the same answer; ``rel`` is first, prev, next or last."""

    text: str
    href: str
    rel: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """Why there are no rows, if the query says it, and what else to try."""

    reason: Label | None
    tries: Sequence[Shown]


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
    action: str
    kept: Sequence[tuple[str, str]]
    number: int | None = None
    try_href: str = ""
    answer: Answer | None = None
    drawing: Drawing | None = None
    error: str = ""
    nothing: Nothing | None = None
    citation: Citation | None = None
    cite_as: str = ""
    downloads: Sequence[Download] = ()
    parts: Sequence[PartLink] = ()


def answer_page(saved: SavedQuery, given: Given, part: Part, order: Order) -> Response:
    """The page of a query: with its answer, with what is wrong, or the form only if nothing is given yet."""
    error, answered = None, Answered()
    part = Part(min(part.limit or AT_ONCE, ROWS), part.offset)
    try:
        answered = _answered(saved, given, part, order)
    except ParameterError as found:
        error = found
    spoken = {parameter.name for parameter in saved.parameters if parameter.type == "language"}
    is_blank = error is not None and error.key == "parameter.missing" and not given.keys() - spoken
    lang = language()
    fields = fields_of(saved.parameters, given, None if is_blank else error)
    shown = any(field.error for field in fields)
    answer, citation = answered.answer, answered.citation
    is_empty = answer is not None and answer.form == "SELECT" and not answer.count
    page = QueryPage(
        name=saved.name,
        number=saved.number,
        title=saved.title[lang],
        question=saved.question[lang],
        description=_linked(saved),
        trail=[
            Shown(text("web.home", lang), href=url_for("pages.home")),
            Shown(text("web.questions", lang), href=url_for("saved.queries")),
            Shown(saved.title[lang]),
        ],
        fields=fields,
        sparql=without_header(answered.sparql or saved.text),
        try_href=url_for("endpoint.sparql", query=without_header(answered.sparql)) if answer else "",
        action=url_for("saved.query", name=saved.name).partition("?")[0],
        kept=list(_kept(saved)),
        answer=answer,
        drawing=answered.drawing,
        error="" if is_blank or error is None or shown else error.text(lang),
        nothing=_nothing(saved, given) if is_empty else None,
        citation=citation,
        cite_as=citation.words(lang) if citation else "",
        downloads=list(_downloads(saved, given)),
        parts=list(_parts(part, answered.total)),
    )
    response = make_response(render_template("query.html", page=page), 400 if error and not is_blank else 200)
    response.vary.add("Accept")
    return response


@dataclass(frozen=True, slots=True)
class Answered:
    """What a query gave: nothing as long as a value is missing or wrong."""

    sparql: str = ""
    answer: Answer | None = None
    total: int = 0
    drawing: Drawing | None = None
    citation: Citation | None = None


def _answered(saved: SavedQuery, given: Given, part: Part, order: Order) -> Answered:
    """The answer with these values. Raises ParameterError."""
    graph = site().graph
    sparql = bound(saved, given)
    with timed("query"):
        result = graph.store.evaluate(sparql)
    shown, total = result, 0
    if saved.form == "SELECT":
        shown, total = part.of(order.of(result, graph.labels, language()))
    can_sort = bool(sortable(saved, language()))
    answer = answer_of(shown, total, part.offset, order if can_sort else None)
    return Answered(sparql, answer, total, draw(result, saved.chart), citation_of(saved, given))


def _kept(saved: SavedQuery) -> Iterator[tuple[str, str]]:
    """What the form hands on beside its own fields: a chosen language, date and order."""
    own = {parameter.name for parameter in saved.parameters if parameter.type != "language"}
    for name in (LANG, AS_OF, SORT):
        value = request.args.get(name, "").strip()
        if value and name not in own:
            yield name, value


def _parts(part: Part, total: int) -> Iterator[PartLink]:
    """Links to the other rows, if there are any."""
    if part.offset or total > (part.limit or total):
        for name, other in part.others(total):
            yield PartLink(text(f"web.part.{name}", language()), other.href, name)


def _nothing(saved: SavedQuery, given: Given) -> Nothing:
    """Why there are no rows, as a sentence, and the same question with one value less."""
    lang = language()
    reason = in_language(saved.empty or {}, lang)
    if reason:
        words = f"{reason.text[:1].upper()}{reason.text[1:].removesuffix('.')}."
        reason = Label(words, reason.language)
    tries = []
    for parameter in saved.parameters:
        value = given.get(parameter.name, "").strip() if parameter.name in request.args else ""
        if parameter.type == "language" or not value or value == parameter.default or parameter.required:
            continue
        others = {name: other for name, other in given.items() if name != parameter.name}
        key = "web.try_default" if parameter.default is not None else "web.try_without"
        default = parameter.default or ""
        if default:
            term = parameter.term(default, site().graph.prefixes)
            default = value_text(term, lang) or _name(term, lang)
        words = text(key, lang, label=parameter.label[lang], value=default)
        tries.append(Shown(words, href=address(saved, others)))
    return Nothing(reason, tries)


def _name(term: NamedNode | Literal, lang: str) -> str:
    return site().graph.label(term.value, lang) if isinstance(term, NamedNode) else term.value


def _downloads(saved: SavedQuery, given: Given) -> Iterator[Download]:
    lang = language()
    order = request.args.get(SORT, "").strip() if sortable(saved, lang) else ""
    for candidate in _for_readers_first(formats_of(saved)):
        more = {**({SORT: order} if order else {}), FORMAT: candidate.name}
        named = text(f"web.format.{candidate.name}", lang)
        href = address(saved, given, more)
        yield Download(named, href, candidate.media_type, candidate in FOR_PEOPLE)


def _for_readers_first(formats: Sequence[Format]) -> list[Format]:
    return sorted(formats, key=lambda candidate: candidate not in FOR_PEOPLE)


def _linked(saved: SavedQuery) -> Markup:
    """A description, its columns in words, and with links where it names other saved queries."""
    lang, graph = language(), site().graph
    return Markup("").join(
        Markup('<a href="{}">{}</a>').format(url_for("saved.query", name=words.query), words.text)
        if words.query
        else words.text
        for words in described(saved, graph.queries, graph.labels, lang)
    )
