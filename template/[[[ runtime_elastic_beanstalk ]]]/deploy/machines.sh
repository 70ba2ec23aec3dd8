# shellcheck shell=bash
# Machines: the Elastic Beanstalk environments, one, or a pair for blue-green. The one at the live address serves. They keep
# their names and addresses when the strategy changes, so one is told by its address, not by its name.

# environments: as a JSON list, the live one first.
environments() {
  local place
  place=$(place)
  aws_call elasticbeanstalk describe-environments --application-name "$SERVICE" --no-include-deleted --output json \
    --environment-names "$place" "$place-blue" "$place-green" |
    jq --compact-output --arg live "$(address live)." \
      '.Environments | sort_by(((.CNAME // "") | startswith($live) | not), .EnvironmentName)'
}

# survey: of that list, a line for each environment that is there or should be:
#   kept NAME            missing NAME ADDRESS            spare NAME, for a strategy that there was before
survey() {
  local place
  place=$(place)
  jq --raw-output --arg strategy "$STRATEGY" --arg place "$place" --arg live "$(address live)" --arg idle "$(address idle)" '
    map(.EnvironmentName) as $have
    | (if $strategy == "blue-green" then ["\($place)-blue", "\($place)-green"] else [$place] end) as $names
    | ([($names | length) - ($have | length), 0] | max) as $lacking
    | ($have[:$names | length][] | "kept \(.)"),
      ($have[$names | length:][] | "spare \(.)"),
      ($names - $have | .[length - $lacking:] | to_entries[]
        | "missing \(.value) \(if $have == [] and .key == 0 then $live else $idle end)")'
}

# live_cname: the whole live address, or nothing while there is none.
live_cname() {
  environments | jq --raw-output --arg live "$(address live)." '[.[].CNAME // "" | select(startswith($live))][0] // ""'
}

state_machines() {
  local have lines what name address system
  have=$(environments)
  refuse_unfit "$have"
  lines=$(survey <<<"$have")
  while read -r what name address; do
    case $what in
      kept) state_of_environment "$name" "$have" ;;
      missing)
        check_address "$address"
        system=$(newest_platform)
        echo "create environment $name at $address on ${system#64bit }"
        ;;
    esac
  done <<<"$lines"
}

# state_of_environment NAME ENVIRONMENTS
state_of_environment() {
  local status system changes words
  status=$(field "$1" Status "$2")
  system=$(field "$1" SolutionStackName "$2")
  [[ $status == Ready ]] || echo "change environment $1, once it is no longer $status"
  [[ $status == Ready ]] || return 0
  changes=$(changed_options "$1")
  words=$(jq --raw-output .words <<<"$changes")
  [[ $words != *"VPCId "* ]] || refuse "$1 cannot move to another network, $NETWORK" \
    "set VPC_ID and SUBNET_IDS back in $ENVIRONMENT_FILE, or take $ENVIRONMENT down first"
  [[ $system == *" running $PLATFORM" ]] || words="${system##* running } to $PLATFORM${words:+, $words}"
  if [[ -z $words ]]; then echo "keep environment $1"; else echo "change environment $1: $words"; fi
}

# field NAME KEY ENVIRONMENTS
field() {
  jq --raw-output --arg name "$1" --arg key "$2" '.[] | select(.EnvironmentName == $name) | .[$key] // ""' <<<"$3"
}

# refuse_unfit ENVIRONMENTS: what no update can change.
refuse_unfit() {
  local name cname going system
  going=$(jq --raw-output '[.[] | select(.Status == "Terminating").EnvironmentName] | join(" and ")' <<<"$1")
  [[ -z $going ]] || refuse "$going is being terminated" "repeat this in some minutes"
  read -r name cname <<<"$(jq --raw-output '.[0] // empty | "\(.EnvironmentName) \(.CNAME // "")"' <<<"$1")"
  [[ -z $name || $cname == "$(address live)".* ]] ||
    refuse "$name answers at ${cname%%.*}, and an address cannot be changed to $(address live)" "set CNAME_PREFIX=${cname%%.*} in $ENVIRONMENT_FILE"
  system=$(jq --raw-output '.[].SolutionStackName // empty | sub(".* running "; "") | sub(" [0-9.]+$"; "")' <<<"$1" | sort -u)
  [[ -z $system || $system == "${PLATFORM% [0-9]*}" ]] ||
    refuse "$name runs on $system, which cannot become $PLATFORM" "aws elasticbeanstalk terminate-environment --environment-name $name, then repeat this; the database stays"
}

# check_address ADDRESS: all customers of a region share these names.
check_address() {
  local free
  doing "asking whether the address $1 is free"
  free=$(aws_call elasticbeanstalk check-dns-availability --cname-prefix "$1" --query Available --output text)
  [[ $free == True ]] || refuse "somebody else has the address $1" "set CNAME_PREFIX to a name of your own in $ENVIRONMENT_FILE"
}

# newest_platform: the newest of those that run this artifact.
newest_platform() {
  local found
  doing "looking for the platform $PLATFORM"
  found=$(aws_call elasticbeanstalk list-available-solution-stacks --output json | jq --raw-output --arg platform "$PLATFORM" '
    [.SolutionStacks[] | select(startswith("64bit Amazon Linux 2023 v") and endswith(" running " + $platform))]
    | max_by(capture(" v(?<version>[0-9.]+) ").version | split(".") | map(tonumber)) // ""')
  [[ -n $found ]] || refuse "Elastic Beanstalk has no platform $PLATFORM in $AWS_REGION" "choose another version or an image: make template-update ARGS='-d artifact=image'"
  echo "$found"
}

# A new environment runs what AWS gives it until the first release.
ensure_machines() {
  BEGAN=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  create_missing
  doing "waiting for the environments of $ENVIRONMENT"
  until_true "the environments of $ENVIRONMENT come up" are_ready
  update_platforms
  until_true "the environments of $ENVIRONMENT change their platform" are_ready
  update_options
  until_true "the environments of $ENVIRONMENT change" are_ready
  fail_by_errors
}

are_ready() {
  environments | jq --exit-status 'all(.Status == "Ready")' >/dev/null
}

# names kept|missing|spare: the rest of such lines.
names() {
  local have
  have=$(environments)
  survey <<<"$have" | sed -n "s/^$1 //p"
}

create_missing() {
  local lines name address system options request
  lines=$(names missing)
  [[ -n $lines ]] || return 0
  system=$(newest_platform)
  options=$(wanted_options)
  while read -r name address; do
    doing "creating the environment $name"
    request=$(jq --null-input --compact-output --arg service "$SERVICE" --arg owner "$OWNER" --arg environment "$ENVIRONMENT" \
      --arg name "$name" --arg address "$address" --arg system "$system" --argjson options "$options" '{
        ApplicationName: $service, EnvironmentName: $name, CNAMEPrefix: $address, SolutionStackName: $system, OptionSettings: $options,
        Tags: [{Key: "Service", Value: $service}, {Key: "Owner", Value: $owner}, {Key: "Environment", Value: $environment}]}')
    aws_call elasticbeanstalk create-environment --cli-input-json "$request" >/dev/null
  done <<<"$lines"
}

update_platforms() {
  local have lines name system
  have=$(environments)
  lines=$(names kept)
  for name in $lines; do
    system=$(field "$name" SolutionStackName "$have")
    [[ $system != *" running $PLATFORM" ]] || continue
    system=$(newest_platform)
    doing "changing the platform of $name"
    aws_call elasticbeanstalk update-environment --environment-name "$name" --solution-stack-name "$system" >/dev/null
  done
}

update_options() {
  local lines name changes request
  lines=$(names kept)
  for name in $lines; do
    changes=$(changed_options "$name")
    [[ $(jq --raw-output .words <<<"$changes") != "" ]] || continue
    doing "changing the options of $name"
    request=$(jq --compact-output --arg name "$name" 'del(.words) + {EnvironmentName: $name}' <<<"$changes")
    aws_call elasticbeanstalk update-environment --cli-input-json "$request" >/dev/null
  done
}

# fail_by_errors: what Elastic Beanstalk has called an error since this began.
fail_by_errors() {
  local name lines errors
  lines=$(names missing)
  [[ -z $lines ]] || fail "${lines%% *} was not made" "aws elasticbeanstalk describe-events --environment-name ${lines%% *}"
  lines=$(names kept)
  for name in $lines; do
    errors=$(aws_call elasticbeanstalk describe-events --environment-name "$name" --severity ERROR --start-time "$BEGAN" --output json |
      jq --raw-output '.Events[:3][].Message')
    [[ -z $errors ]] || fail "$name: ${errors//$'\n'/; }" "mend that, then repeat $0"
  done
}

machines_costs() {
  local count="$MIN_INSTANCES to $MAX_INSTANCES x $INSTANCE_TYPE and a load balancer"
  [[ $STRATEGY != blue-green ]] || count="2 environments, each $count"
  echo "the machines: $count; their logs for $LOG_DAYS days"
}

# load_balancers: for each environment a line NAME BALANCER GROUP, as CloudWatch calls the two.
load_balancers() {
  local have name balancer group
  have=$(environments)
  for name in $(jq --raw-output '.[].EnvironmentName' <<<"$have"); do
    balancer=$(aws_call elasticbeanstalk describe-environment-resources --environment-name "$name" \
      --query 'EnvironmentResources.LoadBalancers[0].Name' --output text)
    group=$(aws_call elbv2 describe-target-groups --load-balancer-arn "$balancer" --query 'TargetGroups[0].TargetGroupArn' --output text)
    echo "$name ${balancer#*:loadbalancer/} ${group##*:}"
  done
}

found_machines() {
  environments | jq --raw-output '.[] | "remove environment \(.EnvironmentName), its load balancer and its machines"'
}

remove_machines() {
  local have name
  have=$(environments)
  for name in $(jq --raw-output '.[] | select(.Status != "Terminating").EnvironmentName' <<<"$have"); do
    doing "terminating $name"
    aws_call elasticbeanstalk terminate-environment --environment-name "$name" >/dev/null
  done
  doing "waiting until the environments of $ENVIRONMENT are gone"
  until_true "the environments of $ENVIRONMENT end" are_gone
}

are_gone() {
  environments | jq --exit-status '. == []' >/dev/null
}
