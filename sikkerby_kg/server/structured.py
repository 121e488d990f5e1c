"""Structured data for search engines: what a page is about, in the terms of schema.org, as JSON-LD 1.1."""

from collections.abc import Sequence
from urllib.parse import urljoin

from flask import url_for
from pyoxigraph import NamedNode

from sikkerby_kg.about import About
from sikkerby_kg.formats import RDF_FORMATS
from sikkerby_kg.namespaces import RDF
from sikkerby_kg.server.alignments import ANY
from sikkerby_kg.server.language import language
from sikkerby_kg.server.site import in_language, site

Node = dict[str, object]

_CLASSES = f"SELECT DISTINCT ?class {{{{ {{iri}} <{RDF.type}> ?class }}}} ORDER BY ?class"


def website_node(name: str, address: str, search: str, lang: str) -> Node:
    """The site, and how to search it."""
    return {
        "@type": "WebSite",
        "@id": address,
        "url": address,
        "name": name,
        "inLanguage": lang,
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": _plain(search) + "?q={search_term_string}"},
            "query-input": "required name=search_term_string",
        },
    }


def dataset_node(about: About, home: str, lang: str) -> Node:
    """The dataset with its terms and its downloads."""
    title, described = in_language(about.title, lang), in_language(about.description, lang)
    node: Node = {
        "@type": "Dataset",
        "@id": about.iri,
        "identifier": about.iri,
        "name": title.text if title else site().name(lang).text,
        "url": urljoin(home, url_for("about.about")),
        "isAccessibleForFree": True,
        "inLanguage": sorted(set(about.title)),
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": found.media_type,
                "contentUrl": _plain(urljoin(home, url_for("downloads.dataset", suffix=found.name))),
            }
            for found in RDF_FORMATS
        ],
    }
    if described:
        node["description"] = described.text
    for name, value in (
        ("license", about.license),
        ("version", about.version),
        ("dateModified", about.modified),
    ):
        if value:
            node[name] = value
    return node


def thing_node(iri: str, name: str, described: str, address: str) -> Node:
    """What the graph describes: its type by the ontology's alignments, its classes, its name and its page."""
    classes = _classes(iri)
    named = (site().schema_types.get(kind, ANY) for kind in classes)
    node: Node = {
        "@type": next((name for name in named if name != ANY), ANY),
        "@id": iri,
        "name": name,
        "mainEntityOfPage": {"@type": "WebPage", "@id": address, "inLanguage": language()},
    }
    if described:
        node["description"] = described
    if classes:
        node["additionalType"] = classes
    return node


def trail_node(links: Sequence[tuple[str, str]]) -> Node:
    """The way to a page: pairs of name and address, the page itself last."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": name, "item": address}
            for number, (name, address) in enumerate(links, 1)
        ],
    }


def _classes(iri: str) -> list[str]:
    """The classes of a thing; none for what is no IRI."""
    try:
        asked = _CLASSES.format(iri=NamedNode(iri))
    except ValueError:
        return []
    found = site().graph.store.evaluate(asked).solutions()
    return [kind.value for (kind,) in found if isinstance(kind, NamedNode)]


def _plain(address: str) -> str:
    """An address without what links keep of a reader's choices."""
    return address.partition("?")[0]
