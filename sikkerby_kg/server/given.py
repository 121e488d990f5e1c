"""What a request gives to a saved query: values for its parameters, and the format of the answer."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import request, url_for

from sikkerby_kg.citations import Citation
from sikkerby_kg.errors import ParameterError
from sikkerby_kg.formats import RDF_FORMATS, RESULT_FORMATS, Format
from sikkerby_kg.parameters import Parameter
from sikkerby_kg.queries import SavedQuery
from sikkerby_kg.server.as_of import PARAMETER as AS_OF, QUERY_PARAMETER as DATE, as_of
from sikkerby_kg.server.language import PARAMETER as LANG, language
from sikkerby_kg.server.paging import names_of
from sikkerby_kg.server.problem import ProblemError
from sikkerby_kg.server.site import site
from sikkerby_kg.server.sorting import SORT, sortable
from sikkerby_kg.texts import text

FORMAT = "format"
MARKDOWN = Format("md", "text/markdown")
WORKBOOK = Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
FOR_PEOPLE = (WORKBOOK, MARKDOWN)
"""Formats with headings and names in words; the others are as the standards say."""


Given = Mapping[str, str]


def formats_of(saved: SavedQuery) -> tuple[Format, ...]:
    """The data formats of a query's answer."""
    if saved.form in ("CONSTRUCT", "DESCRIBE"):
        return RDF_FORMATS
    return (*RESULT_FORMATS, *FOR_PEOPLE) if saved.form == "SELECT" else RESULT_FORMATS


def given_to(saved: SavedQuery) -> dict[str, str]:
    """The parameters as they came. Raises ProblemError for one that is given several times.

    The date of the pages stands in for one that is not given, in a query that is about a date.
    A form sends an empty field for a value that is not given, and two values for a box that is ticked.
    """
    own = {parameter.name: parameter for parameter in saved.parameters}
    ours = {AS_OF, *names_of(saved), *([SORT] if sortable(saved, language()) else [])}
    given = {}
    for name, values in request.args.lists():
        parameter = own.get(name)
        if parameter is None and name in (LANG, FORMAT):
            continue
        if len(values) > 1 and (parameter is None or parameter.type != "boolean"):
            raise _repeated(name, parameter, len(values))
        if parameter is not None or name not in ours:
            given[name] = values[0]
    if DATE in own and own[DATE].type == "date" and not given.get(DATE, "").strip():
        day = as_of()
        if day:
            given[DATE] = day.isoformat()
    return given


def _repeated(name: str, parameter: Parameter | None, count: int) -> ProblemError:
    members = {"parameter": name}
    if parameter is not None:
        members |= {"type_expected": parameter.type, "example": parameter.example}
    detail = text("web.parameter_repeated", language(), name=name, count=count)
    return ProblemError(400, detail, members=members)


def filled(saved: SavedQuery, given: Given) -> dict[str, str]:
    """The values that are really given, with the IRIs of things that are given by name."""
    return site().graph.meant(saved, {name: value for name, value in given.items() if value.strip() != ""})


def bound(saved: SavedQuery, given: Given) -> str:
    """The query with the values in the place of its parameters. Raises ParameterError."""
    return saved.bind(filled(saved, given), site().graph.prefixes, language())


def is_wrong(saved: SavedQuery, given: Given) -> bool:
    """Whether a value is missing or wrong."""
    try:
        bound(saved, given)
    except ParameterError:
        return True
    return False


def address(
    saved: SavedQuery, given: Given, more: Mapping[str, str] | None = None, *, external: bool = False
) -> str:
    """The address of a query with values, in the language of the page and as of its date."""
    day = request.args.get(AS_OF, "").strip()  # read as a date before any page is made
    pairs = {**given, LANG: language(), **({AS_OF: day} if day else {}), **(more or {})}
    path = url_for("saved.query", name=saved.name, _external=external).partition("?")[0]
    return f"{path}?{urlencode(pairs)}"


def citation_of(saved: SavedQuery, given: Given) -> Citation:
    """How to cite the answer with these values. Raises ParameterError for a wrong or missing one."""
    exact = {p.name: p.default for p in saved.parameters if p.default is not None and p.type != "language"}
    kept = {name: value for name, value in given.items() if value.strip()}
    url = address(saved, exact | kept, external=True)
    return site().graph.cite(saved, filled(saved, given), language(), url)
