"""The pages that lead to everything else: home, the kinds of things, and the things of one kind."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for

from sikkerby_kg.labels import Label
from sikkerby_kg.namespaces import ORG, SIK
from sikkerby_kg.server.changes import Change, changes
from sikkerby_kg.server.kinds import group_of
from sikkerby_kg.server.language import language
from sikkerby_kg.server.listing import ListView, list_view
from sikkerby_kg.server.moments import standing
from sikkerby_kg.server.order import alphabetical
from sikkerby_kg.server.problem import ProblemError
from sikkerby_kg.server.saved import Entry, chosen_questions
from sikkerby_kg.server.sentences import explained
from sikkerby_kg.server.shown import Show, Shown
from sikkerby_kg.server.site import in_language, site
from sikkerby_kg.server.strategies import StrategyView, strategies
from sikkerby_kg.server.templates import menu_word
from sikkerby_kg.server.timeline import Timeline, timeline
from sikkerby_kg.texts import text

blueprint = Blueprint("pages", __name__)

COUNTED = {
    "plans": SIK.PolicyInstrument,
    "actors": ORG.Organization,
    "initiatives": SIK.Initiative,
    "proposals": SIK.Proposal,
    "gaps": SIK.KnowledgeGap,
}
"""The classes whose numbers stand at the top of the home page."""

_COUNT = """
SELECT (COUNT(DISTINCT ?thing) AS ?count) WHERE {{
  VALUES ?class {{ {classes} }}
  ?thing a ?class .
}}
"""
GROUPS = ("content", "source", "model")


@dataclass(frozen=True, slots=True)
class KindView:
    """A class, leading to its instances, and how many there are."""

    label: Shown
    count: int


@dataclass(frozen=True, slots=True)
class NumberView:
    """A number in words that leads to what was counted."""

    count: int
    text: str
    href: str
    explain: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """What the template of the home page gets."""

    description: Label | None
    strategies: Sequence[StrategyView]
    numbers: Sequence[NumberView]
    changes: Sequence[Change]
    timeline: Timeline
    questions: Sequence[Entry]
    question_count: int
    kinds: Sequence[KindView]


@dataclass(frozen=True, slots=True)
class GroupOfKinds:
    """Kinds that belong together."""

    name: str
    kinds: Sequence[KindView]


@dataclass(frozen=True, slots=True)
class KindsPage:
    """What the template of the list of kinds gets."""

    groups: Sequence[GroupOfKinds]


@dataclass(frozen=True, slots=True)
class KindPage:
    """What the template of one kind gets."""

    label: Label
    count: int
    trail: Sequence[Shown]
    list: ListView
    lead: Sequence[Label] = ()
    term: Shown | None = None


@blueprint.get("/")
def home() -> str:
    """The strategy at a glance, the questions, and what else there is."""
    show, about = Show(), site().about
    found = strategies(show)
    page = HomePage(
        description=in_language(about.description, language()) if about else None,
        strategies=found,
        numbers=list(_numbers()),
        changes=changes(found, show),
        timeline=timeline(show, plans_only=True),
        questions=chosen_questions(),
        question_count=len(site().graph.queries),
        kinds=_kinds("content", show),
    )
    return render_template("home.html", page=page)


def _numbers() -> Iterator[NumberView]:
    for name, kind in COUNTED.items():
        found, missing = standing(site().kinds.every(kind))
        if found:
            href = url_for("pages.kind", name=site().kind_name(kind))
            query = _COUNT.format(classes=" ".join(map(site().short, site().kinds.with_subclasses(kind))))
            explain = "" if missing else explained(query)
            yield NumberView(len(found), text(f"web.count.{name}", language()), href, explain)


@blueprint.get("/kind")
def kinds() -> str:
    """All kinds of things that there are."""
    show, lang = Show(), language()
    groups = [GroupOfKinds(text(f"web.group.{name}", lang), _kinds(name, show)) for name in GROUPS]
    return render_template("kinds.html", page=KindsPage([group for group in groups if group.kinds]))


def _kinds(group: str, show: Show) -> list[KindView]:
    """The classes of a group that have instances, by name."""
    found = [kind for kind in site().kinds.direct if group_of(kind) == group]
    show.prefetch(found)
    views = [KindView(show.kind(kind), _count(kind)) for kind in found]
    return sorted((v for v in views if v.count), key=lambda view: alphabetical(view.label.text))


def _count(kind: str) -> int:
    """How many things of a class there were at the date of the page."""
    found, missing = standing(site().kinds.every(kind))
    return len(found) if missing else site().kinds.count(kind)


@blueprint.get("/kind/<path:name>")
def kind(name: str) -> str:
    """The things of one kind, those of narrower kinds among them."""
    iri = site().kind_of_name(name)
    if iri is None:
        raise ProblemError(404, text("web.not_found", language(), path=request.path))
    show, lang = Show(), language()
    show.prefetch([iri])
    term = site().terms.get(iri)
    definition = in_language(term.definition, lang) if term else None
    said = menu_word(iri)
    label = Label(said, lang) if said else show.label(iri)
    page = KindPage(
        label=label,
        count=site().kinds.count(iri),
        trail=[
            Shown(text("web.home", lang), href=url_for("pages.home")),
            Shown(text("web.everything", lang), href=url_for("pages.kinds")),
            Shown(label.text, label.language),
        ],
        list=list_view(iri, show),
        lead=[definition] if definition else [],
        term=show.iri(iri, Label(site().graph.labels.short(iri))) if term else None,
    )
    return render_template("kind.html", page=page)
