#!/bin/sh
# The first step of the GitHub Action: scans, writes the reports, and hands the exit code on to the last step.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
folder=$(mktemp -d)

LAZARET_REPORTS="markdown=$folder/comment.md
sarif=$folder/lazaret.sarif
json=$folder/lazaret.json
step-summary=$folder/summary.md
github=$folder/annotations.txt"
export LAZARET_REPORTS

code=0
"$here/../scan.sh" || code=$?
[ ! -f "$folder/summary.md" ] || cat "$folder/summary.md" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
[ ! -f "$folder/annotations.txt" ] || cat "$folder/annotations.txt"
{
    echo "code=$code"
    echo "comment=$folder/comment.md"
    echo "sarif=$folder/lazaret.sarif"
    echo "json=$folder/lazaret.json"
} >>"${GITHUB_OUTPUT:-/dev/stdout}"
