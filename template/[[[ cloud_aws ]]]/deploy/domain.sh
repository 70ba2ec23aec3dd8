# shellcheck shell=bash
# Domain: the name of an environment with its certificate. Either somebody gives both and keeps the record, or the zone of
# the name is in Route 53 and stacks of ours make them.

uses_own_zone() {
  [[ -n ${HOSTED_ZONE_ID:-} ]]
}

check_domain() {
  local file=$ENVIRONMENT_FILE
  if [[ -z ${DOMAIN:-} ]]; then
    [[ -z ${HOSTED_ZONE_ID:-}${CERTIFICATE_ARN:-} ]] || refuse "a certificate is for a name, and DOMAIN is empty" "set DOMAIN in $file"
    [[ $ENVIRONMENT != production || ${ALLOW_HTTP:-} == 1 ]] ||
      refuse "production has no DOMAIN, so it would answer without encryption" "set DOMAIN and HOSTED_ZONE_ID (or CERTIFICATE_ARN) in $file, or ALLOW_HTTP=1"
    return
  fi
  [[ $DOMAIN =~ ^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$ ]] || refuse "\"$DOMAIN\" is no name" "write DOMAIN like api.example.com in $file"
  [[ -n ${HOSTED_ZONE_ID:-}${CERTIFICATE_ARN:-} ]] ||
    refuse "$DOMAIN has no certificate" "set HOSTED_ZONE_ID of its zone in Route 53, or CERTIFICATE_ARN, in $file"
  [[ -z ${HOSTED_ZONE_ID:-} || -z ${CERTIFICATE_ARN:-} ]] ||
    refuse "HOSTED_ZONE_ID makes a certificate, and CERTIFICATE_ARN names another" "empty one of them in $file"
}

# check_certificate: what is given must fit, before the load balancer finds out.
check_certificate() {
  local found
  if uses_own_zone; then
    check_zone
  elif [[ -n ${CERTIFICATE_ARN:-} ]]; then
    doing "looking for the certificate that CERTIFICATE_ARN names"
    found=$(aws_call acm describe-certificate --certificate-arn "$CERTIFICATE_ARN" --query Certificate.Status --output text)
    [[ $found == ISSUED ]] || refuse "the certificate for $DOMAIN is $found" "wait until AWS Certificate Manager in $AWS_REGION has issued it"
  fi
}

# The top of a zone takes no such record as this one.
check_zone() {
  local zone
  doing "looking for the zone that HOSTED_ZONE_ID names"
  zone=$(aws_call route53 get-hosted-zone --id "$HOSTED_ZONE_ID" --query HostedZone.Name --output text)
  [[ $DOMAIN. == *".$zone" ]] || refuse "the zone $HOSTED_ZONE_ID is ${zone%.}, which $DOMAIN is not below" "correct DOMAIN or HOSTED_ZONE_ID in $ENVIRONMENT_FILE"
}

# certificate: the address of the certificate, or nothing while it is to be made.
certificate() {
  if uses_own_zone; then
    stack_output "$ENVIRONMENT/certificate" Arn
  else
    echo "${CERTIFICATE_ARN:-}"
  fi
}

state_certificate() {
  stack_state "$ENVIRONMENT/certificate" "certificate for $DOMAIN" Domain="$DOMAIN" Zone="$HOSTED_ZONE_ID"
}

ensure_certificate() {
  apply_stack "$ENVIRONMENT/certificate" Domain="$DOMAIN" Zone="$HOSTED_ZONE_ID"
}

found_certificate() {
  found_stack "$ENVIRONMENT/certificate" "certificate of $ENVIRONMENT"
}

remove_certificate() {
  remove_stack "$ENVIRONMENT/certificate"
}

state_domain() {
  local target
  target=$(live_cname)
  stack_state "$ENVIRONMENT/domain" "record that leads $DOMAIN to $(place)" Domain="$DOMAIN" Zone="$HOSTED_ZONE_ID" Target="$target"
}

ensure_domain() {
  local target
  target=$(live_cname)
  apply_stack "$ENVIRONMENT/domain" Domain="$DOMAIN" Zone="$HOSTED_ZONE_ID" Target="$target"
}

found_domain() {
  found_stack "$ENVIRONMENT/domain" "record that leads a name to $ENVIRONMENT"
}

remove_domain() {
  remove_stack "$ENVIRONMENT/domain"
}
