"""The options that an environment of Elastic Beanstalk may set, and what is wrong with a value."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

COMMAND = "aws:elasticbeanstalk:command"
ENVIRONMENT = "aws:elasticbeanstalk:environment"
SPLITTING = "aws:elasticbeanstalk:trafficsplitting"
LISTENER = "DefaultProcess ListenerEnabled Protocol Rules SSLCertificateArns SSLPolicy"
PROCESS = (
    "DeregistrationDelay HealthCheckInterval HealthCheckPath HealthCheckTimeout HealthyThresholdCount MatcherHTTPCode "
    "Port Protocol StickinessEnabled StickinessLBCookieDuration StickinessType UnhealthyThresholdCount"
)
# Each namespace, or the pattern of many, with its options, a space in a name as an underline; None: whatever one likes.
KNOWN: dict[str, str | None] = {
    "aws:autoscaling:asg": "Availability_Zones Cooldown Custom_Availability_Zones EnableCapacityRebalancing MaxSize "
    "MinSize",
    "aws:autoscaling:launchconfiguration": "BlockDeviceMappings DisableDefaultEC2SecurityGroup DisableIMDSv1 "
    "EC2KeyName IamInstanceProfile ImageId InstanceType LaunchTemplateTagPropagationEnabled MonitoringInterval "
    "RootVolumeIOPS RootVolumeSize RootVolumeThroughput RootVolumeType SSHSourceRestriction SecurityGroups",
    "aws:autoscaling:trigger": "BreachDuration EvaluationPeriods LowerBreachScaleIncrement LowerThreshold MeasureName "
    "Period Statistic Unit UpperBreachScaleIncrement UpperThreshold",
    "aws:autoscaling:updatepolicy:rollingupdate": "MaxBatchSize MinInstancesInService PauseTime RollingUpdateEnabled "
    "RollingUpdateType Timeout",
    "aws:ec2:instances": "EnableSpot InstanceTypes SpotAllocationStrategy SpotFleetOnDemandAboveBasePercentage "
    "SpotFleetOnDemandBase SpotMaxPrice SupportedArchitectures",
    "aws:ec2:vpc": "AssociatePublicIpAddress DBSubnets ELBScheme ELBSubnets Subnets VPCId",
    "aws:elasticbeanstalk:application": "Application_Healthcheck_URL",
    "aws:elasticbeanstalk:application:environment": None,
    "aws:elasticbeanstalk:application:environmentsecrets": None,
    "aws:elasticbeanstalk:cloudwatch:logs": "DeleteOnTerminate RetentionInDays StreamLogs",
    "aws:elasticbeanstalk:cloudwatch:logs:health": "DeleteOnTerminate HealthStreamingEnabled RetentionInDays",
    COMMAND: "BatchSize BatchSizeType DeploymentPolicy IgnoreHealthCheck Timeout",
    ENVIRONMENT: "EnvironmentType ExternalExtensionsS3Bucket ExternalExtensionsS3Key LoadBalancerIsShared "
    "LoadBalancerType ServiceRole",
    r"aws:elasticbeanstalk:environment:process:\w+": PROCESS,
    "aws:elasticbeanstalk:environment:proxy": "ProxyServer",
    "aws:elasticbeanstalk:healthreporting:system": "ConfigDocument EnhancedHealthAuthEnabled "
    "HealthCheckSuccessThreshold SystemType",
    "aws:elasticbeanstalk:hostmanager": "LogPublicationControl",
    "aws:elasticbeanstalk:managedactions": "ManagedActionsEnabled PreferredStartTime ServiceRoleForManagedUpdates",
    "aws:elasticbeanstalk:managedactions:platformupdate": "InstanceRefreshEnabled UpdateLevel",
    "aws:elasticbeanstalk:monitoring": "Automatically_Terminate_Unhealthy_Instances",
    "aws:elasticbeanstalk:sns:topics": "Notification_Endpoint Notification_Protocol Notification_Topic_ARN "
    "Notification_Topic_Name",
    SPLITTING: "EvaluationTime NewVersionPercent",
    "aws:elasticbeanstalk:xray": "XRayEnabled",
    r"aws:elbv2:listener:(default|\d+)": LISTENER,
    r"aws:elbv2:listenerrule:\w+": "HostHeaders PathPatterns Priority Process",
    "aws:elbv2:loadbalancer": "AccessLogsS3Bucket AccessLogsS3Enabled AccessLogsS3Prefix IdleTimeout "
    "ManagedSecurityGroup SecurityGroups SharedLoadBalancer",
}
DEFAULTS = {
    ("aws:autoscaling:asg", "MaxSize"): "4",
    ("aws:autoscaling:asg", "MinSize"): "1",
    (COMMAND, "BatchSize"): "100",
    (COMMAND, "BatchSizeType"): "Percentage",
    (COMMAND, "DeploymentPolicy"): "AllAtOnce",
    (COMMAND, "IgnoreHealthCheck"): "false",
    (COMMAND, "Timeout"): "600",
    (ENVIRONMENT, "EnvironmentType"): "LoadBalanced",
    (ENVIRONMENT, "LoadBalancerType"): "classic",
    ("aws:elasticbeanstalk:healthreporting:system", "SystemType"): "basic",
    (SPLITTING, "EvaluationTime"): "5",
    (SPLITTING, "NewVersionPercent"): "10",
}
POLICIES = ("AllAtOnce", "Immutable", "Rolling", "RollingWithAdditionalBatch", "TrafficSplitting")
ALLOWED = {
    (COMMAND, "BatchSizeType"): ("Fixed", "Percentage"),
    (COMMAND, "DeploymentPolicy"): POLICIES,
    (ENVIRONMENT, "EnvironmentType"): ("LoadBalanced", "SingleInstance"),
    (ENVIRONMENT, "LoadBalancerType"): ("application", "classic", "network"),
    ("aws:elasticbeanstalk:healthreporting:system", "SystemType"): ("basic", "enhanced"),
}
LIMITS = {
    ("aws:autoscaling:asg", "MaxSize"): (1, 10000),
    ("aws:autoscaling:asg", "MinSize"): (1, 10000),
    (COMMAND, "BatchSize"): (1, 100),
    (COMMAND, "Timeout"): (1, 3600),
    (SPLITTING, "EvaluationTime"): (3, 600),
    (SPLITTING, "NewVersionPercent"): (1, 100),
}

Name = tuple[str, str]


@dataclass(frozen=True)
class Options(Mapping[Name, str]):
    """The options of an environment: those that were set, before the defaults."""

    given: Mapping[Name, str] = field(default_factory=dict)

    def __getitem__(self, name: Name) -> str:
        """Return a value."""
        return self.given[name] if name in self.given else DEFAULTS[name]

    def __iter__(self) -> Iterator[Name]:
        """Go through all names."""
        return iter(sorted({*DEFAULTS, *self.given}))

    def __len__(self) -> int:
        """Return how many there are."""
        return len({*DEFAULTS, *self.given})

    def changed(self, settings: list[dict[str, str]], removed: list[dict[str, str]]) -> "Options":
        """Return the options after some are set and some are left to their defaults."""
        gone = {(one["Namespace"], one["OptionName"]) for one in removed}
        fresh = {(one["Namespace"], one["OptionName"]): one.get("Value", "") for one in settings}
        return Options({name: value for name, value in self.given.items() if name not in gone} | fresh)

    def problem(self) -> str | None:
        """Return what the service says of the first option that is wrong."""
        for name, value in self.given.items():
            place = f"(Namespace: '{name[0]}', OptionName: '{name[1]}')"
            if not _is_known(name):
                return f"Invalid option specification {place}: Unknown configuration setting."
            if name in ALLOWED and value not in ALLOWED[name]:
                return f"Invalid option value: '{value}' {place}: Value is not one of {list(ALLOWED[name])}"
            if name in LIMITS and not (value.isdecimal() and LIMITS[name][0] <= int(value) <= LIMITS[name][1]):
                return f"Invalid option value: '{value}' {place}: Value is not between {LIMITS[name]}"
        return self._contradiction()

    def _contradiction(self) -> str | None:
        policy = self[COMMAND, "DeploymentPolicy"]
        if self[ENVIRONMENT, "EnvironmentType"] == "SingleInstance" and policy not in {"AllAtOnce", "Immutable"}:
            return f"{policy} deployment policy is not supported by single-instance environments."
        if policy == "TrafficSplitting" and self[ENVIRONMENT, "LoadBalancerType"] != "application":
            return "TrafficSplitting deployment policy is only supported with an Application Load Balancer."
        if int(self["aws:autoscaling:asg", "MinSize"]) > int(self["aws:autoscaling:asg", "MaxSize"]):
            return "MinSize is greater than MaxSize."
        return None


def _is_known(name: Name) -> bool:
    namespaces = (options for namespace, options in KNOWN.items() if re.fullmatch(namespace, name[0]))
    return any(options is None or name[1].replace(" ", "_") in options.split() for options in namespaces)
