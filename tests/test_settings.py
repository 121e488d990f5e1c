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
        ("TIMEOUT", "1e300"),
        ("PUBLIC_URL", "example.org"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "http://["),
        ("PUBLIC_URL", "https://example.org:port"),
        ("PUBLIC_URL", "https://example.org/?kg#x"),
        ("PUBLIC_URL", "javascript:alert(1)"),
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
        (["--public-url", "https://example.org/kg/"], {"public_url": "https://example.org/kg/"}),
        (["--reload", "5", "--access-log", "json"], {"reload": 5.0, "access_log": "json"}),
        (["--reload", "--port", "81"], {"reload": 2.0, "port": 81}),
        (["--query-seconds", "3"], {"query_seconds": 3.0}),
        ([], {}),
    ],
)
def test_options_of_serve_become_settings(words: list[str], expected: dict[str, object]) -> None:
    context = serve.make_context("serve", list(words))
    given = {name: value for name, value in context.params.items() if value is not None}
    assert given.keys() == expected.keys()
    assert Settings().with_options(**given).as_dict().items() >= expected.items()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--access-log", "xml"], "--access-log cannot be 'xml'; it must be json | off."),
        (["--reload", "-1"], "There is no option -1."),
        (["--queue", "many"], "--queue cannot be 'many'; it must be a whole number."),
        (["--max-age", "-1"], "--max-age cannot be -1; it must be 0 … 31536000."),
        (["--port", "65536"], "--port cannot be 65536; it must be 0 … 65535."),
        (["--timeout", "soon"], "--timeout cannot be 'soon'; it must be a number, such as 2.5."),
        (["--public-url", "kg"], "--public-url cannot be 'kg'; it must be https://example.org"),
    ],
)
def test_a_wrong_option_of_serve_is_named_in_a_sentence(words: list[str], said: str) -> None:
    result = CliRunner().invoke(main, ["serve", *words, "--lang", "en"])
    assert result.exit_code == 2
    assert said in result.output
    assert ".." not in result.output
    assert "Traceback" not in result.output


def test_a_wrong_variable_of_serve_is_named_beside_good_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIKKERBY_QUEUE", "many")
    result = CliRunner().invoke(main, ["serve", "--max-age", "1", "--lang", "en"])
    assert (result.exit_code, "SIKKERBY_QUEUE cannot be 'many'" in result.output) == (2, True)


def test_a_wrong_choice_ends_in_one_full_stop() -> None:
    result = CliRunner().invoke(main, ["--lang", "xx", "serve"])
    assert (result.exit_code, ".." in result.output) == (2, False)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORT", "http", "must be a whole number"),
        ("TIMEOUT", "abc", "must be a number, such as 2.5"),
        ("TIMEOUT", "inf", "must be 0.01 … 86400"),
        ("TIMEOUT", "-1", "must be 0.01 … 86400"),
    ],
)
def test_a_wrong_number_is_refused_in_plain_words(name: str, value: str, expected: str) -> None:
    with pytest.raises(SettingError, match=expected):
        Settings.from_environment({f"SIKKERBY_{name}": value})
