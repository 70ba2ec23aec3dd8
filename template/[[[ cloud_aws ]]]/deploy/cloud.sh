# shellcheck shell=bash
# The cloud is AWS: who is logged in, whom the account trusts, the role that the pipeline takes, and the journal.

. deploy/stacks.sh

export AWS_PAGER="" AWS_RETRY_MODE=standard

# A network that swallows packets must not hold a job until its limit.
aws_call() {
  aws --cli-connect-timeout 10 --cli-read-timeout "${DEPLOY_CALL_SECONDS:-60}" "$@"
}

cloud_parts() {
  echo identity publisher
}

# What all environments share and publishing does without.
shared_parts() {
  echo journal
}

# login: sets ACCOUNT. People log in by the AWS command line, the pipeline by the token of its job.
login() {
  need_tool aws "deploy/ talks to AWS with it"
  need_tool jq "what AWS answers is JSON"
  need_setting AWS_REGION "export AWS_REGION=eu-central-1, or the region that you want"
  export AWS_DEFAULT_REGION=$AWS_REGION # the name that older command lines read
  doing "asking AWS who is logged in"
  ACCOUNT=$(aws_call sts get-caller-identity --query Account --output text)
  [[ ${AWS_ACCOUNT_ID:-$ACCOUNT} == "$ACCOUNT" ]] ||
    refuse "logged in to account $ACCOUNT, but AWS_ACCOUNT_ID says $AWS_ACCOUNT_ID" "log in to $AWS_ACCOUNT_ID, or correct the variable"
}

cloud_name() {
  echo "AWS account $ACCOUNT in $AWS_REGION"
}

# cloud_variables [ENVIRONMENT]: what the pipeline reads, NAME VALUE lines. In an environment it takes another role.
cloud_variables() {
  local role
  role=$(role_arn "${1:+deploy-}${1:-publish}")
  echo "AWS_ROLE_ARN $role"
  [[ -n ${1:-} ]] || printf '%s\n' "AWS_REGION $AWS_REGION" "AWS_ACCOUNT_ID $ACCOUNT"
}

# Identity: the account's trust in those who sign the tokens of the pipeline. There is one for the whole account, shared by
# all its repositories; that is why no stack of this service owns it.

TOKEN_AUDIENCE=sts.amazonaws.com

state_identity() {
  local provider audience
  provider=$(identity_provider)
  if [[ -z $provider ]]; then
    echo "create trust in tokens of $(token_issuer)"
    return
  fi
  audience=$(aws_call iam get-open-id-connect-provider --open-id-connect-provider-arn "$provider" \
    --query "ClientIDList[?@ == '$TOKEN_AUDIENCE']" --output text)
  if [[ -z $audience ]]; then
    echo "change trust in tokens of $(token_issuer), for $TOKEN_AUDIENCE as well"
  else
    echo "keep trust in tokens of $(token_issuer)"
  fi
}

ensure_identity() {
  local provider
  provider=$(identity_provider)
  if [[ -z $provider ]]; then
    aws_call iam create-open-id-connect-provider --url "https://$(token_issuer)" --client-id-list "$TOKEN_AUDIENCE" >/dev/null
  else
    aws_call iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn "$provider" --client-id "$TOKEN_AUDIENCE" >/dev/null
  fi
}

identity_provider() {
  aws_call iam list-open-id-connect-providers --output text \
    --query "OpenIDConnectProviderList[?ends_with(Arn, '/$(token_issuer)')].Arn"
}

# Publisher: the role that the pipeline takes. It may store artifacts of this service and nothing else.

state_publisher() {
  local subjects
  subjects=$(trusted_subjects)
  stack_state publisher "role of the pipeline" TrustedSubjects="${subjects//$'\n'/,}"
}

ensure_publisher() {
  local subjects
  subjects=$(trusted_subjects)
  apply_stack publisher TrustedSubjects="${subjects//$'\n'/,}"
}

# role_arn NAME: the address of the role SERVICE-NAME-REGION.
role_arn() {
  aws_call iam get-role --role-name "$SERVICE-$1-$AWS_REGION" --query Role.Arn --output text
}

# Journal: what was released, a line of JSON an event, in the log group /SERVICE/releases; each environment has its stream.

state_journal() {
  stack_state journal "journal of releases"
}

ensure_journal() {
  apply_stack journal
}

# record_event JSON
record_event() {
  local request
  request=$(jq --null-input --compact-output --arg group "/$SERVICE/releases" --arg stream "$ENVIRONMENT" --arg event "$1" \
    '{logGroupName: $group, logStreamName: $stream, logEvents: [{timestamp: (now * 1000 | floor), message: $event}]}')
  aws_call logs put-log-events --cli-input-json "$request" >/dev/null
}

# recorded_events COUNT: the newest ones, the newest last.
recorded_events() {
  aws_call logs get-log-events --log-group-name "/$SERVICE/releases" --log-stream-name "$ENVIRONMENT" --limit "$1" \
    --output json | jq --raw-output '.events[].message'
}
