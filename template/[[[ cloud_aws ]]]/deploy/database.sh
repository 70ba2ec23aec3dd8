# shellcheck shell=bash
# Database: a new one for this environment with a password that nobody sees, or one of others whose URL is a secret.

uses_own_database() {
  [[ -z ${DATABASE_URL_SECRET_ARN:-} ]]
}

# database_parameters: NAME=VALUE lines for its stack.
database_parameters() {
  local group
  group=$(stack_output "$ENVIRONMENT/environment" InstanceGroup)
  printf '%s\n' "Environment=$ENVIRONMENT" "Network=$NETWORK" "Subnets=$SUBNETS" "InstanceGroup=$group" \
    "Class=$DATABASE_CLASS" "Gigabytes=$DATABASE_GIGABYTES"
  case $ENVIRONMENT in
    production) printf '%s\n' Protection=true BackupDays=14 ;;
    *) printf '%s\n' Protection=false BackupDays=7 ;;
  esac
  if [[ $DATABASE_STANDBY == 1 ]]; then echo Standby=true; else echo Standby=false; fi
}

state_database() {
  local lines parameters
  lines=$(database_parameters)
  readarray -t parameters <<<"$lines"
  stack_state "$ENVIRONMENT/database" "database of $ENVIRONMENT" "${parameters[@]}"
}

ensure_database() {
  local lines parameters
  lines=$(database_parameters)
  readarray -t parameters <<<"$lines"
  apply_stack "$ENVIRONMENT/database" "${parameters[@]}"
}

database_costs() {
  local count=1
  [[ $DATABASE_STANDBY != 1 ]] || count=2
  echo "the database: $count x $DATABASE_CLASS, $count x $DATABASE_GIGABYTES GB, its backups, one secret"
}

found_database() {
  found_stack "$ENVIRONMENT/database" "database of $ENVIRONMENT; its last snapshot stays"
}

# Its protection goes first. AWS takes the snapshot before it deletes.
remove_database() {
  local protection lines parameters
  protection=$(database_protection)
  if [[ $protection == true ]]; then
    lines=$(describe_stack "$ENVIRONMENT/database" |
      jq --raw-output '.Parameters[] | select(.ParameterKey | IN("Service", "Protection") | not) | "\(.ParameterKey)=\(.ParameterValue)"')
    readarray -t parameters <<<"$lines"
    apply_stack "$ENVIRONMENT/database" "${parameters[@]}" Protection=false
  fi
  remove_stack "$ENVIRONMENT/database"
}

# database_protection: true, false, or nothing while there is no database.
database_protection() {
  describe_stack "$ENVIRONMENT/database" |
    jq --raw-output '(.Parameters // [])[] | select(.ParameterKey == "Protection") | .ParameterValue'
}
