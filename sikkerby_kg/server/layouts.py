"""What a page tells of a kind of thing, in which order: for each class of the model its sections.

A section gathers statements about the thing, in either direction, and statements about what lies one step
away. What no section takes stands where the shapes put it; so a class that is not here has a page, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sikkerby_kg.namespaces import CV, DCT, ELI, ORG, PROV, SIK, SKOS
from sikkerby_kg.server.kinds import SUBCLASSES
from sikkerby_kg.server.site import site
from sikkerby_kg.shape_rules import Key


@dataclass(frozen=True, slots=True)
class Pick:
    """The statements about the thing with one of some properties.

    ``backwards``: the thing is their value. ``kinds``: only those whose other end is of one of these classes.
    """

    properties: tuple[str, ...]
    backwards: bool = False
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Through:
    """Statements about what a path leads to from the thing: those that it makes, and those made about it.

    ``path`` is a SPARQL property path, ``outgoing`` and ``incoming`` are properties.
    """

    path: str
    outgoing: tuple[str, ...] = ()
    incoming: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[Key, ...]:
        """The properties and their directions."""
        return (*((iri, False) for iri in self.outgoing), *((iri, True) for iri in self.incoming))


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a page. ``name`` is the key of its heading; ``by_time`` orders it by when things happened.

    ``special`` names what the section shows besides: ``counted`` focus areas or the ``chain`` of successors.
    """

    name: str
    picks: tuple[Pick, ...] = ()
    through: tuple[Through, ...] = ()
    by_time: bool = False
    special: str = ""


def _out(*properties: str, kinds: tuple[str, ...] = ()) -> Pick:
    return Pick(properties, kinds=kinds)


def _into(*properties: str, kinds: tuple[str, ...] = ()) -> Pick:
    return Pick(properties, backwards=True, kinds=kinds)


_AREAS = f"<{SIK.hasFocusArea}>|<{SIK.hasAddedFocusArea}>"
_PROPOSALS = f"^<{SIK.proposedFor}>|^<{SIK.proposes}>"
_EFFORTS = f"^<{SIK.anchoredIn}>|^<{SIK.supports}>"
_NAMED = (SIK.responsibleActor, SIK.involvesActor, SIK.cooperatesWith)
_PURPOSE = _out(SIK.hasAim, SIK.hasTargetGroup, SIK.addressesChallenge)
_EVENTS = _into(SIK.concerns, SIK.concernsFocusAreasOf, SIK.measuredAgainst)

_PRINCIPLE = (
    Section(
        "areas", (_out(SIK.hasFocusArea, SIK.hasAddedFocusArea, SIK.statedFocusAreaCount),), special="counted"
    ),
    Section("proposals", (_into(SIK.proposedFor),)),
    Section("assessments", (_EVENTS,), (Through(_AREAS, incoming=(SIK.concerns,)),), by_time=True),
    Section(
        "plans",
        (_out(SIK.isBasedOn, SIK.concretises),),
        (Through(_AREAS, (SIK.isBasedOn, SIK.concretises), (SIK.fallsWithin,)),),
    ),
    Section("efforts", (_into(SIK.anchoredIn, SIK.supports),), (Through(_AREAS, incoming=(SIK.supports,)),)),
    Section(
        "actors",
        (_out(*_NAMED),),
        (
            Through(_AREAS, _NAMED),
            Through(_PROPOSALS, (SIK.performedBy,)),
            Through(f"({_EFFORTS})|(({_AREAS})/^<{SIK.supports}>)", _NAMED),
        ),
    ),
    Section("purpose", (_PURPOSE,)),
)
_AREA = (
    Section(
        "principle",
        (_into(SIK.hasFocusArea, SIK.hasAddedFocusArea), _out(SIK.inAdoptedStrategy, SIK.introducedIn)),
    ),
    Section("proposals", (_into(SIK.proposes),)),
    Section("assessments", (_EVENTS,), by_time=True),
    Section("actors", (_out(*_NAMED),), (Through(_PROPOSALS, (SIK.performedBy,)),)),
    Section("plans", (_out(SIK.isBasedOn, SIK.concretises), _into(SIK.fallsWithin))),
    Section("efforts", (_into(SIK.supports),)),
    Section("money", (_out(SIK.eligibleFor),)),
    Section("purpose", (_PURPOSE,)),
)
_INSTRUMENT = (
    Section(
        "period",
        (_out(SIK.validityPeriod, DCT.replaces, PROV.wasRevisionOf), _into(DCT.replaces, PROV.wasRevisionOf)),
        special="chain",
    ),
    Section("principles", (_out(SIK.hasPrinciple),)),
    Section(
        "rests",
        (_into(SIK.isBasedOn, SIK.concretises, SIK.prescribedBy, SIK.resultedFrom, SIK.introducedIn),),
    ),
    Section("decisions", (_into(SIK.concerns, kinds=(SIK.Decision,)),), by_time=True),
    Section("assessments", (_EVENTS,), by_time=True),
    Section("place", (_out(SIK.fallsWithin, SIK.isBasedOn, SIK.supports),)),
    Section("actors", (_out(*_NAMED),)),
    Section("why", (_out(SIK.hasRationale, SIK.resultedFrom),)),
    Section("duties", (_out(SIK.fulfilsObligation),)),
    Section("purpose", (_PURPOSE,)),
)
_ACTOR = (
    Section("proposals", (_into(SIK.performedBy, kinds=(SIK.Proposal,)),)),
    Section("assessments", (_into(SIK.performedBy, kinds=(SIK.StatusAssessment,)),), by_time=True),
    Section("decisions", (_into(SIK.performedBy, SIK.submittedTo),), by_time=True),
    Section("reasons", (_into(SIK.givenBy),)),
    Section("responsible", (_into(SIK.responsibleActor),)),
    Section("involved", (_into(SIK.involvesActor, SIK.cooperatesWith), _out(SIK.cooperatesWith))),
    Section("duties", (_into(SIK.obliges),)),
    Section("membership", (_out(ORG.unitOf, ORG.hasMember), _into(ORG.hasMember, ORG.unitOf))),
)
_PROPOSAL = (
    Section("proposer", (_out(SIK.performedBy),)),
    Section("proposed", (_out(SIK.proposes, SIK.proposedFor, SIK.amendsStrategy),)),
    Section("why", (_out(SIK.hasRationale),)),
    Section(
        "follows",
        (_out(SIK.precedes), _into(SIK.precedes, SIK.resultedFrom)),
        (Through(f"<{SIK.proposes}>", (SIK.eligibleFor, SIK.validityPeriod), (SIK.concerns,)),),
    ),
)
_EFFORT = (
    Section("actors", (_out(*_NAMED),)),
    Section("place", (_out(SIK.anchoredIn, SIK.supports, DCT.spatial, SIK.resultedFrom),)),
    Section("assessments", (_EVENTS,), by_time=True),
    Section("money", (_out(SIK.fundedBy),)),
    Section("act", (_out(CV.hasLegalResource),)),
    Section("purpose", (_PURPOSE,)),
)
_MONEY = (
    Section("money", (_out(SIK.allocatedAmount), _into(SIK.fundedBy, SIK.eligibleFor))),
    Section("changes", (_into(SIK.concerns, SIK.resultedFrom),), by_time=True),
    Section("purpose", (_PURPOSE,)),
)
_ACT = (
    Section("force", (_out(ELI.number, ELI.date_document, ELI.first_date_entry_in_force),)),
    Section(
        "duties",
        (_into(SIK.imposedBy),),
        (
            Through(f"<{ELI.has_part}>", incoming=(SIK.imposedBy,)),
            Through(f"<{ELI.has_part}>?/^<{SIK.imposedBy}>", (SIK.obliges,), (SIK.fulfilsObligation,)),
        ),
    ),
    Section("parts", (_out(ELI.has_part), _into(ELI.has_part))),
    Section("uses", (_into(CV.hasLegalResource, DCT.references, SIK.resultedFrom, SIK.concerns),)),
)
_DUTY = (
    Section("obliged", (_out(SIK.obliges),)),
    Section("act", (_out(SIK.imposedBy),)),
    Section("fulfilment", (_into(SIK.fulfilsObligation),)),
    Section("purpose", (_PURPOSE,)),
)
_CONCEPT = (
    Section(
        "scheme",
        (
            _out(SKOS.inScheme, SKOS.topConceptOf, SKOS.broader, SKOS.narrower),
            _into(SKOS.broader, SKOS.narrower),
        ),
    ),
)

LAYOUTS: Mapping[str, tuple[Section, ...]] = MappingProxyType(
    {
        SIK.Principle: _PRINCIPLE,
        SIK.FocusArea: _AREA,
        SIK.PolicyInstrument: _INSTRUMENT,
        ORG.Organization: _ACTOR,
        SIK.Proposal: _PROPOSAL,
        SIK.Initiative: _EFFORT,
        SIK.Fund: _MONEY,
        SIK.Budget: _MONEY,
        ELI.LegalResource: _ACT,
        SIK.LegalObligation: _DUTY,
        SKOS.Concept: _CONCEPT,
    }
)

LAST = (Section("gaps", (_into(SIK.gapAbout),)),)
"""What every page ends with, if there is any."""


def lineage_of(types: Sequence[str]) -> list[str]:
    """Classes and those above them, the nearest first, also where the content leaves that to the model."""
    found = site().shapes.lineage(types)
    for iri in found:
        above = SUBCLASSES.get(iri)
        found += [each for each in site().shapes.lineage([above] if above else []) if each not in found]
    return found


def layout_of(types: Sequence[str]) -> tuple[Section, ...]:
    """The sections for a thing of some classes: those of the nearest class that has any."""
    chosen = next((LAYOUTS[iri] for iri in lineage_of(types) if iri in LAYOUTS), ())
    return (*chosen, *LAST)
