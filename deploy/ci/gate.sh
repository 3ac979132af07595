#!/bin/sh
# gate.sh IMAGE [STANDARD [STAGE]]: scan an image and hold it against a standard, for any pipeline that has a shell.
#
# The first run has no baseline: it writes plimsoll-baseline.json (keep it with the code) and passes, so that old findings
# do not stop anybody on the first day; from then on what is new blocks. Delete the file to start over.
# Leaves plimsoll-report.json, plimsoll-report.html and, for Jenkins and GitLab, plimsoll-jenkins.json and
# plimsoll-quality.json. Exit code: 0 passes, 1 blocked, 2 usage, 3 could not scan, 4 parts were unreadable.
set -eu
image=${1:?usage: gate.sh IMAGE [STANDARD [STAGE]]}
standard=${2:-baseline}
stage=${3:-build}
baseline=${PLIMSOLL_BASELINE_FILE:-plimsoll-baseline.json}

plimsoll scan "$image" --format json=plimsoll-report.json --format html=plimsoll-report.html
if [ ! -f "$baseline" ]; then
  cp plimsoll-report.json "$baseline"
  echo "plimsoll: first run: $baseline holds what is there today; commit it, and from now on only what is new blocks" >&2
fi
exec plimsoll gate plimsoll-report.json --standard "$standard" --stage "$stage" --baseline "$baseline" \
  --format verdict --format jenkins=plimsoll-jenkins.json --format gitlab-quality=plimsoll-quality.json
