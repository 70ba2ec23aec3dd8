# shellcheck shell=bash
# Waiting: always with an end, and never so that a signal has to wait, too.
#
#   DEPLOY_PAUSE     seconds between two looks (default 5)
#   DEPLOY_DEADLINE  seconds after which a step is given up (default 1800)

DEPLOY_PAUSE=${DEPLOY_PAUSE:-5}
DEPLOY_DEADLINE=${DEPLOY_DEADLINE:-1800}
LONGEST_SILENCE=30

# The shell hears a signal while it waits for a child in the background, not while one is in front.
pause() {
  sleep "${1:-$DEPLOY_PAUSE}" &
  wait "$!"
}

# until_true WHAT PREDICATE [ARGUMENT...]: looks until the predicate holds. In vain, the step is given up.
until_true() {
  local what=$1 since=$SECONDS told=$SECONDS
  shift
  until "$@"; do
    if [[ $((SECONDS - since)) -ge $DEPLOY_DEADLINE ]]; then
      give_up "$what: in vain for $DEPLOY_DEADLINE s"
    fi
    if [[ $((SECONDS - told)) -ge $LONGEST_SILENCE ]]; then
      told=$SECONDS
      say_step waits "$what, for $((SECONDS - since)) s"
    fi
    pause
  done
}
