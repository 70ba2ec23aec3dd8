# shellcheck shell=bash
# A plan: what is there, what is missing, what differs. A part NAME is some functions of an adapter:
#   state_NAME   prints lines: "keep", "create" or "change", and what it is
#   ensure_NAME  makes it so; it may be repeated
#   NAME_costs   prints what it costs and the figure behind that, if it costs anything
#   found_NAME   prints lines: "remove", and what it is; nothing if it is gone
#   remove_NAME  removes it; it may be repeated

YES="" ENVIRONMENT=""
planned_parts=()
declare -A planned_lines=()

# read_arguments ARGUMENT...: sets YES, and ENVIRONMENT with its settings if one is named.
read_arguments() {
  local word name=""
  for word in "$@"; do
    case $word in
      --help | -h) show_help && exit ;;
      --yes) YES=$word ;;
      -* | "") refuse "\"$word\" is no option" "$0 --help" ;;
      *)
        [[ -z $name ]] || refuse "one environment at a time" "$0 $name"
        name=$word
        ;;
    esac
  done
  load_settings deploy/service.env
  [[ -z $name ]] || load_environment "$name"
}

# plan_add state|found NAME: looks, and shows what it saw.
plan_add() {
  local part=$2 lines word what
  doing "looking at the $part"
  lines=$("$1_$part")
  while read -r word what; do
    [[ -n $word ]] || continue
    say_step "$word" "$what"
    [[ $word == keep ]] || planned_lines[$part]+=${planned_lines[$part]:+$'\n'}"$word $what"
  done <<<"$lines"
  [[ -z ${planned_lines[$part]:-} ]] || planned_parts+=("$part")
}

plan_is_empty() {
  [[ ${#planned_parts[@]} -eq 0 ]]
}

# plan_confirm QUESTION PATTERN: the answer has to be like that.
plan_confirm() {
  local answer
  [[ -z $YES ]] || return 0
  [[ -t 0 ]] || refuse "nobody is here to agree to this plan" "$0 --yes${ENVIRONMENT:+ $ENVIRONMENT}"
  read -r -p "$1" answer
  [[ $answer =~ $2 ]] || refuse "you did not agree" "$0${ENVIRONMENT:+ $ENVIRONMENT}, whenever you like"
}

# plan_apply ensure|remove
plan_apply() {
  local part word what
  for part in "${planned_parts[@]}"; do
    doing "${planned_lines[$part]%%$'\n'*}"
    "$1_$part"
    while read -r word what; do
      say_step "${word%e}ed" "$what"
    done <<<"${planned_lines[$part]}"
  done
}

plan_costs() {
  local part
  for part in "$@"; do
    declare -F "${part}_costs" >/dev/null || continue
    say_step costs "$("${part}_costs")"
  done
}

# How a wait in vain ends here.
give_up() {
  fail "$1" "repeat $0 once that is mended; what is done stays done"
}
