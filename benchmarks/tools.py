"""The other servers, fetched for the benchmark alone: Python ones by pip, Fuseki by mvn."""

import re
import shutil
import subprocess
import sys
from functools import cached_property
from pathlib import Path

PINNED = ("rdflib-endpoint[cli]==0.6.3", "rdflib==7.6.0", "oxigraph==0.5.13")
"""What is installed from PyPI, at the versions that were compared."""

VALIDATORS = ("pyshacl==0.40.1", "pyshifty==0.5.1", "pyrudof==0.3.35", "rdflib==7.6.0")
"""The SHACL engines, in an environment of their own."""

FUSEKI = ((21, "6.0.0"), (17, "5.6.0"), (11, "4.10.0"))
"""The least Java, and the newest Apache Jena Fuseki that runs on it."""

_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
_PATIENCE = 600


class MissingError(Exception):
    """A program that is not there and cannot be fetched."""


class Tools:
    """A folder for programs, contents and logs. One that is kept saves fetching them again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def program(self, name: str) -> Path:
        """A program of one of the pinned packages. Raises MissingError."""
        return self._environment / name

    @cached_property
    def _environment(self) -> Path:
        programs = self.folder / "environment" / "bin"
        if not (programs / "rdflib-endpoint").exists():
            _run([sys.executable, "-m", "venv", str(programs.parent)])
            _run([str(programs / "python"), "-m", "pip", "install", "--quiet", *PINNED])
        return programs

    @cached_property
    def validators(self) -> Path:
        """The Python that has the SHACL engines. Raises MissingError."""
        python = self.folder / "validators" / "bin" / "python"
        if not python.exists():
            _run([sys.executable, "-m", "venv", str(python.parent.parent)])
            _run([str(python), "-m", "pip", "install", "--quiet", *VALIDATORS])
        return python

    def fuseki(self) -> Path:
        """The archive of Fuseki with all that it needs. Raises MissingError without Java or Maven."""
        version = fuseki_version()
        jar = self.folder / f"jena-fuseki-server-{version}.jar"
        if not jar.exists():
            if not shutil.which("mvn"):
                raise MissingError("there is no mvn to fetch Fuseki with")
            artifact = f"org.apache.jena:jena-fuseki-server:{version}"
            _run(["mvn", "-q", "-B", _COPY, f"-Dartifact={artifact}", f"-DoutputDirectory={self.folder}"])
        return jar


def fuseki_version() -> str:
    """The newest Fuseki for the Java of this machine. Raises MissingError."""
    if not shutil.which("java"):
        raise MissingError("there is no Java")
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    java = int(found[1]) if found else 0
    for least, version in FUSEKI:
        if java >= least:
            return version
    raise MissingError(f"Java {java} is too old for Fuseki")


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_PATIENCE)
    except (OSError, subprocess.SubprocessError) as error:
        raise MissingError(f"{Path(command[0]).name} failed: {error}") from error
