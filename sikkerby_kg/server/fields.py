"""The form of a saved query: one control for each parameter, by its type, keeping whatever was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sikkerby_kg.errors import ParameterError
from sikkerby_kg.labels import Label
from sikkerby_kg.namespaces import shrink
from sikkerby_kg.parameters import Parameter
from sikkerby_kg.server.language import PARAMETER as LANG, language
from sikkerby_kg.server.order import alphabetical
from sikkerby_kg.server.shown import Show
from sikkerby_kg.server.site import site
from sikkerby_kg.texts import text

CHOICES = 1000
"""More instances than this and the value is typed instead of chosen."""

_INPUTS = {"date": "date", "dateTime": "text", "integer": "number"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that can be chosen."""

    value: str
    label: Label


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter in the form. ``control`` is select, checkbox, or the type of an input."""

    name: str
    label: str
    control: str
    value: str
    hint: str
    error: str = ""
    choices: Sequence[Choice] = ()

    @property
    def id(self) -> str:
        """What its label and its hint refer to."""
        return f"p-{self.name}"

    @property
    def attributes(self) -> Markup:
        """What tells assistive technology of hint and error."""
        described = f"{self.id}-error {self.id}-hint" if self.error else f"{self.id}-hint"
        invalid = Markup(' aria-invalid="true"') if self.error else Markup()
        return Markup(' aria-describedby="{}"').format(described) + invalid


def fields_of(
    parameters: Sequence[Parameter], given: Mapping[str, str], error: ParameterError | None = None
) -> list[Field]:
    """The fields of a form, with what was given in them; the language of the page is chosen at its top."""
    return [
        _field(parameter, given, error)
        for parameter in parameters
        if not (parameter.type == "language" and parameter.name == LANG)
    ]


def _field(parameter: Parameter, given: Mapping[str, str], error: ParameterError | None) -> Field:
    lang = language()
    is_wrong = error is not None and error.values.get("name") == parameter.name
    example = text("web.example", lang, example=parameter.example)
    choices = list(_choices(parameter))
    value = given.get(parameter.name, parameter.default or "")
    control = "select" if choices else _INPUTS.get(parameter.type, "text")
    if parameter.type == "boolean" and not choices:
        control = "checkbox"
    if is_wrong and control in ("date", "number"):
        control = "text"  # a browser would empty a field whose value it cannot show
    if choices and value:
        value, choices = _chosen(parameter, value, choices)
    return Field(
        name=parameter.name,
        label=parameter.label[lang],
        control=control,
        value=value,
        hint=text("web.optional", lang, hint="" if choices else example).strip()
        if parameter.optional
        else example,
        error=error.text(lang) if error and is_wrong else "",
        choices=choices,
    )


def _choices(parameter: Parameter) -> list[Choice]:
    """The instances of the class to choose from; yes and no for a boolean that may be left out."""
    lang = language()
    first = Choice("", Label(text("web.any" if parameter.optional else "web.choose", lang)))
    if parameter.type == "boolean" and parameter.optional:
        return [first, *(Choice(value, Label(text(f"web.{value}", lang))) for value in ("true", "false"))]
    if not parameter.choices:
        return []
    iris = [iri for iri, _ in site().graph.choices(parameter, lang)]
    if not 0 < len(iris) <= CHOICES:
        return []
    show = Show()
    show.prefetch(iris)
    prefixes = {**site().graph.prefixes, **(parameter.prefixes or {})}
    choices = [Choice(shrink(iri, prefixes), show.label(iri)) for iri in iris]
    return [first, *sorted(choices, key=lambda choice: alphabetical(choice.label.text))]


def _chosen(parameter: Parameter, value: str, choices: list[Choice]) -> tuple[str, list[Choice]]:
    """The choice that a value means, however it is written; one that is none of them is added, not lost."""
    try:
        iri = str(getattr(parameter.term(value, site().graph.prefixes), "value", value))
    except ParameterError:
        iri = value
    short = shrink(iri, {**site().graph.prefixes, **(parameter.prefixes or {})})
    for choice in choices:
        if choice.value in (value, iri, short):
            return choice.value, choices
    return value, [*choices, Choice(value, Label(value))]
