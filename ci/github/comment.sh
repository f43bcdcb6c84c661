#!/bin/sh
# Writes a report as one comment on a pull request, and writes it anew each time. It speaks to the runner's own API with the
# runner's own token and to nobody else. A token that may not comment (as that of a fork) is told of and no failure.
#   GITHUB_API_URL, GITHUB_REPOSITORY   from the runner
#   GITHUB_TOKEN                        needs pull-requests: write
#   PULL_REQUEST                        the number
# The argument is the report.
set -eu
marker='<!-- lazaret scan -->'
report=$1

tell() {
    echo "::warning title=Lazaret::$1"
    exit 0
}

[ -f "$report" ] || tell "there is no report to comment with"
command -v jq >/dev/null 2>&1 || tell "jq is missing on this runner, so no comment was written"

call() {
    # The token goes through stdin: arguments can be seen by every process.
    printf 'Authorization: Bearer %s\n' "$GITHUB_TOKEN" |
        curl -fsS --max-time 60 --retry 2 -H @- -H 'Accept: application/vnd.github+json' "$@"
}

comments=$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments
mine= page=1
while [ -z "$mine" ] && [ "$page" -le 30 ]; do
    answer=$(call "$comments?per_page=100&page=$page") || tell "the comments of the pull request could not be read"
    mine=$(printf '%s' "$answer" | jq -r --arg marker "$marker" \
        'map(select((.body // "") | startswith($marker))) | first | .id // empty')
    [ "$(printf '%s' "$answer" | jq length)" -eq 100 ] || break
    page=$((page + 1))
done

body=$(mktemp)
# A comment holds 65,536 characters; the report leaves room, and what is longer is cut rather than refused.
jq -Rs --arg marker "$marker" '{body: ($marker + "\n" + .[0:65000])}' "$report" >"$body"
if [ -n "$mine" ]; then
    call -X PATCH --data-binary "@$body" "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues/comments/$mine" >/dev/null ||
        tell "the comment could not be written; the job needs the permission pull-requests: write"
else
    call -X POST --data-binary "@$body" "$comments" >/dev/null ||
        tell "the comment could not be written; the job needs the permission pull-requests: write"
fi
rm -f "$body"
