"""Revisions of git are read without running anything of the repository; the command says what it left out."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sikkerby_kg.cli import main
from sikkerby_kg.revisions import RevisionError, open_revision
from tests.running import GIT_ENVIRONMENT, git

ONTOLOGY = """@prefix owl: <http://www.w3.org/2002/07/owl#> .
<https://example.org/o> a owl:Ontology .
"""
SHAPES = """@prefix ex: <https://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
ex:Ship a sh:NodeShape ; sh:targetClass ex:Ship ; sh:property ex:Ship-name .
ex:Ship-name a sh:PropertyShape ; sh:path ex:name ; sh:name "navn"@da , "name"@en ;
    sh:message "Giv skibet et navn."@da , "Name the ship."@en ; sh:severity sh:Violation ; sh:minCount 1 .
"""
DATA = """@prefix ex: <https://example.org/> .
ex:g { ex:one a ex:Ship ; ex:name "One" . ex:two a ex:Ship . }
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small root, in a folder of a repository, with one commit."""
    folder = tmp_path / "repository" / "root"
    for name in ("ontology", "data", "queries", "web"):
        (folder / name).mkdir(parents=True)
        (folder / name / ".keep").touch()
    (folder / "ontology" / "o.ttl").write_text(ONTOLOGY)
    (folder / "ontology" / "shapes.ttl").write_text(SHAPES)
    (folder / "data" / "ships.trig").write_text(DATA)
    (folder / "data" / "more.trig").write_text(DATA.replace("ex:g ", "ex:h ").replace("ex:one", "ex:three"))
    git(folder.parent, "init", "--quiet")
    git(folder.parent, "add", ".")
    git(folder.parent, "commit", "--quiet", "-m", "first")
    return folder


def run(root: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), "--lang", "en", "validate", *words])


# --- Reading a revision -----------------------------------------------------------------------


def test_a_revision_gives_the_files_below_a_folder_and_their_bytes(root: Path) -> None:
    (root / "data" / "ships.trig").write_text("changed")
    found = open_revision(root, "HEAD", GIT_ENVIRONMENT)
    assert {name for name in found.files if "keep" not in name} == {
        "ontology/o.ttl",
        "ontology/shapes.ttl",
        "data/ships.trig",
        "data/more.trig",
    }
    assert found.read(["data/ships.trig"]) == {"data/ships.trig": DATA.encode()}
    assert found.files["data/ships.trig"].is_of(DATA.encode())
    assert not found.files["data/ships.trig"].is_of(b"changed")


@pytest.mark.parametrize("name", ["nowhere", "-x", "--exec=touch x", "", "HEAD:root", "HEAD^{tree}", "a\0b"])
def test_what_is_no_commit_is_told(root: Path, name: str) -> None:
    with pytest.raises(RevisionError, match="There is no revision"):
        open_revision(root, name, GIT_ENVIRONMENT)


def test_outside_a_repository_that_is_told(tmp_path: Path) -> None:
    with pytest.raises(RevisionError, match="in no git repository"):
        open_revision(tmp_path, "HEAD", GIT_ENVIRONMENT)


def test_a_folder_that_git_does_not_know_is_told(root: Path) -> None:
    unknown = root.parent / "unknown"
    unknown.mkdir()
    with pytest.raises(RevisionError, match="has no files under"):
        open_revision(unknown, "HEAD", GIT_ENVIRONMENT)


def test_without_git_that_is_told(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RevisionError, match="The program git is not on this machine"):
        open_revision(root, "HEAD", {"PATH": str(tmp_path)})


def test_in_a_shallow_clone_the_way_to_get_the_rest_is_told(root: Path, tmp_path: Path) -> None:
    (root / "data" / "ships.trig").write_text(DATA + "\n")
    git(root, "commit", "--quiet", "-am", "second")
    first = git(root, "rev-parse", "HEAD~1").strip()
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{root.parent}", "clone")
    result = run(tmp_path / "clone" / "root", "--changed-since", first)
    assert result.exit_code == 2
    assert "git fetch --unshallow" in result.stderr


def test_nothing_that_a_repository_configures_is_started(root: Path, tmp_path: Path) -> None:
    """Hooks, file watcher, text conversion, filters, pager and aliases would each leave a file."""
    witness = tmp_path / "witness"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {witness}\ncat\n")
    program.chmod(0o755)
    hooks = root.parent / ".git" / "hooks"
    for name in ("post-checkout", "post-index-change", "fsmonitor-watchman", "reference-transaction"):
        shutil.copy(program, hooks / name)
    for name in (
        *(
            "core.fsmonitor",
            "core.pager",
            "core.sshCommand",
            "core.editor",
            "diff.external",
            "diff.x.textconv",
        ),
        *("filter.x.clean", "filter.x.smudge", "filter.x.process", "alias.ls-tree", "alias.cat-file"),
    ):
        git(root, "config", name, str(program))
    (root / ".gitattributes").write_text("*.trig diff=x filter=x\n")
    (root / "data" / "ships.trig").write_text(DATA.replace('ex:name "One" ', ""))
    result = run(root, "--changed-since", "HEAD")
    assert result.exit_code == 1
    assert not witness.exists()


def test_where_git_calls_us_the_answer_is_about_the_root(root: Path, tmp_path: Path) -> None:
    """A hook has GIT_DIR and GIT_INDEX_FILE set, perhaps for another repository."""
    git(tmp_path, "init", "--quiet", "other")
    environment = {
        **GIT_ENVIRONMENT,
        "GIT_DIR": str(tmp_path / "other" / ".git"),
        "GIT_INDEX_FILE": "/nowhere",
    }
    assert "data/ships.trig" in open_revision(root, "HEAD", environment).files


# --- The command ------------------------------------------------------------------------------


def test_nothing_changed_nothing_is_validated(root: Path) -> None:
    result = run(root, "--changed-since", "HEAD")
    assert result.exit_code == 0
    assert "Nothing has changed" in result.stderr


def test_a_mistake_that_was_there_before_is_left_out(root: Path) -> None:
    """The ship ex:two has no name, in both files; ex:four has none only now."""
    path = root / "data" / "ships.trig"
    path.write_text(DATA.replace("ex:two a ex:Ship", "ex:two a ex:Ship . ex:four a ex:Ship"))
    result = run(root, "--changed-since", "HEAD")
    assert result.exit_code == 1
    assert "example.org/four" in result.stdout
    assert "example.org/two" not in result.stdout
    assert "Changed since HEAD: data/ships.trig (1)." in result.stderr
    assert "Left out: 1 results that were there at HEAD, too" in result.stderr
    assert "3 files are unchanged." in result.stderr


@pytest.mark.parametrize("how", ["new file", "deleted file", "renamed file"])
def test_new_deleted_and_renamed_files_are_seen(root: Path, how: str) -> None:
    path = root / "data" / "ships.trig"
    if how == "new file":
        (root / "data" / "new.trig").write_text(
            "<https://example.org/n> { <https://example.org/x> a <https://example.org/Ship> }"
        )
        wanted, code = "data/new.trig", 1
    elif how == "deleted file":
        path.unlink()
        wanted, code = "data/ships.trig", 1  # ex:two is still a ship without a name in the other file
    else:
        path.rename(root / "data" / "boats.trig")
        wanted, code = "data/boats.trig, data/ships.trig", 0
    result = run(root, "--changed-since", "HEAD")
    assert f"Changed since HEAD: {wanted} (" in result.stderr
    assert result.exit_code == code


def test_a_change_of_the_rules_validates_everything_and_says_so(root: Path) -> None:
    (root / "ontology" / "shapes.ttl").write_text(SHAPES + "\n")
    result = run(root, "--changed-since", "HEAD")
    assert result.exit_code == 1
    assert "the rules have changed" in result.stderr
    assert "ontology/shapes.ttl" in result.stderr


def test_a_change_of_the_ontology_is_compared_like_any_other(root: Path) -> None:
    """A class that ships are put below asks for no validation of everything: what it changes is seen."""
    below = "ex:Boat <http://www.w3.org/2000/01/rdf-schema#subClassOf> ex:Ship ."
    (root / "data" / "boats.trig").write_text(
        DATA.replace("ex:g ", "ex:b ").replace("Ship", "Boat").replace("two", "five")
    )
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "boats")
    (root / "ontology" / "o.ttl").write_text(f"@prefix ex: <https://example.org/> .\n{ONTOLOGY}{below}\n")
    result = run(root, "--changed-since", "HEAD")
    assert result.exit_code == 1
    assert "example.org/five" in result.stdout
    assert "example.org/two" not in result.stdout


def test_a_file_that_could_not_be_read_then_validates_everything(root: Path) -> None:
    path = root / "data" / "ships.trig"
    path.write_text("ex:no")
    git(root, "commit", "--quiet", "-am", "broken")
    path.write_text(DATA)
    result = run(root, "--changed-since", "HEAD")
    assert result.exit_code == 1
    assert "could not be read then" in result.stderr


def test_what_cannot_go_together_is_refused(root: Path) -> None:
    for words in (["--changed-since", "HEAD", "data"], ["--changed-since", "HEAD", "--shapes-diff", "HEAD"]):
        result = run(root, *words)
        assert result.exit_code == 2
        assert "give one of them and no files" in result.stderr


# --- Other shapes -----------------------------------------------------------------------------


def test_equal_shapes_are_said_to_be_equal(root: Path) -> None:
    result = run(root, "--shapes-diff", "HEAD")
    assert (result.exit_code, result.stdout) == (0, "The shapes are the same as at HEAD.\n")


def test_a_new_demand_gives_new_results_and_exit_code_1(root: Path) -> None:
    extra = SHAPES.replace("sh:minCount 1", 'sh:minCount 1 ; sh:pattern "^T"')
    (root / "ontology" / "shapes.ttl").write_text(extra)
    result = run(root, "--shapes-diff", "HEAD")
    assert result.exit_code == 1
    assert "New results" in result.stdout
    assert "new results: 2, gone: 0, changed: 0." in result.stdout
    assert "data/ships.trig" in result.stdout


def test_a_demand_less_gives_results_that_disappear_and_exit_code_0(root: Path) -> None:
    (root / "ontology" / "shapes.ttl").write_text(SHAPES.replace(" ; sh:minCount 1", ""))
    result = run(root, "--shapes-diff", "HEAD")
    assert result.exit_code == 0
    assert "new results: 0, gone: 1, changed: 0." in result.stdout


@pytest.mark.parametrize(
    ("old", "new"), [("sh:Violation", "sh:Warning"), ("Name the ship", "Christen the ship")]
)
def test_another_severity_or_message_is_a_change(root: Path, old: str, new: str) -> None:
    (root / "ontology" / "shapes.ttl").write_text(SHAPES.replace(old, new))
    result = run(root, "--shapes-diff", "HEAD")
    assert result.exit_code == 0
    assert "new results: 0, gone: 0, changed: 1." in result.stdout
    assert len([line for line in result.stdout.splitlines() if line.startswith(("  - ", "  + "))]) == 2


def test_a_result_that_becomes_a_violation_gives_exit_code_1(root: Path) -> None:
    path = root / "ontology" / "shapes.ttl"
    path.write_text(SHAPES.replace("sh:Violation", "sh:Warning"))
    git(root, "commit", "--quiet", "-am", "mild")
    path.write_text(SHAPES)
    assert run(root, "--shapes-diff", "HEAD").exit_code == 1


def test_shapes_that_did_not_parse_are_told_with_revision_file_line_and_column(root: Path) -> None:
    path = root / "ontology" / "shapes.ttl"
    path.write_text("@prefix ex: <https://example.org/> .\nex:a ex:b\n  ex:c ex:d .\n")
    git(root, "commit", "--quiet", "-am", "broken")
    path.write_text(SHAPES)
    result = run(root, "--shapes-diff", "HEAD")
    assert result.exit_code == 2
    assert "HEAD:ontology/shapes.ttl:3:8: something new begins here" in result.stderr


def test_a_revision_without_shapes_is_told(root: Path) -> None:
    git(root, "rm", "--quiet", "--cached", "ontology/shapes.ttl")
    git(root, "commit", "--quiet", "-m", "none")
    result = run(root, "--shapes-diff", "HEAD")
    assert result.exit_code == 2
    assert "HEAD:ontology/ has no shapes" in result.stderr


# --- What shapes look at ----------------------------------------------------------------------


def test_the_coverage_counts_focus_nodes_values_and_results(root: Path) -> None:
    result = run(root, "--coverage", "csv")
    assert result.exit_code == 0
    assert result.stdout.replace("\r", "").splitlines() == [
        "shape,name,focus,values,results",
        "https://example.org/Ship,,3,,0",
        "https://example.org/Ship-name,name,3,2,1",
    ]


def test_the_coverage_counts_what_only_pyshacl_can_look_for(root: Path) -> None:
    """A regular expression that looks ahead is not known to Oxigraph."""
    target = """ex:Seen a sh:NodeShape ; sh:target [ a sh:SPARQLTarget ; sh:select '''SELECT ?this WHERE {
        ?this <https://example.org/name> ?name FILTER(REGEX(?name, "O(?=n)")) }''' ] ;
        sh:property [ sh:path ex:name ; sh:maxCount 1 ] .
"""
    (root / "ontology" / "shapes-seen.ttl").write_text(SHAPES.partition("ex:Ship a")[0] + target)
    rows = run(root, "--coverage", "csv").stdout.replace("\r", "").splitlines()
    assert "https://example.org/Seen,,2,,0" in rows


def test_a_shape_that_never_has_a_focus_node_is_listed(root: Path) -> None:
    more = (
        SHAPES + "ex:Barge a sh:NodeShape ; sh:targetClass ex:Barge ; sh:or ( [ sh:class ex:A ] ex:Ship ) .\n"
    )
    (root / "ontology" / "shapes.ttl").write_text(more)
    result = run(root, "--coverage")
    assert result.exit_code == 0
    assert (
        "Never have a focus node (2): https://example.org/Barge, https://example.org/Barge → sh:or 1"
        in result.stdout
    )
    assert '"focus": 0' in run(root, "--coverage", "json").stdout
