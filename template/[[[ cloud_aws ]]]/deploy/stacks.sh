# shellcheck shell=bash
# Stacks: what stands around the service. NAME is publisher, or production/database: deploy/cloudformation/database.yaml is then
# the stack SERVICE-production-database.

stack_of() {
  echo "$SERVICE-${1//\//-}"
}

template_of() {
  echo "deploy/cloudformation/${1##*/}.yaml"
}

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
    REVIEW_IN_PROGRESS | ROLLBACK_COMPLETE | ROLLBACK_FAILED | CREATE_FAILED)
      echo "create $what, in place of an attempt that failed"
      return
      ;;
    # Somebody wants it gone, and a database may be in it: nothing to be mended in passing.
    DELETE_FAILED)
      refuse "the stack $(stack_of "$name") is half deleted" "aws cloudformation delete-stack --stack-name $(stack_of "$name"), then repeat"
      ;;
    *_IN_PROGRESS)
      refuse "the stack $(stack_of "$name") is being changed by somebody" "wait until that is done, then repeat"
      ;;
  esac
  body=$(aws_call cloudformation get-template --stack-name "$(stack_of "$name")" --query TemplateBody --output text)
  have=$(jq --raw-output '.Parameters[] | "\(.ParameterKey)=\(.ParameterValue)"' <<<"$stack" | sort)
  want=$(printf '%s\n' "Service=$SERVICE" "$@" | sort)
  if [[ $body == "$(<"$(template_of "$name")")" && $have == "$want" ]]; then
    echo "keep $what"
  else
    echo "change $what"
  fi
}

# apply_stack NAME [PARAMETER=VALUE...]
apply_stack() {
  local name=$1 stack
  stack=$(stack_of "$1")
  shift
  remove_failed_stack "$name"
  aws_call cloudformation deploy --stack-name "$stack" --template-file "$(template_of "$name")" \
    --parameter-overrides Service="$SERVICE" "$@" --capabilities CAPABILITY_NAMED_IAM --no-fail-on-empty-changeset \
    --tags Service="$SERVICE" Owner="$OWNER" >/dev/null || explain_stack "$stack"
}

explain_stack() {
  aws_call cloudformation describe-stack-events --stack-name "$1" --output text \
    --query "StackEvents[?contains(ResourceStatus, 'FAILED')].[LogicalResourceId, ResourceStatusReason]" >&2
  fail "the stack $1 could not be made or removed; the reasons are above" "mend them, then repeat $0"
}

# A stack whose creation failed can only be removed.
remove_failed_stack() {
  local status
  status=$(describe_stack "$1" | jq --raw-output '.StackStatus // "NONE"')
  case $status in
    REVIEW_IN_PROGRESS | ROLLBACK_COMPLETE | ROLLBACK_FAILED | CREATE_FAILED) remove_stack "$1" ;;
  esac
}

# found_stack NAME WHAT: "remove" and WHAT, or nothing.
found_stack() {
  local stack
  stack=$(describe_stack "$1")
  [[ $stack == null ]] || echo "remove $2"
}

remove_stack() {
  local stack
  stack=$(stack_of "$1")
  aws_call cloudformation delete-stack --stack-name "$stack"
  aws_call cloudformation wait stack-delete-complete --stack-name "$stack" || explain_stack "$stack"
}

# A plan looks at many stacks and asks for them once. From the first change on each look is a question of its own.
STACKS=""

remember_stacks() {
  doing "asking for the stacks"
  STACKS=$(list_stacks)
}

forget_stacks() {
  STACKS=""
}

list_stacks() {
  aws_call cloudformation describe-stacks --output json --query Stacks
}

# describe_stack NAME: the stack as JSON, or null.
describe_stack() {
  local stacks=$STACKS
  [[ -n $stacks ]] || stacks=$(list_stacks)
  jq --compact-output --arg name "$(stack_of "$1")" 'map(select(.StackName == $name))[0]' <<<"$stacks"
}

# stack_output NAME KEY: what the stack says of itself, or nothing while it is not there.
stack_output() {
  describe_stack "$1" | jq --raw-output --arg key "$2" '
    select(. != null and (.StackStatus | test("^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE")))
    | [(.Outputs // [])[] | select(.OutputKey == $key).OutputValue][0] // error("the stack \(.StackName) has no \($key)")'
}
