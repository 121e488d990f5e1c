"""What a page says about itself to machines: description, canonical address, languages, structured data.

Whatever a template gets as ``page`` is looked at for what most pages have: ``description``, ``lead``,
``trail``, ``iri``, ``status``. So a new kind of page has its meta data without saying anything.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from flask import Flask, request, url_for
from markupsafe import Markup, escape

from sikkerby_kg.labels import Label
from sikkerby_kg.server.catalog import places
from sikkerby_kg.server.language import PARAMETER as LANG, language
from sikkerby_kg.server.shown import Shown
from sikkerby_kg.server.site import in_language, site
from sikkerby_kg.server.structured import Node, dataset_node, thing_node, trail_node, website_node
from sikkerby_kg.texts import LANGUAGES, text
from sikkerby_kg.written import locale_of

IDENTITY = ("iri", "page")
"""What in an address says which page it is; everything else is another view of the same."""

LONGEST = 300
"""Characters of a description; search engines show fewer."""

IMAGE = "preview.png"
IMAGE_SIZE = (1200, 630)


@dataclass(frozen=True, slots=True)
class Meta:
    """What stands in the head of a page. ``alternates`` are pairs of language and address.

    ``is_own`` says whether the description is the page's own, and not made for want of one.
    """

    description: Label
    is_own: bool
    canonical: str
    alternates: Sequence[tuple[str, str]]
    is_indexed: bool
    is_error: bool
    locale: str
    other_locales: Sequence[str]
    image: str
    image_size: tuple[int, int]
    trail: Sequence[Shown]
    has_trail: bool


def register(app: Flask) -> None:
    """Give templates what the head of every page is made from."""
    app.jinja_env.globals.update(meta_of=meta_of, structured=structured, without_site=without_site, way=way)
    app.jinja_env.filters["shortened"] = lambda said: escape(shortened(said))


def meta_of(page: object) -> Meta:
    """The meta data of the page that is being made."""
    lang, (path, pairs) = language(), _here(page)
    is_error, own = hasattr(page, "status"), _own_description(page, lang)
    trail = [link for link in getattr(page, "trail", ()) if isinstance(link, Shown)]
    return Meta(
        description=own or _made_description(page, lang),
        is_own=own is not None,
        canonical=_address(path, [*pairs, (LANG, lang)]),
        alternates=[
            *((code, _address(path, [*pairs, (LANG, code)])) for code in LANGUAGES),
            ("x-default", _address(path, pairs)),
        ],
        is_indexed=not is_error and set(request.args) <= {LANG, "page"},
        is_error=is_error,
        locale=locale_of(lang),
        other_locales=[locale_of(code) for code in LANGUAGES if code != lang],
        image=urljoin(places().home, url_for("static", filename=IMAGE)),
        image_size=IMAGE_SIZE,
        trail=trail,
        has_trail=bool(trail) or request.endpoint == "pages.home",
    )


def structured(meta: Meta, page: object, title: str) -> Node:
    """The structured data of a page, by schema.org: the way to it, and what it is about (JSON-LD 1.1)."""
    name = without_site(title)
    nodes = list(_about(page, meta, name))
    if request.endpoint != "pages.home":
        above = [link for link in meta.trail or way(title) if link.href]
        named = [(link.text, _remembered(link.href)) for link in above]
        nodes.append(trail_node([*named, (name, meta.canonical)]))
    return {"@context": "https://schema.org", "@graph": nodes}


def way(title: str) -> Sequence[Shown]:
    """The way to a page that has none of its own: home, and itself."""
    home = Shown(text("web.home", language()), href=url_for("pages.home"))
    return (home, Shown(without_site(title)))


def without_site(title: str) -> str:
    """A title without the name of the site at its end."""
    name = site().name(language()).text
    return Markup(title).unescape().removesuffix(name).rstrip(" –") or name  # noqa: S704  (it is not put out)


def shortened(description: str) -> str:
    """A description of at most ``LONGEST`` characters, cut between words."""
    plain = " ".join(Markup(description).unescape().split())  # noqa: S704  (as above)
    if len(plain) <= LONGEST:
        return plain
    return plain[:LONGEST].rpartition(" ")[0].rstrip(",;:–-") + " …"


def _about(page: object, meta: Meta, name: str) -> Iterator[Node]:
    lang, about = language(), site().about
    described = shortened(meta.description.text) if meta.is_own else ""
    if request.endpoint == "pages.home":
        yield website_node(name, meta.canonical, urljoin(places().home, url_for("search.search")), lang)
    if request.endpoint in ("pages.home", "about.about") and about:
        yield dataset_node(about, places().home, lang)
    iri = getattr(page, "iri", "")
    if isinstance(iri, str) and iri and (not about or iri != about.iri):
        yield thing_node(iri, name, described, meta.canonical)
    elif iri and about:
        yield dataset_node(about, places().home, lang)


def _here(page: object) -> tuple[str, list[tuple[str, str]]]:
    """The path of the page and what else names it; a thing has one address, however it was asked for."""
    iri = getattr(page, "iri", "")
    if iri and isinstance(iri, str):
        parts = urlsplit(site().addresses.href(iri))
        return parts.path, [("iri", iri)] if site().addresses.document_path(iri) is None else []
    pairs = [(name, value) for name, value in request.args.items(multi=True) if name in IDENTITY]
    return request.script_root + quote(request.path, safe="/:@!$&'()*+,;=~"), pairs


def _remembered(href: str) -> str:
    """The address of another page as its own head names it."""
    parts = urlsplit(href)
    pairs = [(name, value) for name, value in parse_qsl(parts.query) if name in IDENTITY]
    return _address(parts.path, [*pairs, (LANG, language())])


def _address(path: str, pairs: Sequence[tuple[str, str]]) -> str:
    return urljoin(places().home, path) + (f"?{urlencode(pairs)}" if pairs else "")


def _own_description(page: object, lang: str) -> Label | None:
    """What a page says that it is about."""
    for name in ("description", "lead"):
        found: Any = getattr(page, name, None)
        for one in found if isinstance(found, list | tuple) else [found]:
            if isinstance(one, Label):
                return one
            if isinstance(one, Shown):
                return Label(one.text, one.lang)
            if isinstance(one, str) and one:
                return Label(one, lang)
    return None


def _made_description(page: object, lang: str) -> Label:
    """What can be said of a page without words of its own: what kind of thing it is about, else the site."""
    label, kinds = getattr(page, "label", None), getattr(page, "kinds", ())
    name = site().name(lang)
    if isinstance(label, Label) and kinds:
        kind = kinds[0].text
        said = text(
            "web.description", lang, kind=kind[:1].upper() + kind[1:], name=label.text, site=name.text
        )
        return Label(said, lang)
    about = site().about
    return in_language(about.description if about else {}, lang) or name
