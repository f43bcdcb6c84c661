#!/bin/sh
# The pipe for Bitbucket: scans, shows the result in Code Insights, and ends as the scan did. It speaks to Bitbucket through
# the proxy that every step has, which adds the credentials itself: no token is in this process.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
folder=$(mktemp -d)
proxy=${LAZARET_INSIGHTS_PROXY:-http://host.docker.internal:29418}
api=${LAZARET_INSIGHTS_API:-http://api.bitbucket.org}

LAZARET_POLICY=${POLICY:-}
LAZARET_FAIL_ON=${FAIL_ON:-}
LAZARET_REPORTS="bitbucket=$folder/insights.json"
if [ -n "${BITBUCKET_PR_DESTINATION_COMMIT:-}" ] && [ "${ALL:-false}" != true ]; then
    LAZARET_BASE=$BITBUCKET_PR_DESTINATION_COMMIT
    export LAZARET_BASE
fi
export LAZARET_POLICY LAZARET_FAIL_ON LAZARET_REPORTS

CODE=0
"$here/scan.sh" || CODE=$?
export CODE

send() {
    curl -fsS --max-time 60 --proxy "$proxy" -H 'Content-Type: application/json' -X "$1" --data-binary @- "$2" >/dev/null ||
        echo "lazaret: Code Insights could not be written" >&2
}

if [ -f "$folder/insights.json" ]; then
    reports=$api/2.0/repositories/$BITBUCKET_REPO_FULL_NAME/commit/$BITBUCKET_COMMIT/reports/lazaret
    jq -c .report "$folder/insights.json" | send PUT "$reports"
    jq -c '.annotations[]' "$folder/insights.json" | while IFS= read -r part; do
        printf '%s' "$part" | send POST "$reports/annotations"
    done
fi
"$here/result.sh"
