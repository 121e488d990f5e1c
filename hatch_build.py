"""Builds the scripts of the pages before a wheel, a source archive or an editable install is made.

Hatchling runs this (https://hatch.pypa.io/latest/plugins/build-hook/custom/). Node.js is asked for only where
web/static/dist is not made from the present sources; a source archive brings it along.
"""

import importlib.util
import os
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SKIP = "SIKKERBY_SKIP_FRONTEND"
"""The environment variable that leaves the scripts out: pages then read as in a browser without scripts."""


class FrontendHook(BuildHookInterface[Any]):
    """Makes web/static/dist where that is due."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node.js if there is something to build, else nothing."""
        if self._is_done():
            return []
        with (Path(self.root) / "pyproject.toml").open("rb") as file:
            return list(tomllib.load(file)["dependency-groups"]["node"])

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  (hatchling's)
        """Build. A failure ends it; only an editable install goes on, for its pages work without scripts."""
        if self._is_done():
            return
        frontend = self._frontend()
        try:
            frontend.build(frontend.find_node())
        except frontend.BuildError as error:
            message = f"the scripts of the pages could not be built: {error}"
            if version != "editable":
                sys.exit(
                    f"{message}\nNext step: check the network connection; {SKIP}=1 leaves the scripts out."
                )
            self.app.display_warning(message)

    def _is_done(self) -> bool:
        return bool(os.environ.get(SKIP)) or self._frontend().is_built()

    def _frontend(self) -> ModuleType:
        """The module web/frontend/build.py."""
        path = Path(self.root) / "web" / "frontend" / "build.py"
        spec = importlib.util.spec_from_file_location("sikkerby_frontend", path)
        if spec is None or spec.loader is None:
            raise FileNotFoundError(path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
