"""Every constraint component of SHACL Core, each with what it lets pass and what it refuses (SHACL §4).

Each case is carried out by both engines, which have to agree; where the recommendation and pySHACL differ,
the case is in STRICTER, with the section that decides.
"""

from pathlib import Path

import pytest

from sikkerby_kg.validation import validate
from tests.shacl_engines import EX, both, read, source, wrong

# constraints of the path ex:p → statements of which those about ex:bad… are wrong
CASES = {
    "class": (
        "sh:class ex:K",
        "ex:K1 rdfs:subClassOf ex:K . ex:x a ex:K1 . ex:ok ex:p ex:x . ex:bad ex:p 1 , ex:y .",
    ),
    "classes": (
        "sh:class ex:K , ex:L",
        "ex:x a ex:K , ex:L . ex:ok ex:p ex:x . ex:y a ex:K . ex:bad ex:p ex:y .",
    ),
    "datatype": (
        "sh:datatype xsd:integer",
        'ex:ok ex:p 4 , 04 , "+4"^^xsd:integer . ex:bad ex:p "x"^^xsd:integer . ex:bad2 ex:p 4.0 .',
    ),
    "datatype-date": (
        "sh:datatype xsd:date",
        'ex:ok ex:p "2024-02-29"^^xsd:date , "2024-02-29Z"^^xsd:date . ex:bad ex:p "2023-02-29"^^xsd:date .',
    ),
    "datatype-string": ("sh:datatype xsd:string", 'ex:ok ex:p "a" . ex:bad ex:p "a"@en , 1 , ex:a .'),
    "datatype-text": ("sh:datatype rdf:langString", 'ex:ok ex:p "a"@en . ex:bad ex:p "a" .'),
    "datatype-boolean": (
        "sh:datatype xsd:boolean",
        'ex:ok ex:p true , "1"^^xsd:boolean . ex:bad ex:p "ja"^^xsd:boolean .',
    ),
    "nodeKind-iri": ("sh:nodeKind sh:IRI", 'ex:ok ex:p ex:x . ex:bad ex:p "x" , [] .'),
    "nodeKind-either": ("sh:nodeKind sh:BlankNodeOrLiteral", 'ex:ok ex:p "x" , [] . ex:bad ex:p ex:x .'),
    "minCount": ("sh:minCount 2", "ex:ok ex:p 1 , 2 . ex:bad ex:p 1 . ex:bad2 a ex:T ."),
    "maxCount": ("sh:maxCount 1", "ex:ok ex:p 1 . ex:bad ex:p 1 , 2 ."),
    "counted-as-written": ("sh:maxCount 1", "ex:bad ex:p 1 , 01 ."),
    "minInclusive": (
        "sh:minInclusive 4",
        'ex:ok ex:p 4 , 4.5 , "5"^^xsd:byte . ex:bad ex:p 3 , "4" , ex:x , [] .',
    ),
    "minExclusive": ("sh:minExclusive 4", "ex:ok ex:p 5 . ex:bad ex:p 4 , 4.0 ."),
    "maxInclusive": (
        'sh:maxInclusive "2024-01-01"^^xsd:date',
        'ex:ok ex:p "2024-01-01"^^xsd:date . ex:bad ex:p "2024-01-02"^^xsd:date , 3 .',
    ),
    "maxExclusive": (
        'sh:maxExclusive "2024-01-01T12:00:00"^^xsd:dateTime',
        'ex:ok ex:p "2024-01-01T11:59:59"^^xsd:dateTime . ex:bad ex:p "2024-01-01T12:00:00"^^xsd:dateTime .',
    ),
    "minLength": ("sh:minLength 3", 'ex:ok ex:p "æøå" , 100 , ex:x . ex:bad ex:p "ab" , [] .'),
    "minLength-none": ("sh:minLength 0", 'ex:ok ex:p "" , [] .'),
    "maxLength": ("sh:maxLength 3", 'ex:ok ex:p "abc" . ex:bad ex:p "abcd" , ex:x .'),
    "pattern": ('sh:pattern "^a.c$"', 'ex:ok ex:p "abc" . ex:bad ex:p "ABC" , "xabc" , [] .'),
    "pattern-flags": (
        'sh:pattern "^a.c$" ; sh:flags "im"',
        'ex:ok ex:p "ABC" , "x\\nabc" . ex:bad ex:p "abd" .',
    ),
    "pattern-number": ('sh:pattern "^4$"', "ex:ok ex:p 4 . ex:bad ex:p 4.0 , 04 ."),
    "languageIn": (
        'sh:languageIn ( "en" "da" )',
        'ex:ok ex:p "a"@en , "b"@en-GB , "c"@da . ex:bad ex:p "d"@de , "e" .',
    ),
    "uniqueLang": (
        "sh:uniqueLang true",
        'ex:ok ex:p "a"@en , "b"@da , "c" , "d" . ex:bad ex:p "a"@en , "b"@en .',
    ),
    "uniqueLang-off": ("sh:uniqueLang false", 'ex:ok ex:p "a"@en , "b"@en .'),
    "equals": ("sh:equals ex:q", "ex:ok ex:p 1 ; ex:q 1 . ex:bad ex:p 1 ; ex:q 2 . ex:bad2 ex:p 1 ."),
    "disjoint": ("sh:disjoint ex:q", "ex:ok ex:p 1 ; ex:q 2 . ex:bad ex:p 1 , 2 ; ex:q 2 , 3 ."),
    "lessThan": (
        "sh:lessThan ex:q",
        'ex:ok ex:p 1 ; ex:q 2 , 3.5 . ex:bad ex:p 1 , 2 ; ex:q 2 . ex:bad2 ex:p "a" ; ex:q 2 .',
    ),
    "lessThan-texts": ("sh:lessThan ex:q", 'ex:ok ex:p "a" ; ex:q "b" , ex:x . ex:bad ex:p "b" ; ex:q "a" .'),
    "lessThanOrEquals": (
        "sh:lessThanOrEquals ex:q",
        """ex:ok ex:p "2024-01-01"^^xsd:date ; ex:q "2024-01-01"^^xsd:date .
        ex:bad ex:p "2024-01-02"^^xsd:date ; ex:q "2024-01-01"^^xsd:date .""",
    ),
    "not": ("sh:not [ sh:class ex:K ]", "ex:x a ex:K . ex:ok ex:p ex:y . ex:bad ex:p ex:x ."),
    "and": (
        "sh:and ( [ sh:minLength 2 ] [ sh:maxLength 3 ] )",
        'ex:ok ex:p "ab" . ex:bad ex:p "a" , "abcd" .',
    ),
    "or": (
        "sh:or ( [ sh:datatype xsd:date ] [ sh:class ex:K ] )",
        "ex:x a ex:K . ex:ok ex:p ex:x . ex:bad ex:p ex:y .",
    ),
    "xone": (
        "sh:xone ( [ sh:minLength 2 ] [ sh:maxLength 3 ] )",
        'ex:ok ex:p "a" , "abcd" . ex:bad ex:p "ab" .',
    ),
    "node": (
        "sh:node [ sh:property [ sh:path ex:q ; sh:minCount 1 ] ]",
        "ex:x ex:q 1 . ex:ok ex:p ex:x . ex:bad ex:p ex:y .",
    ),
    "property": (
        "sh:property [ sh:path ex:q ; sh:minCount 1 ]",
        "ex:x ex:q 1 . ex:ok ex:p ex:x . ex:ok2 ex:p ex:bad .",
    ),
    "qualified": (
        "sh:qualifiedValueShape [ sh:class ex:K ] ; sh:qualifiedMinCount 1 ; sh:qualifiedMaxCount 1",
        "ex:x a ex:K . ex:z a ex:K . ex:ok ex:p ex:x , ex:y . ex:bad ex:p ex:y . ex:bad2 ex:p ex:x , ex:z .",
    ),
    "hasValue": ("sh:hasValue 4", "ex:ok ex:p 4 , 5 . ex:bad ex:p 04 . ex:bad2 a ex:T ."),
    "in": ('sh:in ( 4 "a" ex:x )', 'ex:ok ex:p 4 , "a" , ex:x . ex:bad ex:p 4.0 , "a"@en , ex:y .'),
    "deactivated": ("sh:deactivated true ; sh:minCount 1", "ex:ok a ex:T ."),
    "not-deactivated": ("sh:not [ sh:deactivated true ; sh:minLength 9 ]", 'ex:bad ex:p "a" .'),
}


@pytest.mark.parametrize("name", CASES)
def test_a_component_refuses_what_is_wrong_and_nothing_else(name: str, tmp_path: Path) -> None:
    constraint, data = CASES[name]
    targets = "sh:targetSubjectsOf ex:p ; sh:targetClass ex:T"
    shapes = f"ex:S a sh:NodeShape ; {targets} ; sh:property [ sh:path ex:p ; {constraint} ] ."
    expected = {each for each in ("bad", "bad2") if f"ex:{each} " in data}
    assert wrong(both(tmp_path, shapes, data)) == expected


def test_every_component_of_shacl_core_has_a_case() -> None:
    from sikkerby_kg.validation.constraints import VALUE_COMPONENTS  # noqa: PLC0415  (what is covered)
    from sikkerby_kg.validation.logic import SHAPE_COMPONENTS  # noqa: PLC0415
    from sikkerby_kg.validation.relations import RELATION_COMPONENTS  # noqa: PLC0415

    used = " ".join(constraint for constraint, _ in CASES.values())
    missing = {
        each
        for each in (*VALUE_COMPONENTS, *RELATION_COMPONENTS, *SHAPE_COMPONENTS)
        if f"sh:{each} " not in used
    }
    assert missing == {"closed", "ignoredProperties"}  # of node shapes, below


def test_a_closed_shape_has_the_property_as_path_and_its_value(tmp_path: Path) -> None:
    shapes = """ex:S sh:targetClass ex:T ; sh:closed true ; sh:ignoredProperties ( rdf:type ) ;
        sh:property [ sh:path ex:p ] , [ sh:path [ sh:inversePath ex:q ] ] ."""
    report = both(tmp_path, shapes, "ex:ok a ex:T ; ex:p 1 . ex:bad a ex:T ; ex:p 1 ; ex:q ex:x ; ex:r 2 .")
    assert {(str(each.path_iri), str(each.value)) for each in report.results} == {
        (f"{EX}q", f"{EX}x"),
        (f"{EX}r", "2"),
    }


def test_a_value_of_a_disjoint_sibling_does_not_count(tmp_path: Path) -> None:
    def finger(kind: str) -> str:
        return (
            f"sh:property [ sh:path ex:p ; sh:qualifiedValueShape [ sh:class ex:{kind} ] ; "
            "sh:qualifiedMinCount 1 ; sh:qualifiedValueShapesDisjoint true ]"
        )

    shapes = f"ex:S a sh:NodeShape ; sh:targetClass ex:T ; {finger('Thumb')} ; {finger('Finger')} ."
    data = """ex:ok a ex:T ; ex:p ex:a , ex:b . ex:bad a ex:T ; ex:p ex:c .
        ex:a a ex:Thumb . ex:b a ex:Finger . ex:c a ex:Thumb , ex:Finger ."""
    report = both(tmp_path, shapes, data)
    assert wrong(report) == {"bad"}


def test_details_are_the_results_inside(tmp_path: Path) -> None:
    shapes = """ex:S a sh:NodeShape ; sh:targetClass ex:T ; sh:node ex:N .
        ex:N sh:property [ sh:path ex:p ; sh:minCount 1 ] , [ sh:path ex:q ; sh:minCount 1 ] ."""
    (result,) = both(tmp_path, shapes, "ex:bad a ex:T .").results
    assert [each.path for each in result.detail] == [f"<{EX}p>", f"<{EX}q>"]


TARGETS = {
    "node": ("sh:targetNode ex:bad , 4", "ex:bad ex:q 1 ."),
    "class": ("sh:targetClass ex:T", "ex:U rdfs:subClassOf ex:T . ex:bad a ex:U . ex:other a ex:V ."),
    "subjects": ("sh:targetSubjectsOf ex:q", "ex:bad ex:q ex:other ."),
    "objects": ("sh:targetObjectsOf ex:q", "ex:other ex:q ex:bad ."),
}


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_chooses_its_focus_nodes(name: str, tmp_path: Path) -> None:
    target, data = TARGETS[name]
    shapes = f"ex:S a sh:NodeShape ; {target} ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ."
    assert wrong(both(tmp_path, shapes, data)) == {"bad"}


def test_a_class_that_is_a_shape_has_its_instances_as_target(tmp_path: Path) -> None:
    shapes = "ex:T a rdfs:Class , sh:NodeShape ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ."
    assert wrong(both(tmp_path, shapes, "ex:bad a ex:T . ex:T a rdfs:Class .")) == {"bad"}


PATHS = {
    "ex:p": "ex:s ex:p ex:v",
    "[ sh:inversePath ex:p ]": "ex:v ex:p ex:s",
    "( ex:p [ sh:inversePath ex:q ] )": "ex:s ex:p ex:m . ex:v ex:q ex:m",
    "[ sh:alternativePath ( ex:q ex:p ) ]": "ex:s ex:p ex:v",
    "[ sh:oneOrMorePath ex:p ]": "ex:s ex:p ex:v . ex:v ex:p ex:v",
    "( ex:p [ sh:zeroOrMorePath ex:q ] )": "ex:s ex:p ex:v . ex:v ex:q ex:v",
    "( ex:p [ sh:zeroOrOnePath ex:q ] )": "ex:s ex:p ex:v",
    "[ sh:inversePath [ sh:zeroOrMorePath ex:p ] ]": "ex:v ex:p ex:s . ex:x ex:q 1",
}


@pytest.mark.parametrize("path", PATHS)
def test_a_path_leads_to_its_values(path: str, tmp_path: Path) -> None:
    shapes = f"ex:S a sh:NodeShape ; sh:targetNode ex:s ; sh:property [ sh:path {path} ; sh:in ( ex:s ) ] ."
    report = both(tmp_path, shapes, f"{PATHS[path]} .")
    assert {str(each.value) for each in report.results} == {f"{EX}v"}


STRICTER = {
    "§4.4.5: only true demands unique languages": (
        'sh:path ex:p ; sh:uniqueLang "1"^^xsd:boolean',
        'ex:ok ex:p "a"@en , "b"@en .',
    ),
    "§4.4.3: the flag s lets a dot stand for the end of a line": (
        'sh:path ex:p ; sh:pattern "^a.b$" ; sh:flags "s"',
        'ex:ok ex:p "a\\nb" . ex:bad ex:p "a" .',
    ),
    "§4.4.4: a region has its variants": (
        'sh:path ex:p ; sh:languageIn ( "de-ch" )',
        'ex:ok ex:p "a"@de-ch-1996 . ex:bad ex:p "b"@de .',
    ),
    "§2.3.1.3: a sequence is followed back from its end": (
        "sh:path [ sh:inversePath ( ex:q ex:r ) ] ; sh:minCount 1",
        "ex:a ex:q ex:b . ex:b ex:r ex:ok . ex:ok ex:p 1 . ex:bad ex:p 1 .",
    ),
}


@pytest.mark.parametrize("name", STRICTER)
def test_where_pyshacl_strays_from_the_recommendation_the_recommendation_holds(
    name: str, tmp_path: Path
) -> None:
    constraint, data = STRICTER[name]
    shapes = read(
        tmp_path, f"ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:property [ {constraint} ] ."
    )
    file = source(tmp_path, data)
    report = validate([file], shapes)
    assert report.fallbacks == ()
    assert wrong(report) == {each for each in ("bad",) if "ex:bad" in data}
    assert wrong(validate([file], shapes, by_reference=True)) != wrong(report)
