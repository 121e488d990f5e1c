"""``sikkerby-kg completion``: the script that teaches a shell to complete our commands."""

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from sikkerby_kg.cli.skin import OneOf, Session, command, say, write
from sikkerby_kg.cli.words import PROGRAM

SHELLS: dict[str, type[ShellComplete]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
VARIABLE = "_SIKKERBY_KG_COMPLETE"

# After "name=" comes a value, not the next word.
_NO_SPACE = "\n    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace; fi\n"


@command("completion")
@click.argument("shell", type=OneOf(tuple(SHELLS)), metavar="bash|zsh|fish")
def completion(session: Session, shell: str) -> None:
    """Print the script for a shell; its first lines say how to install it."""
    del session  # it needs no graph
    root = click.get_current_context().find_root().command
    script = SHELLS[shell](root, {}, PROGRAM, VARIABLE).source()
    if shell == "bash":
        script = script.replace("\n    return 0\n", _NO_SPACE + "\n    return 0\n")
    comments = "".join(f"# {line}\n" for line in say(f"completion.{shell}").splitlines())
    # zsh wants "#compdef" on the first line of a file that it loads by itself.
    first, _, rest = script.partition("\n")
    write(f"{first}\n{comments}{rest}\n" if first.startswith("#compdef") else f"{comments}{script}\n", None)
