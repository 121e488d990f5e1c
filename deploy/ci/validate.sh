#!/bin/sh
# Validates in a job of GitHub Actions: annotations on standard output, SARIF in a file, the report in the summary
# of the job. What is asked for stands in the environment, as action.yml sets it. Ends as sikkerby-kg validate does.
set -u

set -- --root "${ROOT:-.}" --lang "${MESSAGES:-da}" --severity "${SEVERITY:-violation}"
if [ -n "${BASELINE:-}" ]; then
    set -- "$@" --baseline "$BASELINE"
fi

report=$(mktemp)
trap 'rm -f "$report"' EXIT
sarif=${SARIF:-validation.sarif}
set -- "$@" --format sarif --output "$sarif" --format text --output "$report" --format github --

# One path a line, so that a name may have blanks in it.
while IFS= read -r path; do
    if [ -n "$path" ]; then
        set -- "$@" "$path"
    fi
done <<PATHS_END
${PATHS:-}
PATHS_END

sikkerby-kg validate "$@"
code=$?

if [ -n "${GITHUB_OUTPUT:-}" ]; then
    echo "sarif=$sarif" >>"$GITHUB_OUTPUT"
fi
if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -s "$report" ]; then
    { printf '````text\n'; head -c 900000 "$report"; printf '\n````\n'; } >>"$GITHUB_STEP_SUMMARY"
fi
exit "$code"
