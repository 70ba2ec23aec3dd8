# shellcheck shell=bash
# Network: the one that deploy/environments/ names, or the account's default one.

# find_network: sets NETWORK and SUBNETS, the latter separated by commas.
find_network() {
  local subnets zones
  NETWORK=${VPC_ID:-}
  if [[ -n ${VPC_ID:-}${SUBNET_IDS:-} ]]; then
    subnets=$(named_subnets)
  else
    NETWORK=$(default_network)
    subnets=$(default_subnets)
  fi
  SUBNETS=$(jq --raw-output 'map(.SubnetId) | join(",")' <<<"$subnets")
  zones=$(jq 'map(.AvailabilityZone) | unique | length' <<<"$subnets")
  [[ $zones -ge 2 ]] || refuse "a load balancer and a database need two zones, but ${SUBNETS:-$NETWORK} has $zones" \
    "name VPC_ID, and SUBNET_IDS in two zones, in $ENVIRONMENT_FILE"
}

named_subnets() {
  local subnets missing
  need_setting VPC_ID "name the network of SUBNET_IDS in $ENVIRONMENT_FILE"
  need_setting SUBNET_IDS "name subnets of $VPC_ID in $ENVIRONMENT_FILE, separated by commas, in two zones at least"
  subnets=$(describe_subnets Name=subnet-id,Values="$SUBNET_IDS")
  missing=$(jq --raw-output --arg wanted "$SUBNET_IDS" '($wanted | split(",")) - map(.SubnetId) | join(", ")' <<<"$subnets")
  [[ -z $missing ]] || refuse "the network $VPC_ID has no $missing" "correct SUBNET_IDS or VPC_ID in $ENVIRONMENT_FILE"
  echo "$subnets"
}

default_network() {
  local found
  doing "looking for the default network"
  found=$(aws_call ec2 describe-vpcs --filters Name=is-default,Values=true --query 'Vpcs[].VpcId' --output text)
  [[ -n $found ]] || refuse "this account has no default network in $AWS_REGION" "name one by VPC_ID and SUBNET_IDS in $ENVIRONMENT_FILE"
  echo "$found"
}

# Not every zone of a region has every type of machine.
default_subnets() {
  local zones
  doing "asking where there are machines of the type $INSTANCE_TYPE"
  zones=$(aws_call ec2 describe-instance-type-offerings --location-type availability-zone \
    --filters Name=instance-type,Values="$INSTANCE_TYPE" --query "join(',', InstanceTypeOfferings[].Location)" --output text)
  [[ -n $zones ]] || refuse "$AWS_REGION has no machines of the type $INSTANCE_TYPE" "set another INSTANCE_TYPE in $ENVIRONMENT_FILE"
  describe_subnets Name=default-for-az,Values=true Name=availability-zone,Values="$zones"
}

# describe_subnets FILTER...: those of the network, as a JSON list.
describe_subnets() {
  doing "looking for the subnets of $NETWORK"
  aws_call ec2 describe-subnets --filters Name=vpc-id,Values="$NETWORK" "$@" --output json | jq --compact-output '.Subnets | sort_by(.SubnetId)'
}
