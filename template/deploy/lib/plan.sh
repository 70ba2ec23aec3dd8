# shellcheck shell=bash
# A plan: what is there, what is missing, what differs. A part NAME is three functions of an adapter:
#   state_NAME   prints "keep", "create" or "change", and what it is
#   ensure_NAME  makes it so; it may be repeated
#   NAME_costs   prints what it costs, if that is worth a word

planned_parts=()
planned_words=()

# plan_add NAME: looks, and shows what it saw.
plan_add() {
  local state
  doing "looking at the $1"
  state=$("state_$1")
  say_step "${state%% *}" "${state#* }"
  [[ ${state%% *} != keep ]] || return 0
  planned_parts+=("$1")
  planned_words+=("$state")
}

plan_is_empty() {
  [[ ${#planned_parts[@]} -eq 0 ]]
}

plan_confirm() {
  local answer
  [[ -t 0 ]] || refuse "nobody is here to agree to this plan" "deploy/setup --yes"
  read -r -p "go ahead? [y/N] " answer
  [[ $answer == [yY]* ]] || refuse "you did not agree" "deploy/setup, whenever you like"
}

plan_apply() {
  local index
  for index in "${!planned_parts[@]}"; do
    doing "${planned_words[index]}"
    "ensure_${planned_parts[index]}"
    say_step "${planned_words[index]%% *}d" "${planned_words[index]#* }"
  done
}

plan_costs() {
  local part
  for part in "$@"; do
    declare -F "${part}_costs" >/dev/null || continue
    say_step costs "$("${part}_costs")"
  done
}
