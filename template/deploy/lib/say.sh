# shellcheck shell=bash
# How the commands of deploy/ speak: people read stderr, programs the one line on stdout. Every way out passes here.
#
#   say_head WORD TEXT   what begins              exit codes
#   say_step WORD TEXT   what was done               0  done
#   say_end WORD TEXT    what came of it            10  refused, nothing was changed
#   say_next TEXT        what to type next          20  failed; the same command goes on from there
#   doing TEXT           what is going on, for the sentence of a failure that nobody foresaw

shopt -s inherit_errexit 2>/dev/null || {
  printf 'refused   this is bash %s, which overlooks failures\nnext      install bash 4.4 or newer\n' "$BASH_VERSION" >&2
  exit 10
}

TASK="starting"
step_began=$SECONDS

say_head() {
  printf '%-9s %s\n' "$1" "$2" >&2
}

say_step() {
  local took=$((SECONDS - step_began))
  step_began=$SECONDS
  if [[ $took -eq 0 ]]; then
    printf '  %-9s %s\n' "$1" "$2" >&2
  else
    printf '  %-9s %-50s %4s s\n' "$1" "$2" "$took" >&2
  fi
}

say_end() {
  printf '%-9s %s\n' "$1" "$2" >&2
}

say_next() {
  printf '%-9s %s\n' next "$1" >&2
}

doing() {
  TASK=$1
}

# refuse REASON NEXT: before anything was changed.
refuse() {
  say_end refused "$1"
  say_next "$2"
  exit 10
}

# fail REASON NEXT
fail() {
  say_end failed "$1"
  say_next "$2"
  exit 20
}

# refuse and fail have spoken; what else ends a command is explained here, with the task that was going on.
leave() {
  local status=$?
  clean_up
  case $status in
    0 | 10 | 20) exit "$status" ;;
    130 | 143) say_end stopped "$TASK" ;;
    *) say_end failed "$TASK (exit $status); the lines above say why" ;;
  esac
  say_next "repeat the same command once that is mended; what is done stays done"
  exit 20
}

# A command that leaves something behind redefines this.
clean_up() { :; }

show_help() {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p;}' "$0" >&2
}

trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
