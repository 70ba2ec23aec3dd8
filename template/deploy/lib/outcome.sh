# shellcheck shell=bash
# How a change of an environment ends, whatever ended it: done, undone, or stuck. Every begin and every end is an event in
# the journal in the cloud, so that the next run knows what a killed one was about.
#
# exit codes: 0 done, 10 refused and nothing changed, 20 failed and undone, 21 failed and not undone

declare -A not_done=([release]="not released" [rollback]="not rolled back")

# Where programs read, even if a signal ends a command whose output goes elsewhere.
exec {OUT}>&1

phase=before
change_kind=""
change_commit=""
change_before=""
change_artifact=""
BEGAN=$(date -u +%Y-%m-%dT%H:%M:%SZ)

# describe_change KIND COMMIT BEFORE ARTIFACT
describe_change() {
  change_kind=$1 change_commit=$2 change_before=$3 change_artifact=$4
}

# begin_change KIND COMMIT BEFORE ARTIFACT: from here on a failure is undone.
begin_change() {
  describe_change "$@"
  doing "noting in the journal what begins"
  record_event "$(event begun)"
  phase=changed
}

# finish RESULT
finish() {
  phase=over
  doing "noting in the journal what came of it"
  note_event "$1"
}

# The outcome stands whether the journal takes it or not.
note_event() {
  local event
  event=$(event "$1")
  echo "$event" >&"$OUT"
  record_event "$event" || say_step warning "the journal did not take this event: $event"
}

event() {
  jq --null-input --compact-output \
    --arg service "$SERVICE" --arg environment "$ENVIRONMENT" --arg kind "$change_kind" --arg commit "$change_commit" \
    --arg artifact "$change_artifact" --arg before "$change_before" --arg result "$1" --arg url "$LIVE_URL" \
    --arg began "$BEGAN" --argjson seconds "$SECONDS" '$ARGS.named'
}

# unfinished_event: what a killed run began, as JSON, or nothing. What stepped aside counts as never begun.
unfinished_event() {
  recorded_events 20 | jq --slurp --compact-output '
    def run: .began + .commit;
    map(select(.result == "refused") | run) as $refused
    | map(select(run | IN($refused[]) | not)) | last // empty | select(.result | IN("begun", "stuck"))'
}

# last_good NOW UNFINISHED: the commit to go back to. What a killed run has put in place is not it.
last_good() {
  if [[ -n $2 && $(jq --raw-output .commit <<<"$2") == "$1" ]]; then
    jq --raw-output .before <<<"$2"
  else
    echo "$1"
  fi
}

# wait_for_others: a killed run, or somebody at a console, may have left something under way.
wait_for_others() {
  doing "waiting for what is under way in $ENVIRONMENT"
  until_true "something is under way in $ENVIRONMENT" is_settled
}

say_before() {
  if [[ -n $1 ]]; then
    say_step before "${1:0:7} serves 100%"
  else
    say_step before "no version to go back to"
  fi
}

duration() {
  if [[ $SECONDS -lt 60 ]]; then
    echo "$SECONDS s"
  else
    echo "$((SECONDS / 60)) min $((SECONDS % 60)) s"
  fi
}

# step_aside REASON: somebody else was first, and nothing of this run has taken effect.
step_aside() {
  record_event "$(event refused)"
  phase=before
  refuse "$1" "deploy/status $ENVIRONMENT, and repeat when that is done"
}

# give_up REASON: this step has failed; what was changed is undone on the way out.
give_up() {
  say_step failed "$1"
  exit 20
}

# Strict mode is off where a command is tested, hence the plain subshell.
leave() {
  local status=$?
  trap '' INT TERM HUP
  set +e
  clean_up
  explain "$status"
  case $phase in
    over) exit 0 ;;
    before)
      [[ $status -ne 0 ]] || exit 0
      [[ $status -eq 10 ]] || say_end "not begun" "nothing was changed"
      exit 10
      ;;
  esac
  (
    set -e
    trap - EXIT
    undo
  )
  status=$?
  if [[ $status -eq 10 ]]; then
    say_end "${not_done[$change_kind]}" "what somebody else does in $ENVIRONMENT goes on"
    exit 10
  elif [[ $status -eq 0 ]]; then
    note_event undone
    say_end "${not_done[$change_kind]}" "$ENVIRONMENT is as before"
    say_next "deploy/status $ENVIRONMENT; monitoring/runbooks/release-failed.md"
    exit 20
  fi
  note_event stuck
  say_end stuck "$ENVIRONMENT is neither as before nor as wanted; somebody has to look now"
  say_next "deploy/status $ENVIRONMENT, then deploy/rollback $ENVIRONMENT; monitoring/runbooks/release-failed.md"
  exit 21
}

explain() {
  case $1 in
    0 | 10 | 20) ;;
    130 | 143) say_step stopped "by a signal, while $TASK" ;;
    *) say_step failed "$TASK; the lines above say why" ;;
  esac
}

# What was there before is read from the cloud and seen at the live address.
undo() {
  local before=$change_before
  leave_others_alone
  doing "going back to ${before:0:7}"
  go_back_to "$before"
  if [[ -z $before ]]; then
    say_step undone "nothing, as there is no version to go back to"
    return
  fi
  find_url live
  doing "waiting until $URL answers as ${before:0:7}"
  until_true "$URL answers as ${before:0:7}, $TIMES_IN_A_ROW times in a row" is_back "$before"
  say_step undone "${before:0:7} serves 100%, seen $TIMES_IN_A_ROW of $TIMES_IN_A_ROW"
}

# is_back COMMIT: users get it.
is_back() {
  ! answers_in_a_row "$1" "" || return 0
  leave_others_alone
  return 1
}

# leave_others_alone [SERVING]: what somebody else has deployed since this run looked (`now`) stays.
leave_others_alone() {
  local serving=${1:-}
  [[ -n $serving ]] || serving=$(current) || return 0 # it is not to be seen now
  [[ $serving =~ ^[0-9a-f]{40}$ ]] || return 0
  [[ $serving =~ ^(${now:-$change_before}|$change_before|$change_commit)$ ]] || step_aside "somebody else has deployed ${serving:0:7}"
}
