"""The web server: pages for people, Linked Data and SPARQL for programs, over one knowledge graph.

One module for each concern: ``pages`` (home and lists), ``linked_data`` (documents in every format),
``saved`` (saved queries), ``endpoint`` (SPARQL), ``errors`` (what goes wrong), ``urls`` (addresses),
``serving`` (listening and stopping).
"""

import os

from flask import Flask

from sikkerby_kg.graph import KnowledgeGraph, open_graph
from sikkerby_kg.server import (
    about,
    as_of,
    caching,
    catalog,
    crawlers,
    cross_origin,
    direct,
    downloads,
    endpoint,
    errors,
    files,
    language,
    linked_data,
    measuring,
    meta,
    neighbourhood,
    openapi,
    operations,
    overview,
    pages,
    saved,
    search,
    security,
    templates,
    validate,
    validation,
    vocabulary,
    wsgi,
)
from sikkerby_kg.server.serving import MAX_BODY
from sikkerby_kg.server.site import EXTENSION, Site
from sikkerby_kg.settings import Settings

__all__ = ["create_app"]


def create_app(settings: Settings | None = None, graph: KnowledgeGraph | None = None) -> Flask:
    """The WSGI application over a graph; without one, over the graph that the settings ask for.

    Without settings they are the graph's, else those of the environment. Raises what ``open_graph`` raises,
    and SavedQueryError: a server with a broken query does not start.
    """
    if settings is None:
        settings = graph.settings if graph else Settings.from_environment(os.environ)
    if graph is None:
        graph = open_graph(settings=settings)
        graph.describe_itself()
    for _ in graph.queries.values():
        pass
    app = Flask("sikkerby_kg", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_BODY
    app.extensions[EXTENSION] = served = Site(graph)
    _ = served.edition  # refuses a text that is not the one that was read, too
    security.register(app)
    cross_origin.register(app)
    language.register(app, settings.lang)
    as_of.register(app)
    direct.register(app, caching.freshness(settings))
    kept = caching.register(app, settings)
    templates.register(app)
    meta.register(app)
    files.register(app)
    errors.register(app)
    for module in (pages, overview, about, crawlers, saved, search, endpoint, catalog, downloads, openapi):
        app.register_blueprint(module.blueprint)
    for module in (linked_data, neighbourhood, validate, validation, vocabulary):
        app.register_blueprint(module.blueprint)
    wsgi.register(app, settings.public_url)
    measures = measuring.register(app, access_log=settings.access_log == "json")
    operations.register(app, measures).add(lambda: operations.of_caches(*kept))
    return app
