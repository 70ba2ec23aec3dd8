# shellcheck shell=bash
# The runtime is Elastic Beanstalk: versions of an application, and environments that run one each. The live environment is
# the one at the live address; of a blue-green pair, the other one waits at the idle address.

. deploy/lib/pack.sh
. deploy/version.sh

HEALTH_LOOKS=12

overtaken="" # says so where somebody else has swapped the pair, and so has given all traffic to what this run brings up

# driver_of STRATEGY: who decides the steps, or nothing for a strategy that Elastic Beanstalk has not.
driver_of() {
  case $1 in
    blue-green) echo engine ;;
    canary | rolling) echo platform ;;
  esac
}

# policy_of STRATEGY: what Elastic Beanstalk calls it.
policy_of() {
  case $1 in
    canary) echo TrafficSplitting ;;
    rolling) echo RollingWithAdditionalBatch ;;
    blue-green) echo AllAtOnce ;;
  esac
}

# address live|idle: how the CNAME begins.
address() {
  case $1 in
    live) echo "${CNAME_PREFIX:-$(place)}" ;;
    idle | candidate) echo "${CNAME_PREFIX:-$(place)}-idle" ;;
  esac
}

# fields_of live|idle FIELDS: fields of an environment in one line, as JMESPath names them; "None" for what is not there.
fields_of() {
  aws_call elasticbeanstalk describe-environments --application-name "$SERVICE" --no-include-deleted --output text \
    --query "Environments[?starts_with(CNAME || '', '$(address "$1").')] | [0].$2"
}

# field_of live|idle FIELD
field_of() {
  local value
  value=$(fields_of "$1" "$2")
  [[ $value == None ]] || echo "$value"
}

# find_environment: sets LIVE_URL; refuses where there is nothing to release to.
# shellcheck disable=SC2034 # lib/outcome.sh tells it
find_environment() {
  local where cname
  need_version_tools
  for where in live $([[ $STRATEGY != blue-green ]] || echo idle); do
    doing "asking for the $where environment"
    cname=$(field_of "$where" CNAME)
    [[ -n $cname ]] || refuse "Elastic Beanstalk has no environment at $(address "$where")" "deploy/setup $ENVIRONMENT"
    [[ $where != live ]] || LIVE_URL=$(url_of "$cname")
  done
}

# url_of CNAME: by a name of ours, or plain HTTP on the platform's own.
url_of() {
  if [[ -n ${DOMAIN:-} ]]; then echo "https://$DOMAIN"; else echo "http://$1"; fi
}

# find_url live|candidate: sets URL and, for a name of ours, how to reach a machine that has the name not yet.
# shellcheck disable=SC2034 # lib/smoke.sh asks there
find_url() {
  local where=$1 cname
  [[ -z $overtaken ]] || where=live
  cname=$(field_of "$where" CNAME)
  URL=$(url_of "$cname") URL_OPTIONS=()
  [[ $where == live || -z ${DOMAIN:-} ]] || URL_OPTIONS=(--connect-to "$DOMAIN:443:$cname:443")
}

# current: the commit of the live environment, or nothing while it runs what AWS gave it.
current() {
  local label
  label=$(field_of live VersionLabel)
  [[ ! $label =~ ^[0-9a-f]{40}$ ]] || echo "$label"
}

is_ready() {
  [[ $(field_of "$1" Status) == Ready ]]
}

is_settled() {
  is_ready live && { [[ $STRATEGY != blue-green ]] || is_ready idle; }
}

is_moving() {
  ! is_settled
}

# is_healthy COMMIT [live|idle]
is_healthy() {
  [[ $(fields_of "${2:-live}" '[VersionLabel, Status, HealthStatus]') =~ ^$1[[:space:]]Ready[[:space:]](Ok|Info)$ ]]
}

# check_arrival COMMIT [live|idle]: the deployment has ended; with this version, and well?
check_arrival() {
  local where=${2:-live} label look
  label=$(fields_of "$where" VersionLabel)
  if [[ $label =~ ^[0-9a-f]{40}$ && ! $label =~ ^($1|$replaced)$ ]]; then
    [[ $where == idle && $(current) == "$1" ]] || step_aside "somebody else has deployed ${label:0:7}"
    where=live label=$1 overtaken="and live, since somebody else has swapped the addresses"
  fi
  [[ $label == "$1" ]] || give_up "Elastic Beanstalk went back to ${label:0:7}$(reasons "$where")"
  for ((look = 0; look < HEALTH_LOOKS; look++)); do
    ! is_healthy "$1" "$where" || return 0
    pause
  done
  give_up "the $where environment is $(field_of "$where" HealthStatus)$(reasons "$where")"
}

# reasons live|idle: what Elastic Beanstalk called errors since this run began.
reasons() {
  local name
  name=$(field_of "$1" EnvironmentName)
  aws_call elasticbeanstalk describe-events --environment-name "$name" --severity ERROR --start-time "$BEGAN" \
    --output json | jq --raw-output '.Events[:3][] | ": \(.Message)"' | tr -d '\n'
}

migrate() {
  say_step migrates "on the machines, before the new version starts"
}

# stage ARTIFACT COMMIT: what can be made ready without traffic.
stage() {
  ensure_version "$1" "$2"
  if [[ $STRATEGY == blue-green ]]; then
    deploy_to idle "$2"
    say_step staged "${2:0:7} is up, ${overtaken:-no traffic}"
  fi
}

ensure_version() {
  local artifact=$1 commit=$2 found
  found=$(stored_version "$commit")
  if [[ -z $found ]]; then
    make_version "$artifact" "$commit"
  fi
}

# deploy_to live|idle COMMIT: from the call to the verdict.
deploy_to() {
  overtaken=""
  start_deployment "$1" "$2"
  doing "waiting for ${2:0:7} in the $1 environment"
  until_true "the $1 environment gets ${2:0:7}" is_ready "$1"
  check_arrival "$2" "$1"
}

# start_deployment live|idle COMMIT: sets `replaced`, what that environment ran.
start_deployment() {
  local name found
  found=$(fields_of "$1" '[EnvironmentName, VersionLabel]')
  read -r name replaced <<<"$found"
  [[ $1 != live ]] || leave_others_alone "$replaced"
  use_policy "$1" "$name" "$(policy_of "$STRATEGY")"
  doing "deploying ${2:0:7} to $name"
  update_environment "$name" --version-label "$2"
}

# use_policy live|idle NAME POLICY: a version and a setting cannot change in one call.
use_policy() {
  local where=$1 name=$2 policy=$3 have
  have=$(aws_call elasticbeanstalk describe-configuration-settings --application-name "$SERVICE" --environment-name "$name" --output text \
    --query "ConfigurationSettings[0].OptionSettings[?OptionName == 'DeploymentPolicy'].Value | [0]")
  [[ $have != "$policy" ]] || return 0
  doing "changing the deployment policy of $name to $policy"
  update_environment "$name" --option-settings "Namespace=aws:elasticbeanstalk:command,OptionName=DeploymentPolicy,Value=$policy"
  until_true "$name changes its policy" is_ready "$where"
}

# update_environment NAME CHANGE...: Elastic Beanstalk takes one change at a time; who comes second has changed nothing.
# A lost answer is not asked for again: the second try would be refused because of the first.
update_environment() {
  local name=$1 error
  shift
  error=$(AWS_MAX_ATTEMPTS=1 aws_call elasticbeanstalk update-environment --environment-name "$name" "$@" 2>&1 >/dev/null) || {
    [[ ! $error =~ [Mm]ust\ be\ Ready ]] || step_aside "somebody else is changing $name"
    echo "$error" >&2
    return 1
  }
}

# shift_traffic PERCENT COMMIT
shift_traffic() {
  if [[ $STRATEGY == blue-green ]]; then
    swap_addresses "$2"
  else
    start_deployment live "$2"
  fi
}

# swap_addresses COMMIT: the idle environment, which must have it, becomes the live one. A lost answer is not asked for
# again: the second try would swap back.
swap_addresses() {
  local live idle
  [[ -z $overtaken ]] || return 0
  is_healthy "$1" idle || give_up "the idle environment does not run ${1:0:7}; somebody else changed it"
  live=$(field_of live EnvironmentName)
  idle=$(field_of idle EnvironmentName)
  AWS_MAX_ATTEMPTS=1 aws_call elasticbeanstalk swap-environment-cnames --source-environment-name "$live" --destination-environment-name "$idle" >/dev/null
  doing "waiting until $idle has the live address"
  until_true "$idle gets the live address" is_healthy "$1" live
  say_step shifted "100% to ${1:0:7}"
}

# The environment before stays as it is, for the way back.
promote() { :; }

# go_back_to COMMIT: from whatever state, and in the fastest way that loses no request. Without a commit, whatever is under way
# is stopped. What somebody else deploys meanwhile stays.
go_back_to() {
  if [[ $STRATEGY == blue-green ]]; then
    stop_deployment idle
    until_true "the live environment settles" is_ready live
    leave_others_alone
    [[ -n $1 && $(current) != "$1" ]] || return 0
    is_healthy "$1" idle || deploy_to idle "$1"
    swap_addresses "$1"
  else
    stop_deployment live
    until_true "the environment settles" is_ready live
    leave_others_alone
    [[ -n $1 ]] || return 0
    if ! is_healthy "$1" || ! serves "$1"; then
      STRATEGY=rolling deploy_to live "$1"
    fi
  fi
}

stop_deployment() {
  local name
  [[ $(field_of "$1" AbortableOperationInProgress) == True ]] || return 0
  name=$(field_of "$1" EnvironmentName)
  doing "aborting the deployment to $name"
  aws_call elasticbeanstalk abort-environment-update --environment-name "$name" >/dev/null ||
    say_step waits "$name finishes what can be aborted no more"
  until_true "$name settles" is_ready "$1"
}

# find_versions: sets BUCKET, where the bundles lie.
find_versions() {
  BUCKET=$SERVICE-zip-$ACCOUNT-$AWS_REGION
}

# stored_version LABEL: the label if that version exists, else nothing.
stored_version() {
  aws_call elasticbeanstalk describe-application-versions --application-name "$SERVICE" --version-labels "$1" \
    --query "ApplicationVersions[?VersionLabel == '$1'].VersionLabel" --output text
}

# store_version FILE LABEL WHAT: the storage refuses bytes that differ from the file.
store_version() {
  local file=$1 label=$2 what=$3 sum
  sum=$(openssl dgst -sha256 -binary "$file" | base64)
  doing "storing the bundle in $BUCKET, which deploy/setup makes"
  aws_call s3api put-object --bucket "$BUCKET" --key "$label.zip" --body "$file" --checksum-sha256 "$sum" >/dev/null
  say_step stored "$BUCKET/${label:0:7}.zip"

  doing "registering the version"
  aws_call elasticbeanstalk create-application-version --application-name "$SERVICE" --version-label "$label" \
    --source-bundle "S3Bucket=$BUCKET,S3Key=$label.zip" --description "$what" >/dev/null
  say_step registered "version ${label:0:7}"
}
