"""The form of a saved query: one control for each parameter, by its type, keeping whatever was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sikkerby_kg.errors import ParameterError, UnknownNameError
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

LONGEST = 80
"""Characters of a wrong value that are repeated in a sentence about it."""

_INPUTS = {"date": "date", "integer": "number"}
_KEYBOARDS = {"decimal": "decimal", "year": "numeric"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that can be chosen."""

    value: str
    label: Label


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter in the form. ``control`` is select, checkbox, or the type of an input.

    ``keyboard`` is the one that a screen should offer for it; ``required`` says that it must be filled in.
    """

    name: str
    label: str
    control: str
    value: str
    hint: str
    error: str = ""
    choices: Sequence[Choice] = ()
    keyboard: str = ""
    required: bool = False

    @property
    def id(self) -> str:
        """What its label and its hint refer to."""
        return f"p-{self.name}"

    @property
    def attributes(self) -> Markup:
        """What tells browsers and assistive technology of hint, error, keyboard, and that it is needed."""
        ids = [f"{self.id}-error"] * bool(self.error) + [f"{self.id}-hint"] * bool(self.hint)
        described = Markup(' aria-describedby="{}"').format(" ".join(ids)) if ids else Markup()
        invalid = Markup(' aria-invalid="true"') if self.error else Markup()
        keyboard = Markup(' inputmode="{}"').format(self.keyboard) if self.keyboard else Markup()
        step = Markup(' step="1"') if self.control == "number" else Markup()
        return described + invalid + keyboard + step + (Markup(" required") if self.required else Markup())


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
    choices = list(_choices(parameter))
    hint = "" if choices else text("web.example", lang, example=example_of(parameter))
    value = given.get(parameter.name, parameter.default or "")
    control = "select" if choices else _INPUTS.get(parameter.type, "text")
    if parameter.type == "boolean" and not choices:
        control = "checkbox"
    if is_wrong and control in ("date", "number"):
        control = "text"  # a browser would empty a field whose value it cannot show
    if choices and value:
        value, choices = _chosen(parameter, value, choices)
    elif parameter.type == "iri" and value:
        value = _named(parameter, value)
    return Field(
        name=parameter.name,
        label=parameter.label[lang],
        control=control,
        value=value,
        hint=text("web.optional", lang, hint=hint).strip() if parameter.optional else hint,
        error=_said(parameter, error, has_choices=bool(choices)) if error and is_wrong else "",
        choices=choices,
        keyboard=_KEYBOARDS.get(parameter.type, ""),
        required=parameter.required and control != "checkbox",
    )


def example_of(parameter: Parameter) -> str:
    """An example of a value as one would type it: the name of a thing, where it has one of its own."""
    if parameter.type != "iri":
        return parameter.example
    return _named(parameter, parameter.example)


def _named(parameter: Parameter, value: str) -> str:
    """An IRI by the name of what it means, where no other thing has that name; else the value as it is."""
    graph = site().graph
    try:
        iri = str(getattr(parameter.term(value, graph.prefixes), "value", ""))
        name = graph.labels.of(iri, language()).text
        return name if graph.resolve(name) == iri else value
    except (ParameterError, UnknownNameError):
        return value


def _said(parameter: Parameter, error: ParameterError, *, has_choices: bool) -> str:
    """What is wrong with a value, and what would be right, in the words of the form."""
    lang = language()
    if error.key == "parameter.missing":
        return text("web.field_missing", lang, label=parameter.label[lang], example=example_of(parameter))
    value = str(error.values.get("value", ""))[:LONGEST]
    if has_choices:
        return text("web.field_choose", lang, value=value)
    return text("web.field_wrong", lang, value=value, kind=text(f"web.type.{parameter.type}", lang))


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
