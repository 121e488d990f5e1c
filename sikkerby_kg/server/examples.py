"""The saved queries as examples for the form of the endpoint: ``/sparql?example=plans-replaced``."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from sikkerby_kg.errors import ParameterError
from sikkerby_kg.headers import MARK
from sikkerby_kg.server.language import language
from sikkerby_kg.server.order import alphabetical
from sikkerby_kg.server.saved import tag_name
from sikkerby_kg.server.site import site


@dataclass(frozen=True, slots=True)
class Example:
    """A question that leads to the form with its query in it."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class ExampleTopic:
    """The examples under one tag."""

    name: str
    examples: Sequence[Example]


def example_topics() -> list[ExampleTopic]:
    """All saved queries by their first tag, in the reader's language."""
    lang = language()
    found = [
        ExampleTopic(
            tag_name(tag),
            [
                Example(saved.question[lang], url_for("endpoint.sparql", example=saved.name))
                for saved in queries
            ],
        )
        for tag, queries in site().graph.queries.by_tag().items()
    ]
    return sorted(found, key=lambda topic: alphabetical(topic.name))


def example(name: str) -> str:
    """The text of a saved query with its default values and without its header. Raises UnknownNameError."""
    saved = site().graph.queries[name]
    try:
        text = saved.bind({}, site().graph.prefixes, language())
    except ParameterError:  # one without a default: the text has an example in its place
        text = saved.text
    return "\n".join(line for line in text.split("\n") if not line.startswith(MARK)).strip() + "\n"
