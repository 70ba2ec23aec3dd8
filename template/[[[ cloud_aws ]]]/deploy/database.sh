# shellcheck shell=bash
# Database: a new one for this environment with a password that nobody sees, or one of others whose URL is a secret.

uses_own_database() {
  [[ -z ${DATABASE_URL_SECRET_ARN:-} ]]
}

# check_database_url: the secret of others has to be there, for machines read it when they start.
check_database_url() {
  ! uses_own_database || return 0
  [[ $DATABASE_URL_SECRET_ARN =~ ^arn:[a-z-]+:secretsmanager:$AWS_REGION: ]] ||
    refuse "DATABASE_URL_SECRET_ARN is no secret in $AWS_REGION" "give the full ARN that Secrets Manager shows, in $ENVIRONMENT_FILE"
  doing "looking for the secret that DATABASE_URL_SECRET_ARN names"
  aws_call secretsmanager describe-secret --secret-id "$DATABASE_URL_SECRET_ARN" >/dev/null
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
  aws_call cloudformation deploy --stack-name "$(stack_of "$ENVIRONMENT/database")" --template-file deploy/cloudformation/database.yaml \
    --parameter-overrides Protection=false --capabilities CAPABILITY_NAMED_IAM --no-fail-on-empty-changeset >/dev/null
  remove_stack "$ENVIRONMENT/database"
}

# database_protection: true, false, or nothing while there is no database.
database_protection() {
  describe_stack "$ENVIRONMENT/database" |
    jq --raw-output '(.Parameters // [])[] | select(.ParameterKey == "Protection") | .ParameterValue'
}
