# shellcheck shell=bash
# Settings: KEY=value lines that are read, never run, and the checks that a command makes before it begins.

# load_settings FILE: its settings become variables.
load_settings() {
  local file=$1 line
  while IFS= read -r line || [[ -n $line ]]; do
    [[ ! $line =~ ^[[:space:]]*(#|$) ]] || continue
    [[ $line =~ ^[A-Z][A-Z0-9_]*= ]] || refuse "$file: \"$line\" is no setting" "write it as KEY=value, without a space before the sign"
    declare -g "${line%%=*}=${line#*=}"
  done <"$file"
}

# load_environment NAME: the settings of an environment become variables, and ENVIRONMENT is its name.
load_environment() {
  case $1 in
    staging | production) ENVIRONMENT=$1 ;;
    *) refuse "\"$1\" is no environment" "name staging or production" ;;
  esac
  SMOKE_PATH=/health BAKE_MINUTES=5
  load_settings "deploy/environments/$ENVIRONMENT.env"
  [[ $SMOKE_PATH == /* ]] || refuse "SMOKE_PATH is \"$SMOKE_PATH\"" "write a path, such as /v1/items?limit=1"
  [[ $BAKE_MINUTES =~ ^[0-9]{1,3}$ ]] || refuse "BAKE_MINUTES is \"$BAKE_MINUTES\"" "write minutes, such as 5"
}

# place: how the names of an environment begin in the cloud.
place() {
  case $ENVIRONMENT in
    staging) echo "$SERVICE-stg" ;;
    production) echo "$SERVICE-prod" ;;
  esac
}

# need_tool NAME WHY
need_tool() {
  command -v "$1" >/dev/null || refuse "there is no $1 on this machine; $2" "install $1 and repeat"
}

# need_setting NAME HOW: the variable must have a value.
need_setting() {
  [[ -n ${!1:-} ]] || refuse "$1 is not set" "$2"
}

# sha256 FILE: 64 hexadecimal digits.
sha256() {
  openssl dgst -sha256 -r "$1" | cut -d ' ' -f 1
}

# full_commit WORD: the 40 digits of a commit of this repository.
full_commit() {
  git rev-parse --verify --quiet --end-of-options "$1^{commit}" || refuse "\"$1\" is no commit of this repository" "name one that git log shows"
}
