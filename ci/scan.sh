#!/bin/sh
# Scans the project in this folder and writes the reports that are asked for. Its exit code is that of the scan.
#   LAZARET_BASE     only what is new or changed against this commit
#   LAZARET_POLICY   a policy file or preset
#   LAZARET_FAIL_ON  unknown, incomplete, suspicious, separated by commas
#   LAZARET_PATHS    what to scan, one a line; without it, this folder
#   LAZARET_REPORTS  the reports, one a line: FORMAT=FILE
# Other arguments go to `lazaret scan`.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
lazaret=$("$here/obtain.sh")

if [ -n "${LAZARET_BASE:-}" ]; then
    # A shallow clone holds the newest commit only.
    git cat-file -e "$LAZARET_BASE^{commit}" 2>/dev/null ||
        git fetch --quiet --no-tags --depth=1 origin "$LAZARET_BASE" ||
        { echo "lazaret: the base $LAZARET_BASE could not be fetched" >&2; exit 2; }
    set -- "$@" --diff "$LAZARET_BASE"
fi
[ -z "${LAZARET_POLICY:-}" ] || set -- "$@" --policy "$LAZARET_POLICY"
[ -z "${LAZARET_FAIL_ON:-}" ] || set -- "$@" --fail-on "$LAZARET_FAIL_ON"
set -- "$@" --
while IFS= read -r path; do
    [ -z "$path" ] || set -- "$@" "$path"
done <<EOF
${LAZARET_PATHS:-.}
EOF

# What was analysed once is in the cache, so the reports cost little more than one.
code=0
"$lazaret" scan --format terminal "$@" || code=$?
case $code in 1 | 2) exit "$code" ;; esac
while IFS='=' read -r format file; do
    [ -z "$format" ] || "$lazaret" scan --quiet --format "$format" --output "$file" "$@" || [ "$?" -eq "$code" ] ||
        { echo "lazaret: the report $file could not be written" >&2; exit 1; }
done <<EOF
${LAZARET_REPORTS:-}
EOF
exit "$code"
