# shellcheck shell=bash
# Options: everything that an environment is set to, each with its reason where the name does not say it. AWS calls a group
# of options a namespace.

VARIABLES=aws:elasticbeanstalk:application:environment
SECRETS=aws:elasticbeanstalk:application:environmentsecrets

# wanted_options: all of them, as the JSON that Elastic Beanstalk takes.
wanted_options() {
  local certificate group database
  certificate=$(certificate)
  group=$(stack_output "$ENVIRONMENT/environment" InstanceGroup)
  database=$(database_options)
  {
    machine_options "$group"
    entrance_options "$certificate"
    deployment_options
    upkeep_options
    [[ -z $database ]] || echo "$database"
    service_options
  } | jq --raw-input --null-input --compact-output '[inputs | split("\t") | {Namespace: .[0], OptionName: .[1], Value: .[2]}]'
}

# options NAMESPACE NAME=VALUE...
options() {
  local namespace=$1 option
  shift
  for option in "$@"; do
    printf '%s\t%s\t%s\n' "$namespace" "${option%%=*}" "${option#*=}"
  done
}

machine_options() {
  options aws:elasticbeanstalk:environment EnvironmentType=LoadBalanced LoadBalancerType=application \
    ServiceRole="$SERVICE-$ENVIRONMENT-service-$AWS_REGION"
  options aws:ec2:vpc VPCId="$NETWORK" Subnets="$SUBNETS" ELBSubnets="$SUBNETS" ELBScheme=public AssociatePublicIpAddress=true
  options aws:ec2:instances InstanceTypes="$INSTANCE_TYPE"
  # No key pair, so nobody logs in by SSH; and no credentials for somebody who merely makes a machine send a request.
  options aws:autoscaling:launchconfiguration IamInstanceProfile="$SERVICE-$ENVIRONMENT-instance-$AWS_REGION" SecurityGroups="$1" \
    DisableIMDSv1=true RootVolumeType=gp3
  options aws:autoscaling:asg MinSize="$MIN_INSTANCES" MaxSize="$MAX_INSTANCES"
  # By default bytes sent decide, which says nothing of how busy a service is.
  options aws:autoscaling:trigger MeasureName=CPUUtilization Statistic=Average Unit=Percent LowerThreshold=20 UpperThreshold=60
}

entrance_options() {
  options aws:elasticbeanstalk:environment:process:default HealthCheckPath=/ready MatcherHTTPCode=200
  if [[ -n ${DOMAIN:-} ]]; then
    options aws:elbv2:listener:default ListenerEnabled=false
    options aws:elbv2:listener:443 ListenerEnabled=true Protocol=HTTPS DefaultProcess=default SSLCertificateArns="$1" \
      SSLPolicy=ELBSecurityPolicy-TLS13-1-2-Res-2021-06
  else
    options aws:elbv2:listener:default ListenerEnabled=true
  fi
}

deployment_options() {
  options aws:elasticbeanstalk:command DeploymentPolicy="$(policy_of "$STRATEGY")" BatchSizeType=Fixed BatchSize=1
  [[ $STRATEGY != canary ]] || options aws:elasticbeanstalk:trafficsplitting NewVersionPercent=10 EvaluationTime="$BAKE_MINUTES"
  options aws:autoscaling:updatepolicy:rollingupdate RollingUpdateEnabled=true RollingUpdateType=Health
}

upkeep_options() {
  local day=Tue
  [[ $ENVIRONMENT == staging ]] || day=Thu
  # What users do wrong (4xx) must not make a release look ill.
  options aws:elasticbeanstalk:healthreporting:system SystemType=enhanced \
    'ConfigDocument={"Version":1,"Rules":{"Environment":{"Application":{"ApplicationRequests4xx":{"Enabled":false}},"ELB":{"ELBRequests4xx":{"Enabled":false}}}}}'
  options aws:elasticbeanstalk:cloudwatch:logs StreamLogs=true DeleteOnTerminate=false RetentionInDays="$LOG_DAYS"
  options aws:elasticbeanstalk:cloudwatch:logs:health HealthStreamingEnabled=true DeleteOnTerminate=false RetentionInDays="$LOG_DAYS"
  # Staging is patched two days before production.
  options aws:elasticbeanstalk:managedactions ManagedActionsEnabled=true PreferredStartTime="$day:03:00" \
    ServiceRoleForManagedUpdates=AWSServiceRoleForElasticBeanstalkManagedUpdates
  options aws:elasticbeanstalk:managedactions:platformupdate UpdateLevel=minor
}

# The password goes from its secret to the machines; here is only where that secret is.
database_options() {
  local host port password
  uses_own_database || return 0
  host=$(stack_output "$ENVIRONMENT/database" Host)
  port=$(stack_output "$ENVIRONMENT/database" Port)
  password=$(stack_output "$ENVIRONMENT/database" PasswordArn)
  options "$VARIABLES" DB_HOST="$host" DB_PORT="$port" DB_NAME=app DB_USER=app
  options "$SECRETS" DB_PASS="$password"
}

service_options() {
  local root=certificates/rds.pem own
  [[ $(artifact_kind) != image ]] || root=/$root
  options "$VARIABLES" APP_ENV="$ENVIRONMENT" PORT=8080 TRUSTED_PROXY_HOPS=2 DB_SSLMODE=verify-full DB_SSLROOTCERT="$root"
  readarray -t own < <(variables)
  options "$VARIABLES" "${own[@]}"
  readarray -t own < <(secrets)
  options "$SECRETS" "${own[@]}"
}

# changed_options NAME: what an environment lacks of them, as {OptionSettings, OptionsToRemove, words}. What somebody has set
# beyond them stays, but for secrets, which machines could no longer read. How to deploy is set by each release.
changed_options() {
  local want
  want=$(wanted_options)
  aws_call elasticbeanstalk describe-configuration-settings --application-name "$SERVICE" --environment-name "$1" --output json |
    jq --compact-output --argjson want "$want" --arg variables "$VARIABLES" --arg secrets "$SECRETS" '
      def key: "\(.Namespace) \(.OptionName)";
      def words: ascii_downcase | split(",") | map(gsub("^ +| +$"; "")) | sort;
      # Elastic Beanstalk adds its own group to ours, its defaults to the document, and the path to the name of a role.
      def is_met($have):
        if .OptionName == "SecurityGroups" then (.Value | words) - ($have | words) == []
        elif .OptionName == "ConfigDocument" then (.Value | fromjson) as $rules | try ($have | fromjson | contains($rules)) catch false
        else (.Value | words) == ($have | words) or (("/" + .Value) as $path | $have | endswith($path)) end;
      def is_unwanted:
        .Namespace == $secrets or .Namespace == "aws:elbv2:listener:443" or (.OptionName | test("^(DB_(HOST|PORT|NAME|USER|PASS)|DATABASE_URL)$"));
      (.ConfigurationSettings[0].OptionSettings | map(select(.Value != null))) as $all
      | ($all | map({key: key, value: .Value}) | from_entries) as $have
      | [$want[] | select(.OptionName != "DeploymentPolicy" and (is_met($have[key] // "") | not))] as $set
      | [$all[] | select(is_unwanted and ([key] - ($want | map(key)) != []))] as $gone
      | {
          OptionSettings: $set,
          OptionsToRemove: ($gone | map({Namespace, OptionName})),
          # Of variables the name alone: what somebody has set by hand may be worth a secret.
          words: ([$set[] | if .Namespace | startswith($variables) then .OptionName else "\(.OptionName) \($have[key] // "unset") to \(.Value)" end]
            + [$gone[] | "no \(.OptionName)"] | map(if length > 60 then .[:57] + "..." else . end) | join(", "))
        }'
}
