# shellcheck shell=bash
# The runtime is Elastic Beanstalk: an application with its versions, whose bundles lie in a bucket of this service.

# find_versions: sets BUCKET, where the bundles lie.
find_versions() {
  BUCKET=$SERVICE-zip-$ACCOUNT-$AWS_REGION
}

# stored_version LABEL: the label if that version exists, else nothing.
stored_version() {
  aws_call elasticbeanstalk describe-application-versions --application-name "$SERVICE" --version-labels "$1" \
    --query "ApplicationVersions[?VersionLabel == '$1'].VersionLabel" --output text
}

# store_version FILE LABEL: the storage refuses bytes that differ from the file.
store_version() {
  local file=$1 label=$2 sum
  sum=$(openssl dgst -sha256 -binary "$file" | base64)
  doing "storing the bundle in $BUCKET, which deploy/setup makes"
  aws_call s3api put-object --bucket "$BUCKET" --key "$label.zip" --body "$file" --checksum-sha256 "$sum" >/dev/null
  say_step stored "$BUCKET/${label:0:7}.zip"

  doing "registering the version"
  aws_call elasticbeanstalk create-application-version --application-name "$SERVICE" --version-label "$label" \
    --source-bundle "S3Bucket=$BUCKET,S3Key=$label.zip" --description "Commit $label" >/dev/null
  say_step registered "version ${label:0:7}"
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

# Application: made by a command, since environments and what they serve will hang on it and a stack would undo what
# releases change.

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

application_costs() {
  echo "the application and its versions cost nothing"
}
