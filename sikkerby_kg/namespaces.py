"""The one prefix table, the terms that the software knows, and CURIEs in both directions."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

MODEL = "https://w3id.org/sikkerby-kg/model/"
"""The namespace of the model, which every city's content uses whatever its own base IRI."""

PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "adms": "http://www.w3.org/ns/adms#",
        "cv": "http://data.europa.eu/m8g/",
        "dcat": "http://www.w3.org/ns/dcat#",
        "dct": "http://purl.org/dc/terms/",
        "eli": "http://data.europa.eu/eli/ontology#",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "oa": "http://www.w3.org/ns/oa#",
        "org": "http://www.w3.org/ns/org#",
        "owl": "http://www.w3.org/2002/07/owl#",
        "prov": "http://www.w3.org/ns/prov#",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "schema": "https://schema.org/",
        "sd": "http://www.w3.org/ns/sparql-service-description#",
        "sh": "http://www.w3.org/ns/shacl#",
        "sik": MODEL,
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "vann": "http://purl.org/vocab/vann/",
        "void": "http://rdfs.org/ns/void#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    }
)
"""Prefix → namespace of the standard vocabularies and the model; content may declare more (sh:declare)."""


class Vocabulary:
    """A closed set of terms: a misspelt term is an AttributeError, not an empty result.

    >>> Vocabulary("http://example.org/", "Passage keyPhrase").keyPhrase
    'http://example.org/keyPhrase'
    """

    def __init__(self, namespace: str, terms: str) -> None:
        # Names that no term has, as every attribute is a term.
        self._namespace = namespace
        self._terms = frozenset(terms.split())

    def __getattr__(self, name: str) -> str:
        if name not in self._terms:
            raise AttributeError(name)
        return self._namespace + name

    def __iter__(self) -> Iterator[str]:
        """The IRIs of all terms."""
        return iter(sorted(self._namespace + name for name in self._terms))

    def __str__(self) -> str:
        return self._namespace


SIK = Vocabulary(
    MODEL,
    "ActionPlan Budget Decision FocusArea Fund Initiative KnowledgeGap LegalObligation Passage "
    "PolicyEvent PolicyInstrument Principle Proposal Rationale ScopeChange Section SourceDocument "
    "SourceText StatementGraph StatusAssessment Strategy addressesChallenge agreement "
    "allocatedAmount amendsStrategy anchoredIn characterCount concerns concernsFocusAreasOf "
    "concretises contentSha256 cooperatesWith dateAsStated datePrecision eligibleFor fallsWithin "
    "fulfilsObligation fundedBy gapAbout gapProperty givenBy hasAddedFocusArea hasAim "
    "hasFocusArea hasPrinciple hasRationale hasTargetGroup imposedBy inAdoptedStrategy "
    "introducedIn inverseLabel involvesActor isBasedOn keyPhrase measuredAgainst obliges "
    "occurredDuring outcome paragraphNumber performedBy position precedes prescribedBy "
    "proposedFor proposes rationaleText responsibleActor resultedFrom searchedIn sectionNumber "
    "sentenceNumber statedCount statedFocusAreaCount submittedTo supports validityPeriod",
)
DCAT = Vocabulary(
    PREFIXES["dcat"],
    "Catalog DataService Dataset Distribution accessURL contactPoint dataset distribution "
    "downloadURL endDate endpointDescription endpointURL keyword landingPage mediaType "
    "servesDataset service startDate version",
)
DCT = Vocabulary(
    PREFIXES["dct"],
    "Location PeriodOfTime conformsTo description format hasPart identifier isPartOf issued "
    "language license modified publisher references replaces source spatial subject temporal "
    "title type valid",
)
CV = Vocabulary(
    PREFIXES["cv"],
    "hasLegalResource",
)
ELI = Vocabulary(
    PREFIXES["eli"],
    "LegalResource date_document date_no_longer_in_force first_date_entry_in_force has_part number",
)
FOAF = Vocabulary(
    PREFIXES["foaf"],
    "Agent homepage name primaryTopic",
)
OA = Vocabulary(
    PREFIXES["oa"],
    "TextPositionSelector end hasSelector hasSource start",
)
ORG = Vocabulary(
    PREFIXES["org"],
    "FormalOrganization Organization OrganizationalCollaboration OrganizationalUnit "
    "classification hasMember unitOf",
)
OWL = Vocabulary(
    PREFIXES["owl"],
    "AnnotationProperty Class DatatypeProperty ObjectProperty Ontology deprecated equivalentClass "
    "versionInfo",
)
PROV = Vocabulary(
    PREFIXES["prov"],
    "specializationOf wasAttributedTo wasDerivedFrom wasRevisionOf",
)
RDF = Vocabulary(
    PREFIXES["rdf"],
    "first langString rest type",
)
SCHEMA = Vocabulary(
    PREFIXES["schema"],
    "PropertyValue additionalProperty keywords name target unitText value",
)
SD = Vocabulary(
    PREFIXES["sd"],
    "BasicFederatedQuery Dataset Function Graph NamedGraph SPARQL11Query SPARQLQuery Service "
    "UnionDefaultGraph defaultDataset defaultEntailmentRegime defaultGraph endpoint "
    "extensionFunction feature graph name namedGraph resultFormat supportedLanguage "
    "supportedVersion",
)
RDFS = Vocabulary(
    PREFIXES["rdfs"],
    "Class comment domain isDefinedBy label range seeAlso subClassOf subPropertyOf",
)
SH = Vocabulary(
    PREFIXES["sh"],
    "IRI NodeShape Parameter PrefixDeclaration PropertyGroup PropertyShape SPARQLAskExecutable "
    "SPARQLConstructExecutable SPARQLExecutable SPARQLSelectExecutable ask construct datatype "
    "deactivated declare defaultValue description group message name namespace nodeKind optional "
    "order parameter path prefix prefixes property select severity targetClass",
)
SKOS = Vocabulary(
    PREFIXES["skos"],
    "Concept ConceptScheme altLabel broader definition editorialNote hiddenLabel inScheme "
    "narrower notation prefLabel scopeNote topConceptOf",
)
VANN = Vocabulary(
    PREFIXES["vann"],
    "preferredNamespacePrefix preferredNamespaceUri",
)
VOID = Vocabulary(
    PREFIXES["void"],
    "Dataset DatasetDescription class classPartition classes dataDump distinctObjects "
    "distinctSubjects entities feature properties property propertyPartition sparqlEndpoint "
    "triples uriSpace vocabulary",
)
XSD = Vocabulary(
    PREFIXES["xsd"],
    "anyURI boolean date dateTime decimal gYear integer nonNegativeInteger positiveInteger string",
)

_CURIE = re.compile(r"([A-Za-z][\w.\-]*|):(?!//)(.*)", re.DOTALL)
_LOCAL = re.compile(r"[\w][\w.\-/]*", re.ASCII)
IRI_IN_TEXT = re.compile(r"[a-z][a-z0-9+.-]*://[^\s<>\"{}|\\^`]*[^\s<>\"{}|\\^`.,;:)]")
"""An IRI with an authority within a text, without the punctuation after it."""


def expand(curie: str, prefixes: Mapping[str, str] = PREFIXES) -> str | None:
    """The IRI that a CURIE stands for, or None if it is not a CURIE with a known prefix.

    >>> expand("skos:prefLabel")
    'http://www.w3.org/2004/02/skos/core#prefLabel'
    >>> expand("https://example.org/") is None
    True
    """
    match = _CURIE.fullmatch(curie)
    if match is None or match[1] not in prefixes:
        return None
    return prefixes[match[1]] + match[2]


def shrink(iri: str, prefixes: Mapping[str, str] = PREFIXES) -> str:
    """The CURIE of an IRI by its longest matching namespace, or the IRI itself.

    >>> shrink("http://www.w3.org/2004/02/skos/core#prefLabel")
    'skos:prefLabel'
    >>> shrink("https://example.org/x")
    'https://example.org/x'
    """
    best = ""
    for prefix, namespace in prefixes.items():
        if iri.startswith(namespace) and len(namespace) > len(prefixes.get(best, "")):
            best = prefix
    local = iri[len(prefixes.get(best, "")) :]
    return f"{best}:{local}" if best and _LOCAL.fullmatch(local) else iri


def shrink_in(text: str, prefixes: Mapping[str, str] = PREFIXES) -> str:
    """A text with CURIEs in the place of the IRIs that have one.

    >>> shrink_in("Add http://www.w3.org/2004/02/skos/core#prefLabel.")
    'Add skos:prefLabel.'
    """
    return IRI_IN_TEXT.sub(lambda match: shrink(match[0], prefixes), text)


def namespace_of(iri: str) -> str:
    """An IRI up to its last ``#`` or ``/``; nothing of one that has neither.

    >>> namespace_of("https://w3id.org/sikkerby-kg/model/keyPhrase")
    'https://w3id.org/sikkerby-kg/model/'
    """
    return iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]


def local_name(iri: str) -> str:
    """What stands after the last ``#``, ``/`` or ``:`` of an IRI; the whole of it if nothing does.

    >>> local_name("https://w3id.org/sikkerby-kg/model/keyPhrase")
    'keyPhrase'
    """
    return re.split(r"[#/:]", iri.rstrip("#/:"))[-1] or iri
