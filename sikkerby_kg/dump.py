"""All statements in one format: the same statements give the same bytes."""

from collections.abc import Iterable, Mapping

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Quad

from sikkerby_kg.dataset import union
from sikkerby_kg.formats import rdf_format
from sikkerby_kg.writing import write_rdf


def dump(quads: Iterable[Quad], name: str, prefixes: Mapping[str, str]) -> bytes:
    """The statements in a format; one without graphs gets each statement once, from whatever graph.

    Blank nodes are labelled by RDF Dataset Canonicalization 1.0. Raises UnknownNameError for another
    format, UnwritableError for what the format cannot hold.
    """
    wanted = rdf_format(name)
    dataset = Dataset(quads if wanted.keeps_graphs else union(quads))
    if any(isinstance(term, BlankNode) for quad in dataset for term in (quad.subject, quad.object)):
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return write_rdf(dataset, wanted, prefixes)
