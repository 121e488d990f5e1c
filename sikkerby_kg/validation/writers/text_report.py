"""A report for people, in the manner of a good compiler: the place, what is wrong, the line, what to do."""

from collections.abc import Iterator, Sequence

from sikkerby_kg.namespaces import local_name, shrink
from sikkerby_kg.tables import printable
from sikkerby_kg.texts import text
from sikkerby_kg.validation.baseline import Key
from sikkerby_kg.validation.report import Place, Severity, ValidationResult
from sikkerby_kg.validation.shapes_graph import text as plain
from sikkerby_kg.validation.writers.document import Document, Problem, rule_of
from sikkerby_kg.validation.writers.excerpt import Line, excerpt
from sikkerby_kg.validation.writers.limit import limited

_BOLD, _BLUE, _GOOD, _PLAIN = "1", "1;34", "1;32", "0"
_COLOURS = {Severity.VIOLATION: "1;31", Severity.WARNING: "1;33", Severity.INFO: "1;36"}
_LONGEST = 100


def as_text(document: Document) -> str:
    """The report: a block for each result, a line for each known hole, and the counts at the end.

    Beside what is worse, known holes are only counted, unless all is asked for or they count as failure.
    Of very many results of one shape only the first are told, and it says how many more there are.
    """
    told: set[str] = set()
    problems = [_problem(document, each) for each in document.problems]
    blocks: list[str] = []
    infos: list[str] = []
    holes = _holes_left_out(document)
    results, more = limited(each for each in document.told if not (holes and _is_info(each)))
    for result in results:
        block = "\n".join(_result(document, result, told))
        (infos if _is_info(result) else blocks).append(block)
    stale = [
        printable(_say(document, "stale", entry=_described(document, each.key), count=each.count))
        for each in document.stale
    ]
    rest = [
        printable(_say(document, "more", shape=shrink(rule, document.prefixes), count=count))
        for rule, count in more.items()
    ]
    blocks += ["\n".join(lines) for lines in (infos, rest, stale, problems) if lines]
    return "\n\n".join([*blocks, _summary(document)]) + "\n"


def _holes_left_out(document: Document) -> int:
    """How many known holes are only counted."""
    infos = sum(map(_is_info, document.told))
    is_asked = document.everything or document.threshold is Severity.INFO
    return 0 if is_asked or infos == len(document.told) else infos


def _problem(document: Document, problem: Problem) -> str:
    at = f"{_shown(document, problem.place)}: " if problem.place else ""
    told = printable(f"{at}{_say(document, 'severity.violation')}: {problem.message}")
    return "\n".join([told, *source_lines(document, problem)])


def _is_info(result: ValidationResult) -> bool:
    return result.severity is Severity.INFO


def _result(document: Document, result: ValidationResult, told: set[str]) -> Iterator[str]:
    rule = rule_of(result)
    severity = _say(document, f"severity.{result.severity.name.lower()}")
    at = _styled(document, _BOLD, f"{_place(document, result)}:")
    kind = _styled(document, _COLOURS[result.severity], f"{severity}:")
    headline = printable(document.headline(result, named=_is_info(result)))
    yield f"{at} {kind} {_styled(document, _BOLD, headline)} [{local_name(rule)}]"
    if _is_info(result):
        return
    lines = excerpt(result.places[0], document.files) if result.places else []
    width = max((len(line.number) for line in lines), default=1)
    yield from _marked(document, lines, _COLOURS[result.severity])
    for key, value in _facts(document, result):
        yield f"{' ' * width} = {_styled(document, _BOLD, _say(document, key) + ':')} {printable(value)}"
    if rule not in told and rule in document.shapes:
        told.add(rule)
        advice = _say(document, "explain", name=local_name(rule))
        yield f"{' ' * width} = {_styled(document, _BOLD, _say(document, 'help') + ':')} {advice}"


def _marked(document: Document, lines: Sequence[Line], colour: str) -> Iterator[str]:
    """Lines of a file with their numbers, and marks under what is meant."""
    width = max((len(line.number) for line in lines), default=1)
    bar = _styled(document, _BLUE, f"{' ' * width} |")
    if lines:
        yield bar
    for line in lines:
        yield f"{_styled(document, _BLUE, f'{line.number:>{width}} |')} {line.text}".rstrip()
        if line.marks:
            yield f"{bar} {_styled(document, colour, line.marks)}"


def source_lines(document: Document, problem: Problem) -> list[str]:
    """The line that cannot be read, with a mark under the place; nothing where no line is known."""
    lines = excerpt(problem.place, document.files) if problem.place else []
    return list(_marked(document, lines, _COLOURS[Severity.VIOLATION]))


def _facts(document: Document, result: ValidationResult) -> Iterator[tuple[str, str]]:
    """Key of the text and value of what is known of a result beside its message."""
    name, label = document.name(result.focus_term), document.label(result)
    has_iri = plain(result.focus_term) not in document.report.anchors
    yield "thing", f"{label} ({name})" if has_iri and label != name else label
    if result.path:
        words = result.name(document.lang)
        yield "path", result.path if words == result.path else f"{words} ({result.path})"
    if result.value_term is not None and result.value_term != result.focus_term:
        yield "value", _clipped(" ".join(document.name(result.value_term).split()))
    rule = rule_of(result)
    curie = shrink(rule, document.prefixes)
    yield "shape", rule if curie == rule else f"{curie} <{rule}>"
    if why := document.why(result):
        yield "why", " ".join(why.split())
    for each in result.places[1:]:
        yield "also", _shown(document, each)


def _place(document: Document, result: ValidationResult) -> str:
    if not result.places:
        return _say(document, "nowhere")
    place = result.places[0]
    return printable(_shown(document, place))


def _shown(document: Document, place: Place) -> str:
    parts = (document.files.shown(place.file), place.line, place.column)
    return ":".join(str(each) for each in parts if each is not None)


def _clipped(value: str) -> str:
    return value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"


def _described(document: Document, key: Key) -> str:
    """An entry of a baseline, for people: the shape, the thing, the path and the value."""
    shape, _, focus, path, value = map(document.bare, key)
    return " · ".join(part for part in (shape, focus, path, value) if part)


def _summary(document: Document) -> str:
    lines = [
        printable(_say(document, "by_pyshacl", shape=shrink(each.shape, document.prefixes), uses=each.reason))
        for each in document.report.fallbacks
    ]
    if document.accepted:
        lines.append(_say(document, "accepted", count=len(document.accepted)))
    if document.stale:
        lines.append(_say(document, "stale_count", count=sum(each.count for each in document.stale)))
    if holes := _holes_left_out(document):
        lines.append(_say(document, "holes", count=holes))
    colour = _GOOD if document.holds else _COLOURS[Severity.VIOLATION]
    lines += document.remarks()
    return "\n".join([*lines, _styled(document, colour, document.counted())])


def _say(document: Document, key: str, **values: object) -> str:
    return text(f"report.{key}", document.lang, **values)


def _styled(document: Document, style: str, words: str) -> str:
    """Words in a style of a terminal (ECMA-48 §8.3.117), where colours are wanted."""
    return f"\x1b[{style}m{words}\x1b[{_PLAIN}m" if document.colour and words else words
