"""``sikkerby-kg completion``: the script that teaches a shell to complete our commands."""

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from sikkerby_kg.cli.skin import OneOf, Session, command, say, write
from sikkerby_kg.cli.words import PROGRAM

VARIABLE = "_SIKKERBY_KG_COMPLETE"


class SplittingBash(BashComplete):
    """Bash as it is: it splits words at ``=`` and ``:``, and replaces only what follows the last of them."""

    source_template = """\
%(complete_func)s() {
    local IFS=$'\\n' rest=$COMP_LINE words=() index word
    for ((index = 0; index <= COMP_CWORD; index++)); do
        word=${COMP_WORDS[index]}
        if [[ $index -eq 0 || -z $COMP_LINE || $rest == [[:space:]]* ]]; then
            words+=("$word")
        else
            words[${#words[@]}-1]+=$word
        fi
        rest=${rest#"${rest%%%%[![:space:]]*}"}
        rest=${rest#"$word"}
    done
    local current=${words[${#words[@]}-1]} breaks= lead=
    [[ $COMP_WORDBREAKS == *=* ]] && breaks+="="
    [[ $COMP_WORDBREAKS == *:* ]] && breaks+=":"
    if [[ -n $COMP_LINE && -n $breaks && $current == *[$breaks]* ]]; then
        lead=${current%%"${current##*[$breaks]}"}
    fi
    local response completion kind value
    response=$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((${#words[@]} - 1)) \
        %(complete_var)s=bash_complete "$1")
    for completion in $response; do
        IFS="," read -r kind value <<< "$completion"
        case $kind in
            dir) COMPREPLY=() && compopt -o dirnames ;;
            file) COMPREPLY=() && compopt -o default ;;
            plain) COMPREPLY+=("${value#"$lead"}") ;;
        esac
    done
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace; fi
    return 0
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


SHELLS: dict[str, type[ShellComplete]] = {"bash": SplittingBash, "zsh": ZshComplete, "fish": FishComplete}


@command("completion")
@click.argument("shell", type=OneOf(tuple(SHELLS)), metavar="bash|zsh|fish")
def completion(session: Session, shell: str) -> None:
    """Print the script for a shell; its first lines say how to install it."""
    del session  # it needs no graph
    root = click.get_current_context().find_root().command
    script = SHELLS[shell](root, {}, PROGRAM, VARIABLE).source()
    comments = "".join(f"# {line}\n" for line in say(f"completion.{shell}").splitlines())
    # zsh wants "#compdef" on the first line of a file that it loads by itself.
    first, _, rest = script.partition("\n")
    write(f"{first}\n{comments}{rest}\n" if first.startswith("#compdef") else f"{comments}{script}\n", None)
