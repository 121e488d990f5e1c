"""The graph describes itself: its prefixes and saved queries stand in it, for editors that ask for them."""

from collections.abc import Mapping

from pyoxigraph import NamedNode

from sikkerby_kg import terms
from sikkerby_kg.about import declared_prefixes, read_about
from sikkerby_kg.catalog import description_of, graph_name
from sikkerby_kg.errors import ContentError
from sikkerby_kg.local import LocalStore
from sikkerby_kg.namespaces import PREFIXES, SH
from sikkerby_kg.queries import SavedQuery

_DECLARED = f"SELECT DISTINCT ?prefix {{ ?any <{SH.declare}>/<{SH.prefix}> ?prefix }}"


def describe_itself(store: LocalStore, queries: Mapping[str, SavedQuery]) -> None:
    """Put the description of its content into a store in memory, in a graph of its own and in the union.

    A store on disk is left as it is, and so is content without a record of itself.
    Raises SavedQueryError if reading ``queries`` does.
    """
    if store.database:
        return
    try:
        about = read_about(store)
    except ContentError:
        return
    declared = {terms.to_python(prefix) for (prefix,) in store.evaluate(_DECLARED).solutions()}
    known = {**declared_prefixes(store), **PREFIXES}
    prefixes = {name: namespace for name, namespace in known.items() if name not in declared}
    store.add(description_of(about, prefixes, queries.values()), NamedNode(graph_name(about)))
