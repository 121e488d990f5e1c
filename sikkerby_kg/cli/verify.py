"""``sikkerby-kg verify``: hold a text file against the checksums of what was read."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from sikkerby_kg.cli.mishaps import FAILED, FINE
from sikkerby_kg.cli.output import write
from sikkerby_kg.cli.skin import Session, command, option
from sikkerby_kg.cli.words import say
from sikkerby_kg.dataset import load_content
from sikkerby_kg.folders import find_folders
from sikkerby_kg.namespaces import shrink
from sikkerby_kg.tables import printable
from sikkerby_kg.verification import PassageCheck, Verification, verify as verify_text


@command("verify")
@option("--text", "path", required=True, metavar="FILE", type=click.Path(path_type=Path))
@option("--json", "as_json", is_flag=True)
def verify(session: Session, path: Path, as_json: bool) -> int:
    """Say whether a file is the text that was read, and which passages differ."""
    content = load_content(find_folders(session.settings.root))
    found = verify_text(content.quads, path)
    write(_as_json(found) if as_json else _as_text(found), None)
    return FINE if found.holds else FAILED


def _as_text(found: Verification) -> str:
    counts = {
        "count": len(found.passages),
        "matching": found.matching,
        "moved": found.moved,
        "missing": found.missing,
        "differing": len(found.passages) - found.matching,
    }
    if found.holds:
        lines = [say("verify.holds", file=found.file, text=found.text, **counts)]
    elif found.is_same_version:
        lines = [say("verify.passages_differ", file=found.file, text=found.text, **counts)]
    else:
        lines = [
            say("verify.other_version", file=found.file, text=found.text),
            *([say("verify.only", differences=_differences(found))] if found.only else []),
            "  " + say("verify.expected", checksum=found.expected, characters=found.expected_characters),
            "  " + say("verify.actual", checksum=found.actual, characters=found.characters),
            *([] if found.only else [say("verify.counts", **counts)]),
        ]
    if not found.only:
        lines += [f"  {_passage(each)}" for each in found.passages if not each.matches]
    return "\n".join(map(printable, lines)) + "\n"


def _differences(found: Verification) -> str:
    return "; ".join(say(f"verify.difference.{name}") for name in found.only)


def _passage(check: PassageCheck) -> str:
    if check.sentence is not None:
        name = say("verify.passage", paragraph=check.paragraph, sentence=check.sentence)
    elif check.paragraph is not None:
        name = say("verify.paragraph", paragraph=check.paragraph)
    else:
        name = ""
    where = {"passage": shrink(check.passage), "start": check.start, "end": check.end, "name": name}
    if check.found_at is None:
        return say("verify.not_found", **where)
    return say("verify.found_at", **where, found=check.found_at)


def _as_json(found: Verification) -> str:
    answer = {
        "holds": found.holds,
        "isSameVersion": found.is_same_version,
        "matching": found.matching,
        "moved": found.moved,
        "missing": found.missing,
        **asdict(found),
    }
    return json.dumps(answer, ensure_ascii=False, indent=2) + "\n"
