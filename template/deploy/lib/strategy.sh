# shellcheck shell=bash
# Strategies: how a new version takes over. A runtime says of each who decides the steps: the `engine`, which is this
# file, or the `platform`, which is then watched from here.

MISSES_ALLOWED=2

# take_over COMMIT BEFORE
take_over() {
  case $(driver_of "$STRATEGY") in
    engine) shift_by_schedule "$1" "$2" ;;
    platform) shift_by_platform "$1" "$2" ;;
  esac
}

# schedule: the shares of traffic that the new version gets, in percent, one after the other.
schedule() {
  case $STRATEGY in
    canary) echo 10 100 ;;
    *) echo 100 ;;
  esac
}

shift_by_schedule() {
  local commit=$1 before=$2 percent
  smoke candidate "$commit"
  for percent in $(schedule); do
    doing "giving $percent% to ${commit:0:7}"
    shift_traffic "$percent" "$commit"
    [[ $percent -eq 100 ]] || bake "$percent" "$commit" "$before"
  done
}

# bake PERCENT COMMIT BEFORE: with a share of the traffic on the new version, what users get is watched.
bake() {
  local ends=$((SECONDS + BAKE_MINUTES * 60))
  begin_watch
  while [[ $SECONDS -lt $ends ]]; do
    watch_once "$2" "$3"
    pause
  done
  say_step shifted "$1% to ${2:0:7}, probes: $probes, failed: $misses"
}

shift_by_platform() {
  local commit=$1 before=$2 ends=$((SECONDS + DEPLOY_DEADLINE))
  [[ $STRATEGY != canary ]] || ends=$((ends + BAKE_MINUTES * 60))
  doing "handing ${commit:0:7} to the platform"
  shift_traffic 100 "$commit"
  doing "watching the platform bring up ${commit:0:7}"
  begin_watch
  while is_moving; do
    watch_once "$commit" "$before"
    [[ $SECONDS -lt $ends ]] || give_up "the platform came to no end in $((ends / 60)) minutes"
    pause
  done
  doing "asking the platform what came of it"
  check_arrival "$commit"
  say_step shifted "100%, $STRATEGY by the platform, probes: $probes, failed: $misses"
}

begin_watch() {
  probes=0 misses=0
  find_url live
}

# watch_once COMMIT BEFORE: one read as a user makes it. More bad answers than allowed, or one by a stranger, end the release.
watch_once() {
  probe "$SMOKE_PATH"
  probes=$((probes + 1))
  if [[ ! $PROBE_STATUS =~ ^2 ]]; then
    misses=$((misses + 1))
    [[ $misses -le $MISSES_ALLOWED ]] || give_up "probe $probes: GET $SMOKE_PATH gave $PROBE_STATUS by ${PROBE_COMMIT:-nobody}"
  elif [[ -n $2 && $PROBE_COMMIT != "$1" && $PROBE_COMMIT != "$2" ]]; then
    give_up "probe $probes: ${PROBE_COMMIT:-an unknown version} answers, neither ${1:0:7} nor ${2:0:7}"
  fi
}
