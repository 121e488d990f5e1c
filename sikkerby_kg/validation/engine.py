"""The fast engine: shapes compiled to closures over one index, each chosen only if it is covered whole."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from sikkerby_kg.terms import Term
from sikkerby_kg.validation.compiling import Binding
from sikkerby_kg.validation.data import Data
from sikkerby_kg.validation.found import Found, UnsupportedError
from sikkerby_kg.validation.querying import Querying
from sikkerby_kg.validation.shapes import ShapesPart


@dataclass(frozen=True, slots=True)
class Run:
    """What the fast engine found, and the shapes with a target that it leaves to pySHACL, with the reason."""

    found: list[Found] = field(default_factory=list)
    left: dict[Term, str] = field(default_factory=dict)


def run(part: ShapesPart, data: Data, querying: Querying, wanted: AbstractSet[Term] | None = None) -> Run:
    """Carry out the shapes of a part that are wanted and covered, each with everything that it refers to."""
    compiled = part.compiled
    roots = [each for each in compiled.with_target if wanted is None or each in wanted]
    done = Run(left={each: reason for each, reason in compiled.uncovered.items() if each in roots})
    binding = Binding(compiled, data.index, querying)
    among = None if part.over_dataset else data.targets
    if part.over_dataset and roots:
        querying.load_named()
    for node in roots:
        if node in done.left:
            continue
        found: list[Found] = []
        try:
            evaluate = None
            for focus in binding.focus_nodes(compiled.targets(node), among):
                evaluate = evaluate or binding.evaluate(node)
                found += evaluate(focus)
        except UnsupportedError as error:
            done.left[node] = str(error)
        else:
            done.found.extend(found)
    return done
