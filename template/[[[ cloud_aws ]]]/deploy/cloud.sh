# shellcheck shell=bash
# The cloud is AWS: who is logged in, whom the account trusts, the role that the pipeline takes, and stacks.

export AWS_PAGER="" AWS_RETRY_MODE=standard

# A network that swallows packets must not hold a job until its limit.
aws_call() {
  aws --cli-connect-timeout 10 --cli-read-timeout 60 "$@"
}

cloud_parts() {
  echo identity publisher
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

# The variables that the pipeline reads: NAME VALUE lines.
cloud_variables() {
  local role
  role=$(role_arn publish)
  printf '%s\n' "AWS_ROLE_ARN $role" "AWS_REGION $AWS_REGION" "AWS_ACCOUNT_ID $ACCOUNT"
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

# Stacks: deploy/cloudformation/NAME.yaml is the stack SERVICE-NAME.

# stack_state NAME WHAT [PARAMETER=VALUE...]: "create", "change" or "keep", and WHAT.
stack_state() {
  local name=$1 what=$2 stack status body have want
  shift 2
  stack=$(describe_stack "$name")
  status=$(jq --raw-output '.StackStatus // "NONE"' <<<"$stack")
  case $status in
    NONE)
      echo "create $what"
      return
      ;;
    REVIEW_IN_PROGRESS | ROLLBACK_COMPLETE | ROLLBACK_FAILED | CREATE_FAILED | DELETE_FAILED)
      echo "create $what, in place of an attempt that failed"
      return
      ;;
    *_IN_PROGRESS)
      refuse "the stack $SERVICE-$name is being changed by somebody" "wait until that is done, then repeat"
      ;;
  esac
  body=$(aws_call cloudformation get-template --stack-name "$SERVICE-$name" --query TemplateBody --output text)
  have=$(jq --raw-output '.Parameters[] | "\(.ParameterKey)=\(.ParameterValue)"' <<<"$stack" | sort)
  want=$(printf '%s\n' "Service=$SERVICE" "$@" | sort)
  if [[ $body == "$(<"deploy/cloudformation/$name.yaml")" && $have == "$want" ]]; then
    echo "keep $what"
  else
    echo "change $what"
  fi
}

# apply_stack NAME [PARAMETER=VALUE...]
apply_stack() {
  local name=$1 stack=$SERVICE-$1
  shift
  remove_failed_stack "$name"
  aws_call cloudformation deploy --stack-name "$stack" --template-file "deploy/cloudformation/$name.yaml" \
    --parameter-overrides Service="$SERVICE" "$@" --capabilities CAPABILITY_NAMED_IAM --no-fail-on-empty-changeset \
    --tags Service="$SERVICE" Owner="$OWNER" >/dev/null || explain_stack "$stack"
}

explain_stack() {
  aws_call cloudformation describe-stack-events --stack-name "$1" --output text \
    --query "StackEvents[?contains(ResourceStatus, 'FAILED')].[LogicalResourceId, ResourceStatusReason]" >&2
  fail "the stack $1 could not be made; the reasons are above" "mend them, then repeat deploy/setup"
}

# A stack whose creation failed can only be removed.
remove_failed_stack() {
  local status
  status=$(describe_stack "$1" | jq --raw-output '.StackStatus // "NONE"')
  case $status in
    REVIEW_IN_PROGRESS | ROLLBACK_COMPLETE | ROLLBACK_FAILED | CREATE_FAILED | DELETE_FAILED) ;;
    *) return 0 ;;
  esac
  aws_call cloudformation delete-stack --stack-name "$SERVICE-$1"
  aws_call cloudformation wait stack-delete-complete --stack-name "$SERVICE-$1"
}

# describe_stack NAME: the stack as JSON, or null.
describe_stack() {
  aws_call cloudformation describe-stacks --output json --query "Stacks[?StackName == '$SERVICE-$1'] | [0]"
}
