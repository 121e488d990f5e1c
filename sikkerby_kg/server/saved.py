"""Saved queries: their list, and for each the question, a form from its parameters, and the answer."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from weakref import WeakKeyDictionary

from flask import Blueprint, Response, make_response, render_template, request, url_for

from sikkerby_kg.citations import described
from sikkerby_kg.formats import Format
from sikkerby_kg.queries import SavedQuery
from sikkerby_kg.server.given import (
    FORMAT,
    MARKDOWN,
    WORKBOOK,
    Given,
    bound,
    citation_of,
    formats_of,
    given_to,
    is_wrong,
)
from sikkerby_kg.server.language import language
from sikkerby_kg.server.measuring import timed
from sikkerby_kg.server.memory import Memory
from sikkerby_kg.server.negotiation import HTML, choose, media_type, say_where
from sikkerby_kg.server.order import alphabetical
from sikkerby_kg.server.paging import TOTAL, Part, link_header, part_of
from sikkerby_kg.server.problem import ProblemError
from sikkerby_kg.server.question import answer_page
from sikkerby_kg.server.site import Site, site
from sikkerby_kg.server.sorting import Order, order_of
from sikkerby_kg.shown import as_markdown
from sikkerby_kg.texts import has_text, text
from sikkerby_kg.workbook import as_workbook

blueprint = Blueprint("saved", __name__)

TOPIC = "topic"
HOME_QUESTIONS = 12
"""Questions on the home page; a link leads to all."""

OF_A_TOPIC = 2
"""Questions of one topic among them."""

_SENTENCE = re.compile(r"(?<=[.?!]) (?=[A-ZÆØÅ»'])")


@dataclass(frozen=True, slots=True)
class Entry:
    """One query in the list: ``note`` is what a row of its answer is, ``choices`` name what can be chosen."""

    name: str
    question: str
    href: str
    note: str = ""
    choices: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """The queries under one tag; ``href`` is the list of all that have it."""

    name: str
    queries: Sequence[Entry]
    href: str = ""
    is_here: bool = False

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.queries)


@dataclass(frozen=True, slots=True)
class QueriesPage:
    """What the template of the list gets: the queries shown, and the topics to choose from.

    ``chosen`` is the topic whose queries are shown, ``all_href`` the list of all.
    """

    groups: Sequence[Topic]
    topics: Sequence[Topic]
    count: int
    all_href: str
    chosen: Topic | None = None


def topics() -> list[Topic]:
    """All saved queries by their first tag, in the reader's language."""
    groups = site().graph.queries.by_tag().items()
    found = [_topic(tag, [_entry(query) for query in queries]) for tag, queries in groups]
    return sorted(found, key=lambda topic: alphabetical(topic.name))


def _topic(tag: str, entries: Sequence[Entry]) -> Topic:
    is_here = request.endpoint == "saved.queries" and request.args.get(TOPIC) == tag
    return Topic(tag_name(tag), entries, url_for("saved.queries", topic=tag), is_here)


_ENTRIES: WeakKeyDictionary[Site, Memory[Entry]] = WeakKeyDictionary()


def _entry(query: SavedQuery) -> Entry:
    """A query with the first sentence of its description and the names of its parameters."""
    return _ENTRIES.setdefault(site(), Memory()).get(query.name, lambda: _made_entry(query))


def _made_entry(query: SavedQuery) -> Entry:
    lang = language()
    graph = site().graph
    words = "".join(words.text for words in described(query, graph.queries, graph.labels, lang))
    asked = [p.label[lang] for p in query.parameters if p.type != "language"]
    return Entry(
        query.name,
        query.question[lang],
        url_for("saved.query", name=query.name),
        note=_SENTENCE.split(words, maxsplit=1)[0],
        choices=", ".join(asked),
        number=query.number,
    )


def _by_any_tag() -> dict[str, list[SavedQuery]]:
    """Tag → all queries that have it, by their numbers."""
    found: dict[str, list[SavedQuery]] = {}
    for queries in site().graph.queries.by_tag().values():
        for query in queries:
            for tag in query.tags:
                found.setdefault(tag, []).append(query)
    return {tag: sorted(queries, key=lambda q: (q.number or 10**6, q.name)) for tag, queries in found.items()}


def chosen_questions() -> list[Entry]:
    """Questions for a first look: those with the lowest numbers, at most two of a topic."""
    chosen: list[SavedQuery] = []
    seen: Counter[str] = Counter()
    for saved in sorted(site().graph.queries.values(), key=lambda q: (q.number or math.inf, q.name)):
        topic = saved.tags[0]
        if seen[topic] < OF_A_TOPIC and len(chosen) < HOME_QUESTIONS:
            chosen.append(saved)
            seen[topic] += 1
    return [_entry(query) for query in chosen]


def tag_name(tag: str) -> str:
    """A tag in the reader's language, if the software knows it; else as it is."""
    key = f"web.tag.{tag}"
    shown = text(key, language()) if has_text(key) else tag.replace("-", " ")
    return shown[:1].upper() + shown[1:]


@blueprint.get("/query")
def queries() -> str:
    """The list of saved queries, or of those about a topic. Raises ProblemError (404) for an unknown one."""
    by_tag = _by_any_tag()
    chosen = request.args.get(TOPIC, "").strip()
    if chosen and chosen not in by_tag:
        known = ", ".join(sorted(by_tag))
        raise ProblemError(404, text("web.topic_unknown", language(), name=chosen, known=known))
    every = [_topic(tag, [_entry(query) for query in queries]) for tag, queries in by_tag.items()]
    here = next((topic for topic in every if topic.is_here), None)
    page = QueriesPage(
        groups=[here] if here else topics(),
        topics=sorted(every, key=lambda topic: alphabetical(topic.name)),
        count=len(site().graph.queries),
        all_href=url_for("saved.queries"),
        chosen=here,
    )
    return render_template("queries.html", page=page)


@blueprint.get("/query/<name>")
def query(name: str) -> Response:
    """One saved query: a page with form and answer, or the answer as data."""
    saved = site().graph.queries[name]
    offered = (HTML, *formats_of(saved))
    chosen = choose(offered, request.args.get(FORMAT, ""))
    given = given_to(saved)
    part = part_of(saved, request.args)
    order = order_of(saved, request.args, language())
    if chosen is not HTML and not (request.args.get(FORMAT) and is_wrong(saved, given) and _for_people()):
        response = _data(saved, given, chosen, part, order)
    else:
        chosen, response = HTML, answer_page(saved, given, part, order)
    if response.status_code == HTTPStatus.OK:
        say_where(response, chosen, offered, language())
    return response


def _for_people() -> bool:
    return "text/html" in request.headers.get("Accept", "")


def _data(saved: SavedQuery, given: Given, chosen: Format, part: Part, order: Order) -> Response:
    graph, lang = site().graph, language()
    with timed("query"):
        result, total = graph.store.evaluate(bound(saved, given)), None
    with timed("write"):
        if order.name:
            result = order.of(result, graph.labels, lang)
        if not part.is_whole:
            result, total = part.of(result)
        if chosen is MARKDOWN:
            response = make_response(as_markdown(result, graph.labels, lang))
        elif chosen is WORKBOOK:
            response = make_response(as_workbook(result, graph.labels, lang, citation_of(saved, given)))
        else:
            response = make_response(result.serialize(chosen.name, graph.prefixes))
    response.content_type = media_type(chosen)
    shown = "attachment" if chosen is WORKBOOK else "inline"
    response.headers["Content-Disposition"] = f'{shown}; filename="{saved.name}.{chosen.name}"'
    if total is not None:
        response.headers[TOTAL] = str(total)
        if part.limit:
            response.headers["Link"] = link_header(part, total)
    response.vary.add("Accept")
    return response
