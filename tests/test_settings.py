"""Settings come from one table, and a wrong value is named."""

from dataclasses import fields

import pytest

from sikkerby_kg.errors import SettingError
from sikkerby_kg.settings import SETTINGS, Settings


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
