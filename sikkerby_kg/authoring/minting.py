"""The IRI of a new thing: where things of its kind are named, and a slug from its name."""

import re
from collections import Counter
from collections.abc import Container, Iterable

from sikkerby_kg.authoring.content import Content
from sikkerby_kg.authoring.kinds import Kind, kebab
from sikkerby_kg.errors import EntryError
from sikkerby_kg.folding import fold
from sikkerby_kg.namespaces import namespace_of

_SLUG = re.compile(r"[a-z0-9]+(?:[-._][a-z0-9]+)*")
_IRI_TAIL = re.compile(r"[A-Za-z0-9]+(?:[-._/][A-Za-z0-9]+)*")
_LONGEST = 80


def slug_of(name: str) -> str:
    """A name in small ASCII letters, digits and hyphens.

    >>> slug_of("Børn og unge på Ærø – nu!")
    'boern-og-unge-paa-aeroe-nu'
    """
    slug = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")
    return slug if len(slug) <= _LONGEST else slug[: _LONGEST + 1].rpartition("-")[0] or slug[:_LONGEST]


def home_of(content: Content, kind: Kind) -> str:
    """Where things of a kind have their IRIs: where most of them do, else by the rule ``…/id/kind/``."""
    for things in (content.direct(kind.iri), content.instances(kind.iri)):
        found = _most_common(things, content.base)
        if found:
            return found
    return f"{content.base}id/{kind.name}/"


def _most_common(things: Iterable[str], base: str) -> str:
    spaces = Counter(namespace_of(iri) for iri in things if iri.startswith(base))
    return spaces.most_common(1)[0][0] if spaces else ""


def mint(
    content: Content, kind: Kind, *, name: str, wanted: str = "", within: str = "", taken: Container[str] = ()
) -> str:
    """A new IRI for a thing.

    ``wanted`` is a slug, a CURIE or an IRI under the base, if one was asked for; ``within`` another namespace
    than that of the kind; ``taken`` holds IRIs that were minted meanwhile.
    Raises EntryError for an IRI that exists or cannot be one, and if there is no name to make one from.
    """
    namespace = within or home_of(content, kind)
    if wanted:
        iri = _asked_for(content, namespace, wanted)
        if iri in content.mentioned or iri in taken:
            raise EntryError("entry.iri_taken", iri=content.short(iri))
        return iri
    slug = slug_of(name)
    if not slug:
        raise EntryError("entry.no_slug", kind_name=kind.name)
    iri, number = namespace + slug, 2
    while iri in content.mentioned or iri in taken:
        iri, number = f"{namespace}{slug}-{number}", number + 1
    return iri


def _asked_for(content: Content, namespace: str, wanted: str) -> str:
    if _SLUG.fullmatch(wanted):
        return namespace + wanted
    iri = content.expand(wanted) or ""
    tail = iri.removeprefix(content.base)
    if iri.startswith(content.base) and _IRI_TAIL.fullmatch(tail):
        return iri
    raise EntryError("entry.slug", value=wanted, base=content.base, example=kebab(wanted) or "navn")
