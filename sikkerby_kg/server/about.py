"""What the service promises, on a page for people: the limits on their queries, and what happens at each."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template

from sikkerby_kg.server.catalog import LIMITS
from sikkerby_kg.server.language import language
from sikkerby_kg.server.site import site
from sikkerby_kg.settings import PREFIX
from sikkerby_kg.texts import text

blueprint = Blueprint("about", __name__)

HAPPENINGS = ("time", "memory", "cut", "refused", "capacity", "client")
"""What happens at a limit; each has its sentence."""


@dataclass(frozen=True, slots=True)
class LimitView:
    """One limit: its setting, its value and what it limits."""

    setting: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class AboutPage:
    """What the template gets."""

    limits: Sequence[LimitView]
    happenings: Sequence[str]


@blueprint.get("/about")
def about() -> str:
    """Show the limits with their values."""
    lang, values = language(), site().graph.settings.as_dict()
    page = AboutPage(
        limits=[
            LimitView(
                PREFIX + name.upper(), shown(float(values[name]), lang), text(f"cli.serve.{name}", lang)
            )
            for name in LIMITS
        ],
        happenings=[text(f"web.limit.{name}", lang) for name in HAPPENINGS],
    )
    return render_template("about.html", page=page)


def shown(value: float, lang: str) -> str:
    """A number as it is written in a language.

    >>> shown(100000, "da"), shown(0.2, "da"), shown(0.2, "en")
    ('100.000', '0,2', '0.2')
    """
    written = f"{value:,.10g}"
    return written.translate(str.maketrans(",.", ".,")) if lang == "da" else written
