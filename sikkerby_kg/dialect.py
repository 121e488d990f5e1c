"""What the engine reads beyond SPARQL 1.1, for those who want to know before they ask."""

from dataclasses import dataclass

from sikkerby_kg.local import LocalStore
from sikkerby_kg.stores import Store

VERSION = "http://www.w3.org/ns/sparql#version-"
"""Versions of SPARQL as its Service Description 1.2 (§3.2.10, a draft) names them."""

GEOSPARQL = "http://www.opengis.net/def/function/geosparql/"
_FUNCTIONS = (
    "area asGeoJSON centroid convexHull coordinateDimension difference dimension distance ehContains "
    "ehCoveredBy ehCovers ehDisjoint ehEquals ehInside ehMeet ehOverlap envelope getSRID intersection "
    "isEmpty isSimple length perimeter rcc8dc rcc8ec rcc8eq rcc8ntpp rcc8ntppi rcc8po rcc8tpp rcc8tppi "
    "relate sfContains sfCrosses sfDisjoint sfEquals sfIntersects sfOverlaps sfTouches sfWithin "
    "spatialDimension symDifference union"
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """The IRIs of versions of the language, and of functions that the standard leaves to services (§17.6)."""

    versions: tuple[str, ...] = (VERSION + "1.1",)
    functions: tuple[str, ...] = ()
    federated: bool = False


def dialect_of(store: Store, *, federated: bool = False) -> Dialect:
    """What a store reads: of one behind an endpoint, only the standard is known.

    ``federated`` says that queries may call other services.
    """
    if not isinstance(store, LocalStore):
        return Dialect(federated=federated)
    functions = tuple(GEOSPARQL + name for name in _FUNCTIONS.split())
    return Dialect((VERSION + "1.1", VERSION + "1.2"), functions, federated)
