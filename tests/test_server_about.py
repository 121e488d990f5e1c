"""The page about the service: every limit with its value, in both languages."""

import re

import pytest
from flask.testing import FlaskClient

from sikkerby_kg.server.catalog import LIMITS
from sikkerby_kg.settings import SETTINGS, Settings
from sikkerby_kg.written import number_text


@pytest.mark.parametrize("lang", ["da", "en"])
def test_get_about_names_every_limit_with_its_value(client: FlaskClient, lang: str) -> None:
    page = client.get(f"/about?lang={lang}").text
    found = re.findall(r"<td>([0-9.,]+)</td><td><code>SIKKERBY_(\w+)</code>", page)
    rows = {name: value for value, name in found}
    assert rows == {name.upper(): number_text(float(getattr(Settings(), name)), lang) for name in LIMITS}


def test_every_setting_that_limits_readers_is_announced() -> None:
    """A new limit cannot be forgotten: whatever is a number and none of these is one."""
    others = {"timeout", "port", "cache_megabytes", "max_age", "reload"}
    numbers = {name for name, default, _ in SETTINGS if isinstance(default, int | float)}
    assert numbers - others == set(LIMITS)


def test_get_sparql_description_announces_every_limit(client: FlaskClient) -> None:
    described = client.get("/sparql?format=ttl").text
    for name in LIMITS:
        assert f'"{name}"' in described


def test_every_page_leads_to_it(client: FlaskClient) -> None:
    for path in ("/", "/sparql", "/query", "/nothing"):
        assert 'href="/about"' in client.get(path, headers={"Accept": "text/html"}).text
