"""Making new things: from what a steward says to statements in the right file, held to the shapes first.

From the bottom up:

- ``content``: the files of a root and what they state, as somebody who adds to them needs it
- ``turtle``: statements as text in the manner of a file, put in without touching what is there
- ``kinds``: what can be made, and what is asked of it
- ``fitting``: which things a shape allows as a value
- ``reading``: the kinds of a content, from its shapes
- ``periods``: a time in words to dates
- ``values``: a text to the values of a field
- ``minting``: the IRI of a new thing
- ``times``: the period that a time means, known or new
- ``passages``: the places that a source has, and what they may be called
- ``placing``: the graph and the file that a statement belongs in
- ``drafting``: the values of one thing to statements, each in its graph
- ``changes``: statements to new versions of files, validated before anything is written
- ``rows``: sheets of CSV and Excel files, cell by cell
- ``columns``: the columns of the sheet of a kind
- ``templates``: empty sheets to fill in
- ``importing``: filled sheets to drafts
"""

from sikkerby_kg.authoring.changes import Change, Plan, plan, write
from sikkerby_kg.authoring.content import Content, read_authored
from sikkerby_kg.authoring.drafting import Draft, Given, Maker
from sikkerby_kg.authoring.importing import Imported, import_file
from sikkerby_kg.authoring.kinds import Field, Kind, Kinds, Level
from sikkerby_kg.authoring.reading import read_kinds
from sikkerby_kg.authoring.templates import as_csv, as_xlsx

__all__ = [
    "Change",
    "Content",
    "Draft",
    "Field",
    "Given",
    "Imported",
    "Kind",
    "Kinds",
    "Level",
    "Maker",
    "Plan",
    "as_csv",
    "as_xlsx",
    "import_file",
    "plan",
    "read_authored",
    "read_kinds",
    "write",
]
