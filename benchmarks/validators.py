"""Runs one SHACL engine on some files, in an environment that holds it; a program of its own, not imported.

``python validators.py ENGINE DATA,DATA… SHAPES RESULTS`` writes one line for each result, so that engines can
be compared: focus node, path, value and component, separated by tabs.
"""

# ruff: noqa: PLC0415  (each engine is imported only where it is wanted)

import sys
from collections.abc import Callable, Iterable

_SH = "http://www.w3.org/ns/shacl#"
_NONE = "-"
Row = tuple[str, str, str, str]


def _pyshacl(data: list[str], shapes: str) -> Iterable[Row]:
    """PySHACL as it comes."""
    import pyshacl
    from rdflib import Graph

    graph = Graph()
    for each in data:
        graph.parse(each)
    report = pyshacl.validate(graph, shacl_graph=Graph().parse(shapes), inplace=True)[1]
    return _of_graph(report)


def _pyshifty(data: list[str], shapes: str) -> Iterable[Row]:
    """Pyshifty with a report that can be compared."""
    import shifty

    return _of_graph(shifty.validate(data, shapes, infer=False, graph_mode="data", on_unsupported="error")[1])


def _pyrudof(data: list[str], shapes: str) -> Iterable[Row]:
    """Pyrudof with its own engine."""
    import pyrudof

    rudof = pyrudof.Rudof(pyrudof.RudofConfig())
    for each in data:
        rudof.read_data(each, merge=True)
    rudof.read_shacl(shapes)
    for each in rudof.validate_shacl():
        yield (
            _plain(each.focus_node),
            _path(each.path),
            _NONE if each.value is None else _plain(each.value),
            str(each.constraint_component).removeprefix(_SH).strip("<>"),
        )


def _ours(data: list[str], shapes: str) -> Iterable[Row]:
    """Our results; for comparing only, as the command is what is timed."""
    from pathlib import Path

    from sikkerby_kg.dataset import parse_file
    from sikkerby_kg.validation import read_shapes, validate
    from sikkerby_kg.validation.scope import Source

    sources = [Source(each, tuple(parse_file(Path(each)))) for each in data]
    for each in validate(sources, read_shapes({shapes: Path(shapes)})).results:
        yield (
            str(each.focus),
            _path(each.path_iri if each.path_iri or not each.path else "compound"),
            _NONE if each.value is None else str(each.value),
            each.component.removeprefix(_SH),
        )


def _of_graph(report: object) -> Iterable[Row]:
    """The results of a report graph, without those inside others."""
    from rdflib import SH, BNode, Graph

    assert isinstance(report, Graph)  # noqa: S101
    inner = set(report.objects(None, SH.detail))
    for node in report.objects(None, SH.result):
        if node not in inner:
            path, value = report.value(node, SH.resultPath), report.value(node, SH.value)
            yield (
                str(report.value(node, SH.focusNode)),
                "compound" if isinstance(path, BNode) else _path(path),
                _NONE if value is None else str(value),
                str(report.value(node, SH.sourceConstraintComponent)).removeprefix(_SH),
            )


def _path(path: object) -> str:
    """A path that is one property, else ``compound``: engines write others in many ways."""
    shown = "" if path is None else str(path).strip("<>")
    if not shown:
        return _NONE
    return shown if shown.startswith("http") and not set(shown) & set(" |^()*") else "compound"


def _plain(term: object) -> str:
    """The IRI, or the text of a literal, as Turtle or N-Triples writes it."""
    shown = str(term)
    if shown.startswith('"'):
        return shown[1 : shown.rindex('"')]
    return shown.strip("<>")


ENGINES: dict[str, Callable[[list[str], str], Iterable[Row]]] = {
    "sikkerby-kg": _ours,
    "pyshacl": _pyshacl,
    "pyshifty": _pyshifty,
    "pyrudof": _pyrudof,
}


def _main(engine: str, data: str, shapes: str, results: str) -> None:
    rows = sorted({"\t".join(each).replace("\n", " ") for each in ENGINES[engine](data.split(","), shapes)})
    with open(results, "w", encoding="utf-8") as file:  # noqa: PTH123  (as plain as can be)
        file.write("".join(f"{each}\n" for each in rows))


if __name__ == "__main__":
    _main(*sys.argv[1:])
