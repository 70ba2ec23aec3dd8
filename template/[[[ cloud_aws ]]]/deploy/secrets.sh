# shellcheck shell=bash
# Secrets: kept in Secrets Manager by people, named by their addresses in deploy/environments/, read by the machines alone.
# SECRET_API_KEY=arn:... gives the service API_KEY; ENV_LOG_LEVEL=debug gives it LOG_LEVEL, which is no secret.

# secrets: NAME=ARN lines.
secrets() {
  [[ -z ${DATABASE_URL_SECRET_ARN:-} ]] || echo "DATABASE_URL=$DATABASE_URL_SECRET_ARN"
  sed -n 's/^SECRET_//p' "$ENVIRONMENT_FILE"
}

# variables: NAME=VALUE lines.
variables() {
  sed -n 's/^ENV_//p' "$ENVIRONMENT_FILE"
}

# check_secrets: a machine that finds no secret does not start.
check_secrets() {
  local lines name arn
  lines=$(secrets)
  while IFS='=' read -r name arn; do
    [[ -n $name ]] || continue
    [[ $arn =~ ^arn:[a-z-]+:secretsmanager:$AWS_REGION:$ACCOUNT:secret:[A-Za-z0-9/_+=.@-]+$ ]] ||
      refuse "$name is given no secret of this account in $AWS_REGION" "write the full ARN that Secrets Manager shows into $ENVIRONMENT_FILE"
    doing "looking for the secret that $name names"
    aws_call secretsmanager describe-secret --secret-id "$arn" >/dev/null
  done <<<"$lines"
}
