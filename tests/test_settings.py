"""Settings come from one table, and a wrong value is named."""

from dataclasses import fields

import pytest
from click.testing import CliRunner

from sikkerby_kg.cli import main
from sikkerby_kg.cli.serve import OWN, serve
from sikkerby_kg.errors import SettingError
from sikkerby_kg.settings import SETTINGS, Settings
from sikkerby_kg.texts import LANGUAGES, text


def test_the_table_and_the_object_agree() -> None:
    assert [(name, default) for name, default, _ in SETTINGS] == [
        (f.name, f.default) for f in fields(Settings)
    ]
    assert all(meaning for _, _, meaning in SETTINGS)


def test_settings_come_from_an_environment() -> None:
    settings = Settings.from_environment(
        {"SIKKERBY_PORT": "81", "SIKKERBY_TIMEOUT": "2.5", "SIKKERBY_LANG": "en"}
    )
    assert (settings.port, settings.timeout, settings.lang) == (81, 2.5, "en")


def test_an_empty_variable_counts_as_not_given() -> None:
    assert Settings.from_environment({"SIKKERBY_STORE": " ", "PORT": "1"}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "65536"),
        ("LANG", "fr"),
        ("TIMEOUT", "0"),
        ("TIMEOUT", "nan"),
        ("TIMEOUT", "inf"),
    ],
)
def test_a_wrong_value_names_the_variable(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"SIKKERBY_{name} cannot be"):
        Settings.from_environment({f"SIKKERBY_{name}": value})


def test_a_change_to_none_is_no_change() -> None:
    assert Settings(port=1).with_changes(port=None, lang="en") == Settings(port=1, lang="en")


def test_every_setting_of_the_server_is_an_option_with_its_meaning() -> None:
    for name, _, meaning in OWN:
        assert text(f"cli.serve.{name}", "en") == meaning
    for lang in LANGUAGES:
        told = CliRunner().invoke(main, ["serve", "--help", "--lang", lang], terminal_width=400).output
        for name, default, _ in OWN:
            line = next(line for line in told.splitlines() if f"--{name.replace('_', '-')} " in line)
            assert text(f"cli.serve.{name}", lang) in line
            assert str(default) in line


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--reload"], {"reload": 2.0}),
        (["--reload", "5", "--access-log", "json"], {"reload": 5.0, "access_log": "json"}),
        (["--reload", "--port", "81"], {"reload": 2.0, "port": 81}),
        (["--query-seconds", "3"], {"query_seconds": 3.0}),
        ([], {}),
    ],
)
def test_options_of_serve_become_settings(words: list[str], expected: dict[str, object]) -> None:
    context = serve.make_context("serve", list(words))
    given = {name: value for name, value in context.params.items() if value is not None}
    assert given == expected
    assert Settings().with_changes(**given).as_dict().items() >= expected.items()


@pytest.mark.parametrize("words", [["--access-log", "xml"], ["--reload", "-1"], ["--queue", "many"]])
def test_a_wrong_option_of_serve_is_unusable_input(words: list[str]) -> None:
    result = CliRunner().invoke(main, ["serve", *words, "--lang", "en"])
    assert result.exit_code == 2
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORT", "http", "must be a whole number"),
        ("TIMEOUT", "abc", "must be a number, such as 2.5"),
        ("TIMEOUT", "inf", "must be a number above 0"),
        ("TIMEOUT", "-1", "must be a number above 0"),
    ],
)
def test_a_wrong_number_is_refused_in_plain_words(name: str, value: str, expected: str) -> None:
    with pytest.raises(SettingError, match=expected):
        Settings.from_environment({f"SIKKERBY_{name}": value})
