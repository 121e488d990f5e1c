"""The four content folders are found, or it is said which is missing."""

from pathlib import Path

import pytest

from sikkerby_kg import folders
from sikkerby_kg.errors import FoldersNotFoundError
from sikkerby_kg.folders import find_folders, own_folders


def test_without_a_root_the_content_of_the_software_is_used() -> None:
    assert find_folders() == find_folders("") == own_folders()
    assert own_folders().ontology.is_dir()


def test_a_root_is_given_as_text_or_path(make_root: Path) -> None:
    assert find_folders(str(make_root)) == find_folders(make_root)
    assert find_folders(make_root).data == make_root / "data"


def test_a_relative_root_is_made_absolute(make_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(make_root.parent)
    assert find_folders("root").root == make_root


def test_a_root_that_lacks_folders_says_which(make_root: Path) -> None:
    (make_root / "queries").rmdir()
    (make_root / "web").rmdir()
    with pytest.raises(FoldersNotFoundError, match=r"lacks queries/, web/\."):
        find_folders(make_root)


def test_a_root_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(FoldersNotFoundError, match=r"There is no folder .*nowhere"):
        find_folders(tmp_path / "nowhere")


def test_an_installation_without_content_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "_PACKAGE", tmp_path / "sikkerby_kg")
    with pytest.raises(FoldersNotFoundError, match="--root or SIKKERBY_ROOT"):
        own_folders()


def test_the_inside_of_the_package_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "sikkerby_kg"
    for name in folders.FOLDERS:
        (package / "_folders" / name).mkdir(parents=True)
        (tmp_path / name).mkdir()
    monkeypatch.setattr(folders, "_PACKAGE", package)
    assert own_folders().root == package / "_folders"


def test_paths_are_shown_relative_to_the_root(make_root: Path) -> None:
    found = find_folders(make_root)
    assert found.shown(make_root / "data" / "a.trig") == "data/a.trig"
    assert found.shown(Path("/elsewhere/b.trig")) == "/elsewhere/b.trig"
