"""The calls to AWS that a release of a bundle makes where the platform works at once, strategy by strategy."""

EB, LOGS = "elasticbeanstalk ", "logs "
LOOK = f"{EB}DescribeEnvironments"
BEGIN = f"{LOGS}PutLogEvents"  # the first one; from there on a failure is undone
DEPLOY = [f"{EB}DescribeApplicationVersions", LOOK, f"{EB}DescribeConfigurationSettings", f"{EB}UpdateEnvironment"]
BY_PLATFORM = ["sts GetCallerIdentity", *[LOOK] * 3, f"{LOGS}GetLogEvents", BEGIN, *DEPLOY, *[LOOK] * 6, BEGIN]
BY_ENGINE = [
    *["sts GetCallerIdentity", *[LOOK] * 5, f"{LOGS}GetLogEvents", BEGIN, *DEPLOY, *[LOOK] * 7],
    *[f"{EB}SwapEnvironmentCNAMEs", *[LOOK] * 3, BEGIN],
]
CALLS = {"canary": BY_PLATFORM, "rolling": BY_PLATFORM, "blue-green": BY_ENGINE}
CHANGES = ("PutLogEvents", "UpdateEnvironment", "SwapEnvironmentCNAMEs")
