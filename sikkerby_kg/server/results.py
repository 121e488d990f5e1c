"""Results of a validation as people read them: by severity, then by what they are about."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from sikkerby_kg.judging import Finding, Judgement, Spot
from sikkerby_kg.judging.judgement import SEVERITIES
from sikkerby_kg.labels import Label
from sikkerby_kg.namespaces import shrink
from sikkerby_kg.server.language import language
from sikkerby_kg.server.shown import Show, Shown
from sikkerby_kg.server.site import in_language, site
from sikkerby_kg.server.source_lines import Block
from sikkerby_kg.texts import text
from sikkerby_kg.written import number_text

Lines = Callable[[Sequence[Spot]], Sequence[Block]]
"""Gives the lines around places in a file that is not one of the content."""


@dataclass(frozen=True, slots=True)
class SpotView:
    """A place, leading to the file where the operator says where that is."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class ResultView:
    """One result: what is wrong, where, and what to do about it; with the lines there if they are here."""

    path: Label
    value: str
    message: Label
    shape: Shown | None
    spots: Sequence[SpotView]
    blocks: Sequence[Block] = ()


@dataclass(frozen=True, slots=True)
class ThingView:
    """What results are about, and these."""

    thing: Shown
    iri: str
    results: Sequence[ResultView]


@dataclass(frozen=True, slots=True)
class SeverityView:
    """All results of a severity; ``count`` counts those that are not shown, too."""

    id: str
    title: str
    meaning: str
    count: str
    things: Sequence[ThingView]


def severities(
    judgement: Judgement,
    findings: Sequence[Finding],
    lines: Lines | None = None,
) -> list[SeverityView]:
    """Findings of a judgement by severity and thing; ``lines`` are those of a file that a reader sent."""
    lang, show = language(), Show()
    show.prefetch(name for each in findings for name in (each.focus, each.shape, each.owner) if name)
    views = []
    for severity in SEVERITIES:
        found = [each for each in findings if each.severity == severity]
        if found:
            count = judgement.counts[severity] if len(findings) == len(judgement.findings) else len(found)
            views.append(
                SeverityView(
                    severity.lower(),
                    text(f"web.results.{severity.lower()}", lang),
                    text(f"web.results_means.{severity.lower()}", lang),
                    number_text(count, lang),
                    list(_things(found, show, lines)),
                )
            )
    return views


def _things(findings: Iterable[Finding], show: Show, lines: Lines | None) -> Iterable[ThingView]:
    by_thing: dict[tuple[str, tuple[tuple[str, str], ...]], list[Finding]] = {}
    for each in findings:
        by_thing.setdefault((each.focus, tuple(each.label.items())), []).append(each)
    for (iri, label), found in by_thing.items():
        yield ThingView(
            _thing(iri, in_language(dict(label), language()), show),
            shrink(iri, site().graph.prefixes),
            [_view(each, show, lines) for each in found],
        )


def _thing(iri: str, label: Label | None, show: Show) -> Shown:
    """What a result is about: with a link where it has a page here, else as text, whoever named it."""
    label = label or Label(
        shrink(iri, site().graph.prefixes) if iri else text("web.results.nameless", language())
    )
    is_ours = bool(iri) and site().addresses.document_path(iri) is not None and site().is_described(iri)
    return show.iri(iri, label) if is_ours else Shown(label.text, label.language)


def _view(finding: Finding, show: Show, lines: Lines | None) -> ResultView:
    lang = language()
    return ResultView(
        path=in_language(finding.names, lang) or Label(finding.path),
        value=_value(finding.value),
        message=in_language(finding.messages, lang) or Label(""),
        shape=shape_link(finding.shape or finding.owner, show),
        spots=[
            SpotView(_placed(each), "" if lines else href_of(each))
            for each in sorted(finding.spots, key=lambda each: (each.file, each.line, each.column))
            if each.line or not lines
        ],
        blocks=lines(finding.spots) if lines else (),
    )


def shape_link(iri: str, show: Show) -> Shown | None:
    """A shape, leading to its page if the content holds it."""
    if not iri:
        return None
    if iri in site().shapes.shapes:
        return show.local(iri)
    return Shown(shrink(iri, site().graph.prefixes))


_LONGEST = 120


def _value(value: str) -> str:
    """A value on one line, shortened where it is too long for that."""
    short = " ".join(shrink(value, site().graph.prefixes).split())
    return short if len(short) <= _LONGEST else short[: _LONGEST - 1] + "…"


def _placed(spot: Spot) -> str:
    file = spot.file.rpartition("/")[2] if spot.file.startswith("/") else spot.file
    return ":".join([file, *(str(number) for number in (spot.line, spot.column) if number)])


def href_of(spot: Spot) -> str:
    """The address of a place, if the operator says where the files are; without a line, of its file."""
    pattern = site().graph.settings.source_url
    if not pattern or spot.file.startswith("/"):
        return ""
    if not spot.line:
        pattern = pattern.partition("#")[0]
    return pattern.replace("{file}", quote(spot.file)).replace("{line}", str(spot.line or 1))
