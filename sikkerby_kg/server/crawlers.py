"""What search engines are told: which addresses to leave alone, and which pages there are.

Robots Exclusion Protocol (RFC 9309); Sitemaps 0.9 with links between languages (xhtml:link).
"""

from collections.abc import Iterator
from html import escape
from urllib.parse import urlencode, urljoin

from flask import Blueprint, Response, request, url_for

from sikkerby_kg.server.catalog import places
from sikkerby_kg.server.downloads import SUFFIXES
from sikkerby_kg.server.kinds import group_of
from sikkerby_kg.server.language import PARAMETER as LANG, language
from sikkerby_kg.server.problem import ProblemError
from sikkerby_kg.server.site import site
from sikkerby_kg.server.urls import SPARQL
from sikkerby_kg.texts import LANGUAGES, text

blueprint = Blueprint("crawlers", __name__)

MOST = 10_000
"""Things in one part of a sitemap; the protocol allows 50,000 addresses."""

GROUPS = frozenset({"content", "model"})
"""The groups of kinds whose things are listed; the sentences of a source are found from what they say."""

PAGES = (
    *("pages.home", "pages.kinds", "saved.queries", "endpoint.sparql", "downloads.downloads", "openapi.api"),
    *("about.about", "about.accessibility", "validation.report", "validate.form"),
)

NAMESPACES = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Keep crawlers out of what has no end: searches, queries, facets, dates and formats."""
    root = request.script_root
    lines = [
        "User-agent: *",
        f"Allow: {root}/static/",
        *(f"Allow: {root}/*?{LANG}={code}$" for code in LANGUAGES),
        *(f"Allow: {root}/kind/*?page=*&{LANG}={code}$" for code in LANGUAGES),
        f"Allow: {root}/sitemap.xml",
        f"Disallow: {root}/*?",
        *(
            f"Disallow: {root}{path}"
            for path in (SPARQL + "?", "/search", "/resource", "/metrics", "/health")
        ),
        *(f"Disallow: {root}/dataset.{suffix}" for suffix in SUFFIXES.split(",")),
        *(f"Disallow: {root}/document/*.{suffix}$" for suffix in SUFFIXES.split(",")),
        "",
        f"Sitemap: {_absolute('crawlers.sitemap')}",
    ]
    return _answer("\n".join(lines) + "\n", "text/plain")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """Name the sitemaps, one for the pages and one for the things of each kind; or give one of them."""
    name, part = request.args.get("kind"), request.args.get("part", 1, type=int)
    if name is None:
        return _index()
    addresses = _pages() if not name else _things(name, part)
    return _answer(
        f"<urlset {NAMESPACES}>\n" + "".join(_entry(path) for path in addresses) + "</urlset>\n",
        "application/xml",
    )


def _index() -> Response:
    wanted: list[dict[str, object]] = [{"kind": ""}]
    for kind in sorted(site().kinds.direct):
        if group_of(kind) in GROUPS and site().kinds.instances(kind, 1):
            parts = range(1, -(-site().kinds.direct[kind] // MOST) + 1)
            wanted += [{"kind": site().kind_name(kind), "part": part} for part in parts]
    address = _absolute("crawlers.sitemap")
    named = (escape(f"{address}?{urlencode(pairs)}") for pairs in wanted)
    entries = "".join(f"<sitemap><loc>{found}</loc>{_modified()}</sitemap>\n" for found in named)
    return _answer(f"<sitemapindex {NAMESPACES}>\n{entries}</sitemapindex>\n", "application/xml")


def _pages() -> Iterator[str]:
    """The pages that are there whatever the content is about, the lists, and the saved questions."""
    yield from (_absolute(name) for name in PAGES)
    for kind in site().kinds.direct:
        if group_of(kind) in GROUPS:
            yield _absolute("pages.kind", name=site().kind_name(kind))
    for name in site().graph.queries:
        yield _absolute("saved.query", name=name)


def _things(name: str, part: int) -> Iterator[str]:
    """The pages about the things of a kind. Raises ProblemError (404) where there are none."""
    kind = site().kind_of_name(name)
    found = site().kinds.instances(kind, MOST, (part - 1) * MOST) if kind and 0 < part <= MOST else []
    if not found:
        raise ProblemError(404, text("web.not_found", language(), path=f"{request.path}?kind={name}"))
    for iri in found:
        if site().addresses.document_path(iri) is not None:
            yield urljoin(places().home, site().addresses.href(iri).partition("?")[0])


def _entry(address: str) -> str:
    """A page in each language, each with links to all of them."""
    spoken = [(code, escape(f"{address}?{LANG}={code}")) for code in LANGUAGES]
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{code}" href="{found}"/>'
        for code, found in (*spoken, ("x-default", escape(address)))
    )
    return "".join(f"<url><loc>{found}</loc>{_modified()}{links}</url>\n" for _, found in spoken)


def _modified() -> str:
    about = site().about
    return f"<lastmod>{escape(about.modified)}</lastmod>" if about and about.modified else ""


def _absolute(endpoint: str, name: str | None = None) -> str:
    """The address of a page without what a reader chose."""
    href = url_for(endpoint) if name is None else url_for(endpoint, name=name)
    return urljoin(places().home, href.partition("?")[0])


def _answer(body: str, kind: str) -> Response:
    head = '<?xml version="1.0" encoding="UTF-8"?>\n' if kind.endswith("xml") else ""
    return Response(head + body, content_type=f"{kind}; charset=utf-8")
