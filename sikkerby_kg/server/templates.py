"""Where templates are, and what each can use: texts, the site's name, the menu, the switch of language."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode
from weakref import WeakKeyDictionary

from flask import Flask, g, request, url_for
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined

from sikkerby_kg.folders import own_folders
from sikkerby_kg.labels import Label
from sikkerby_kg.namespaces import ORG, SIK
from sikkerby_kg.server.as_of import control
from sikkerby_kg.server.files import script
from sikkerby_kg.server.language import PARAMETER, language
from sikkerby_kg.server.memory import Memory
from sikkerby_kg.server.security import is_safe_link
from sikkerby_kg.server.sentences import other_lang, sentence, term_markup, unbroken
from sikkerby_kg.server.shown import host
from sikkerby_kg.server.site import Site, in_language, site
from sikkerby_kg.server.statements import source_mark
from sikkerby_kg.texts import LANGUAGES, text

_MENUS: WeakKeyDictionary[Site, Memory[list["MenuItem"]]] = WeakKeyDictionary()
"""The menu, made once for each site, language and date."""

KINDS = {"plans": SIK.PolicyInstrument, "actors": ORG.Organization}
"""The lists that stand in the menu, where they hold anything."""

_CREATIVE_COMMONS = re.compile(r"https?://creativecommons\.org/(?:licenses|publicdomain)/([a-z-]+)/([0-9.]+)")


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A link in the menu."""

    text: str
    href: str

    @property
    def is_here(self) -> bool:
        """Whether it leads to the page that is being made."""
        return self.href.partition("?")[0] == request.script_root + request.path


@dataclass(frozen=True, slots=True)
class LanguageItem:
    """A language in the switch; ``href`` is this page in it."""

    code: str
    name: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Footer:
    """What stands below every page."""

    notes: Sequence[Label]
    href: str
    licence: str
    licence_name: str
    version: str


def register(app: Flask) -> None:
    """Load templates from the content's web/ folder, else the software's, and give them their globals."""
    folders = (app.extensions["sikkerby_kg"].graph.folders, own_folders())
    app.jinja_loader = ChoiceLoader([FileSystemLoader(folder.web / "templates") for folder in folders])
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters["capital"] = capital
    environment.globals.update(
        t=_text,
        other_lang=other_lang,
        script=script,
        sentence=sentence,
        source_mark=source_mark,
        term_markup=term_markup,
        unbroken=unbroken,
    )

    @app.context_processor
    def shared() -> dict[str, Any]:
        lang = language()
        return {
            "lang": lang,
            "chosen_lang": g.get("chosen_lang"),
            "site_name": site().name(lang),
            "menu": _MENUS.setdefault(site(), Memory()).get("menu", _menu),
            "languages": _languages(),
            "as_of": control(),
            "footer": _footer(),
        }


def capital(said: str) -> str:
    """A text as the beginning of a line: with a capital.

    >>> capital("økonomisk kriminalitet")
    'Økonomisk kriminalitet'
    """
    return said[:1].upper() + said[1:]


def menu_word(kind: str) -> str:
    """What the menu calls the list of a kind; empty if it is not there.

    Who has followed a word finds it again above the list.
    """
    return next((_text(f"web.{name}") for name, iri in KINDS.items() if iri == kind), "")


def _text(key: str, **values: object) -> str:
    return text(key, language(), **values)


def _menu() -> list[MenuItem]:
    kinds = [
        MenuItem(_text(f"web.{name}"), url_for("pages.kind", name=site().kind_name(kind)))
        for name, kind in KINDS.items()
        if site().kinds.count(kind)
    ]
    whole = (
        [MenuItem(_text("web.timeline"), url_for("overview.timeline_page"))] if site().moments.spans else []
    )
    if site().kinds.count(SIK.KnowledgeGap):
        whole.append(MenuItem(_text("web.gaps"), url_for("overview.gaps")))
    return [
        *kinds,
        *whole,
        MenuItem(_text("web.questions"), url_for("saved.queries")),
        MenuItem("SPARQL", url_for("endpoint.sparql")),
    ]


def _languages() -> list[LanguageItem]:
    """The switch: the same page, with the same values, in each language."""
    items = []
    for code in LANGUAGES:
        pairs = [(name, value) for name, value in request.args.items(multi=True) if name != PARAMETER]
        href = f"{request.script_root}{_quoted_path()}?{urlencode([*pairs, (PARAMETER, code)])}"
        items.append(LanguageItem(code, text(f"web.language.{code}", code), href, code == language()))
    return items


def _quoted_path() -> str:
    """The path of this request as an address holds it."""
    return quote(request.path, safe="/:@!$&'()*+,;=~")


def _footer() -> Footer:
    about = site().about
    if about is None:
        return Footer((), "", "", "", "")
    licence = about.license if about.license and is_safe_link(about.license) else ""
    note = in_language(about.notes, language())
    return Footer(
        notes=[note] if note else [],
        href=site().addresses.href(about.iri),
        licence=licence,
        licence_name=_licence_name(licence),
        version=about.version or "",
    )


def _licence_name(iri: str) -> str:
    """A licence by its short name, where its address is that of a Creative Commons licence."""
    match = _CREATIVE_COMMONS.match(iri)
    if match is None:
        return host(iri)
    return f"CC0 {match[2]}" if match[1] == "zero" else f"CC {match[1].upper()} {match[2]}"
