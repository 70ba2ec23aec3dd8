# shellcheck shell=bash
# Smoke: what a version must answer before users meet it, and whether they meet it. Asked from outside, as users do.

TIMES_IN_A_ROW=5
# For those who run the service, never for the internet.
CLOSED_PATHS="/ready /metrics"

# probe PATH: asks $URL, which find_url has set. Sets PROBE_STATUS (000 without an answer), PROBE_COMMIT (the commit that
# says it answered) and PROBE_BODY.
probe() {
  local answer
  PROBE_STATUS=000 PROBE_COMMIT="" PROBE_BODY=""
  answer=$(curl --silent --show-error --max-time 10 "${URL_OPTIONS[@]}" --write-out '\n%{http_code} %header{x-service-version}' "$URL$1" 2>&1) || return 0
  read -r PROBE_STATUS PROBE_COMMIT <<<"${answer##*$'\n'}"
  PROBE_BODY=${answer%$'\n'*}
}

# expect PATH COMMIT: 200 by this commit, or the step is given up.
expect() {
  probe "$1"
  [[ $PROBE_STATUS == 200 ]] || give_up "GET $1 gave $PROBE_STATUS: ${PROBE_BODY:0:200}"
  [[ $PROBE_COMMIT == "$2" ]] || give_up "GET $1 was answered by ${PROBE_COMMIT:-an unknown version}, not by $2"
}

# smoke WHERE COMMIT: live or candidate.
smoke() {
  local path version
  find_url "$1"
  doing "asking $URL for its health, its version and one read"
  expect /health "$2"
  expect /version "$2"
  version=$(jq --raw-output .commit <<<"$PROBE_BODY")
  [[ $version == "$2" ]] || give_up "GET /version says $version, its header $2"
  expect "$SMOKE_PATH" "$2"
  for path in $CLOSED_PATHS; do
    probe "$path"
    [[ $PROBE_STATUS =~ ^(401|403|404)$ ]] || give_up "GET $path gave $PROBE_STATUS to the internet; it must be closed"
  done
  say_step smoke "health, version, GET $SMOKE_PATH; closed: ${CLOSED_PATHS// /, }"
}

# see_commit COMMIT [BEFORE]: the live address answers as this commit, time after time. Until then the one before may answer.
see_commit() {
  find_url live
  doing "waiting until $URL answers as ${1:0:7}"
  until_true "$URL answers as ${1:0:7}, $TIMES_IN_A_ROW times in a row" answers_in_a_row "$1" "${2:-}"
}

# serves COMMIT: whether the live address answers as this commit now.
serves() {
  find_url live
  answers_in_a_row "$1" ""
}

answers_in_a_row() {
  local seen
  for ((seen = 0; seen < TIMES_IN_A_ROW; seen++)); do
    probe /version
    [[ $PROBE_STATUS == 200 ]] || return 1
    [[ -z $2 || $PROBE_COMMIT == "$1" || $PROBE_COMMIT == "$2" ]] || give_up "$URL answers as ${PROBE_COMMIT:-an unknown version}"
    [[ $PROBE_COMMIT == "$1" ]] || return 1
  done
}
