# shellcheck shell=bash
# What Elastic Beanstalk stands on: the application with its versions, and the environments with their options. They are made
# by commands, not by a stack, for a stack would undo what releases and swaps of addresses change.

. deploy/network.sh
. deploy/secrets.sh
. deploy/database.sh
. deploy/domain.sh
. deploy/options.sh
. deploy/machines.sh

runtime_parts() {
  echo versions application
}

# environment_parts: in the order in which they are made.
environment_parts() {
  local parts=environment
  ! uses_own_database || parts+=" database"
  ! uses_own_zone || parts+=" certificate"
  parts+=" machines"
  ! uses_own_zone || parts+=" domain"
  echo "$parts $(monitoring_parts)"
}

# removable_parts: in the order in which they go. A name goes before what it leads to, for others could take that over.
removable_parts() {
  echo monitoring domain machines database certificate environment
}

# fill_settings: what the file of an environment leaves out, as older ones do.
fill_settings() {
  ENVIRONMENT_FILE=deploy/environments/$ENVIRONMENT.env
  : "${MIN_INSTANCES:=1}" "${MAX_INSTANCES:=$MIN_INSTANCES}" "${INSTANCE_TYPE:=t3.small}" "${LOG_DAYS:=30}" "${BAKE_MINUTES:=5}"
  : "${DATABASE_CLASS:=db.t4g.small}" "${DATABASE_GIGABYTES:=20}"
  [[ $ENVIRONMENT == staging ]] || : "${DATABASE_STANDBY:=1}"
  : "${DATABASE_STANDBY:=0}"
}

# check_environment: what cannot be is refused before anything begins.
check_environment() {
  fill_settings
  check_number MIN_INSTANCES 1 10000
  check_number MAX_INSTANCES "$MIN_INSTANCES" 10000
  check_number DATABASE_GIGABYTES 20 65536
  check_number BAKE_MINUTES 3 600
  [[ $(address idle) =~ ^[a-z0-9][a-z0-9-]{2,61}[a-z0-9]$ ]] ||
    refuse "\"$CNAME_PREFIX\" is no part of an address" "write CNAME_PREFIX in small letters, digits and hyphens in $ENVIRONMENT_FILE"
  [[ " 1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1827 3653 " == *" $LOG_DAYS "* ]] ||
    refuse "LOG_DAYS=$LOG_DAYS is no time that AWS keeps logs" "set 7, 14, 30, 90 or 365 in $ENVIRONMENT_FILE"
  check_domain
}

# check_number NAME LEAST MOST
check_number() {
  [[ ${!1} =~ ^[1-9][0-9]{0,5}$ && ${!1} -ge $2 && ${!1} -le $3 ]] ||
    refuse "$1=${!1} is not between $2 and $3" "correct it in $ENVIRONMENT_FILE"
}

# find_surroundings: what the environment stands on and nobody makes here.
find_surroundings() {
  find_network
  check_secrets
  check_certificate
}

# Versions: the bucket and the role that removes old versions.

state_versions() {
  stack_state versions "bucket for bundles"
}

ensure_versions() {
  apply_stack versions
}

versions_costs() {
  echo "the bucket: stored gigabytes"
}

# Application

state_application() {
  local found
  found=$(aws_call elasticbeanstalk describe-applications --application-names "$SERVICE" --query "Applications[].ApplicationName" --output text)
  if [[ -n $found ]]; then echo "keep application $SERVICE"; else echo "create application $SERVICE"; fi
}

# An account holds 1,000 versions in a region, and every release branch commit makes one: old ones go, bundle included.
# Elastic Beanstalk keeps those that an environment runs.
ensure_application() {
  local role
  role=$(role_arn cleaner)
  aws_call elasticbeanstalk create-application --application-name "$SERVICE" --tags Key=Service,Value="$SERVICE" Key=Owner,Value="$OWNER" \
    --resource-lifecycle-config "ServiceRole=$role,VersionLifecycleConfig={MaxCountRule={Enabled=true,MaxCount=200,DeleteSourceFromS3=true}}" >/dev/null
}

# Environment: its roles and the group of its machines.

# environment_parameters: NAME=VALUE lines for its stack.
environment_parameters() {
  local subjects secrets
  subjects=$(trusted_subjects "$ENVIRONMENT")
  secrets=$(secrets | sed 's/^[^=]*=//' | sort -u)
  secrets=${secrets:-none}
  printf '%s\n' "Environment=$ENVIRONMENT" "Place=$(place)" "Network=$NETWORK" "SecretArns=${secrets//$'\n'/,}" \
    "TrustedSubjects=${subjects//$'\n'/,}"
}

state_environment() {
  local lines parameters
  lines=$(environment_parameters)
  readarray -t parameters <<<"$lines"
  stack_state "$ENVIRONMENT/environment" "roles of $ENVIRONMENT" "${parameters[@]}"
}

ensure_environment() {
  local lines parameters
  lines=$(environment_parameters)
  readarray -t parameters <<<"$lines"
  apply_stack "$ENVIRONMENT/environment" "${parameters[@]}"
}

found_environment() {
  found_stack "$ENVIRONMENT/environment" "roles of $ENVIRONMENT"
}

remove_environment() {
  remove_stack "$ENVIRONMENT/environment"
}

# Alarms may be there from the time when the cloud watched; deploy/monitoring.sh then knows nothing of them any more.

found_monitoring() {
  found_stack "$ENVIRONMENT/monitoring" "alarms of $ENVIRONMENT"
}

remove_monitoring() {
  remove_stack "$ENVIRONMENT/monitoring"
}

# say_unused PART...: what other settings have left behind. Nothing of it is removed here.
say_unused() {
  local lines name stack part found
  lines=$(names spare)
  for name in $lines; do
    say_step unused "environment $name; to remove it: aws elasticbeanstalk terminate-environment --environment-name $name"
  done
  for part in database certificate domain monitoring; do
    found=$(describe_stack "$ENVIRONMENT/$part")
    [[ " $* " != *" $part "* && $found != null ]] || continue
    stack=$(stack_of "$ENVIRONMENT/$part")
    say_step unused "stack $stack; to remove it: aws cloudformation delete-stack --stack-name $stack"
  done
}

# say_remaining: what outlives an environment, and how to be rid of it when the last environment is gone.
say_remaining() {
  local bucket=$SERVICE-zip-$ACCOUNT-$AWS_REGION delete="aws cloudformation delete-stack --stack-name $SERVICE"
  say_step remains "logs of the machines, until they expire: aws logs describe-log-groups --log-group-name-prefix /aws/elasticbeanstalk/$(place)"
  ! uses_own_database ||
    say_step remains "last snapshot: aws rds describe-db-snapshots --query \"DBSnapshots[?starts_with(DBSnapshotIdentifier, '$(stack_of "$ENVIRONMENT/database")')]\""
  say_step remains "journal: $delete-journal, then aws logs delete-log-group --log-group-name /$SERVICE/releases"
  [[ $(artifact_kind) != image ]] ||
    say_step remains "registry: $delete-registry, then aws ecr delete-repository --force --repository-name $SERVICE"
  say_step remains "application: aws elasticbeanstalk delete-application --application-name $SERVICE"
  say_step remains "bucket: $delete-versions, then empty and delete $bucket at the console"
  say_step remains "role of the pipeline: $delete-publisher"
}
