"""What every template of CloudFormation has to keep to; each rule returns what breaks it."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml

Template = dict[str, Any]
ANYBODY = {"0.0.0.0/0", "::/0"}
ARTIFACTS = {"AWS::S3::Bucket", "AWS::ECR::Repository", "AWS::Logs::LogGroup", "AWS::Logs::LogStream"}
SECRET_WORDS = re.compile(r"password|secret|token|accesskey|privatekey", re.IGNORECASE)
HERE = r"arn:\$\{AWS::Partition\}:[a-z0-9]+:\$\{AWS::Region\}:\$\{AWS::AccountId\}:"
# Wildcards that match names of this service, this environment or Elastic Beanstalk, and nothing else.
NARROW = (
    r"\$\{Bundles\.Arn\}/\*",
    r"arn:\$\{AWS::Partition\}:s3:::\$\{Service\}-zip-\$\{AWS::AccountId\}-\$\{AWS::Region\}/\*",
    r"arn:\$\{AWS::Partition\}:s3:::elasticbeanstalk-\$\{AWS::Region\}-\$\{AWS::AccountId\}/(resources/environments/)?\*",
    r"arn:\$\{AWS::Partition\}:s3:::elasticbeanstalk-(env-resources|platform-assets)-\$\{AWS::Region\}/\*",
    HERE + r"log-group:/aws/elasticbeanstalk/\$\{Place\}(-blue|-green)?/\*",
    HERE + r"environment/\$\{Service\}/(\$\{Place\})?\*",
    HERE + r"applicationversion/\$\{Service\}/\*",
    HERE + r"stack/awseb-e-\*",
    HERE + r"autoScalingGroup:\*:autoScalingGroupName/awseb-e-\*",
    HERE + r"alarm:awseb-\*",
    HERE + r"(listener-rule|listener|loadbalancer)/app/awseb-\*(/\*)+",
    HERE + r"targetgroup/awseb-\*/\*",
)
# Nothing has a name here before AWS gives it one: a condition is needed in its place, but to make a launch template.
NAMELESS = (
    HERE + r"(launch-template/|instance/)?\*",
    r"arn:\$\{AWS::Partition\}:ec2:\$\{AWS::Region\}::image/\*",
)


class Loader(yaml.SafeLoader):
    """YAML with the short forms of CloudFormation, which become plain text."""


def _short_form(loader: Loader, name: str, node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return f"{name} {loader.construct_scalar(node)}"
    built = loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else None
    return f"{name} {json.dumps(built or loader.construct_mapping(node, deep=True))}"  # type: ignore[arg-type]


Loader.add_multi_constructor("!", _short_form)


def read(text: str) -> Template:
    """Return a template."""
    loaded: Template = yaml.load(text, Loader=Loader)  # noqa: S506 - a safe loader
    return loaded


def resources(template: Template, *kinds: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the resources of some kinds, or all, with their names."""
    for name, resource in template["Resources"].items():
        if not kinds or resource["Type"] in kinds:
            yield name, resource


def statements(value: object) -> list[dict[str, Any]]:
    """Return all statements of all policies in a part of a template."""
    if isinstance(value, dict):
        own: list[dict[str, Any]] = value.get("Statement", [])
        return own + [found for inner in value.values() if inner is not own for found in statements(inner)]
    return [found for inner in value for found in statements(inner)] if isinstance(value, list) else []


def as_list(value: object) -> list[str]:
    """Return what may be one or many as many."""
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def granted(template: Template) -> list[dict[str, Any]]:
    """Return the statements that allow something to a role."""
    return [one for one in statements(template) if one["Effect"] == "Allow" and "Resource" in one]


def every_action_is_named(template: Template) -> list[str]:
    """Find actions with a wildcard."""
    return [action for one in granted(template) for action in as_list(one["Action"]) if "*" in action]


def everything_is_granted_only_where_nothing_less_is_offered(template: Template) -> list[str]:
    """Find grants for all resources that are more than a look at a list."""
    return [
        action
        for one in granted(template)
        if "*" in as_list(one["Resource"])
        for action in as_list(one["Action"])
        if not re.fullmatch(r"ecr:GetAuthorizationToken|\w+:Describe\w+", action)
    ]


def every_resource_is_narrow(template: Template) -> list[str]:
    """Find wildcards that match more than they have to."""
    found = []
    for one in granted(template):
        bound = "Condition" in one or one["Action"] == "ec2:CreateLaunchTemplate"
        patterns = (*NARROW, *NAMELESS) if bound else NARROW
        wild = [word.removeprefix("Sub ") for word in as_list(one["Resource"]) if "*" in word and word != "*"]
        found += [word for word in wild if not any(re.fullmatch(pattern, word) for pattern in patterns)]
    return found


def other_environments_are_out_of_reach(template: Template) -> list[str]:
    """Find rights to change every environment of the application."""
    return [
        action
        for one in granted(template)
        for action in as_list(one["Action"])
        if re.match(r"elasticbeanstalk:(?!Describe)", action)
        and any(resource.endswith("environment/${Service}/*") for resource in as_list(one["Resource"]))
    ]


def roles_are_passed_one_by_one(template: Template) -> list[str]:
    """Find roles that are handed to more than the services that need them."""
    passing = [one for one in granted(template) if "iam:PassRole" in as_list(one["Action"])]
    return [
        str(one)
        for one in passing
        if "*" in str(one["Resource"]) or "iam:PassedToService" not in str(one.get("Condition"))
    ]


def nobody_changes_rights(template: Template) -> list[str]:
    """Find actions of IAM but passing a role, and bucket policies."""
    actions = [action for one in granted(template) for action in as_list(one["Action"])]
    return [
        action
        for action in actions
        if (action.startswith("iam:") and action != "iam:PassRole") or action == "s3:PutBucketPolicy"
    ]


def only_machines_read_secrets(template: Template) -> list[str]:
    """Find secrets that another role than that of the machines may read."""
    found = []
    for name, resource in resources(template, "AWS::IAM::Role", "AWS::IAM::Policy"):
        reads = [one for one in statements(resource) if "secretsmanager:" in str(one["Action"])]
        holder = str(resource["Properties"].get("Roles", name)) + str(resource["Properties"].get("RoleName", ""))
        found += [name] * bool(reads and "nstance" not in holder)
    return found


def whoever_takes_a_role_is_named(template: Template) -> list[str]:
    """Find trust that is not for one audience and named subjects, or not for one service."""
    found = []
    for name, role in resources(template, "AWS::IAM::Role"):
        (one,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        condition = one.get("Condition", {})
        if one["Action"] == "sts:AssumeRoleWithWebIdentity":
            equal = {key.rpartition(":")[2]: value for key, value in condition.get("StringEquals", {}).items()}
            good = equal == {"aud": "sts.amazonaws.com", "sub": "Ref TrustedSubjects"} and len(condition) == 1
        else:
            service = one["Principal"].get("Service")
            good = service == "ec2.amazonaws.com" or condition == {
                "StringEquals": {"sts:ExternalId": "elasticbeanstalk"}
            }
        found += [] if good else [name]
    return found


def no_secret_is_written(template: Template) -> list[str]:
    """Find secrets in parameters, outputs and properties; their addresses are none."""
    named = [*template.get("Parameters", {}), *template.get("Outputs", {})]
    found = [name for name in named if SECRET_WORDS.search(name) and not name.endswith(("Arn", "Arns"))]
    found += [name for name, one in template.get("Parameters", {}).items() if "NoEcho" in one]
    found += [name for name, one in template.get("Outputs", {}).items() if "resolve:" in str(one)]
    for name, resource in resources(template):
        properties = resource.get("Properties", {})
        password = properties.get("MasterUserPassword", "Sub {{resolve:secretsmanager:${Password}}}")
        found += [name] * (password != "Sub {{resolve:secretsmanager:${Password}}}")  # noqa: S105 - no password
        found += [name] * ("SecretString" in properties or "ManageMasterUserPassword" in properties)
    return found


def a_password_is_long_and_random(template: Template) -> list[str]:
    """Find secrets that AWS does not think up, or that are short."""
    found = list(resources(template, "AWS::SecretsManager::Secret"))
    return [
        name for name, one in found if one["Properties"].get("GenerateSecretString", {}).get("PasswordLength", 0) < 32
    ]


def what_is_stored_is_encrypted(template: Template) -> list[str]:
    """Find disks, buckets and connections without encryption."""
    databases = [
        name
        for name, one in resources(template, "AWS::RDS::DBInstance")
        if one["Properties"].get("StorageEncrypted") is not True
    ]
    buckets = [
        name for name, one in resources(template, "AWS::S3::Bucket") if "BucketEncryption" not in one["Properties"]
    ]
    refusals = [
        one
        for one in statements(template)
        if one["Effect"] == "Deny" and one["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    ]
    return databases + buckets + ["no refusal of plain connections"] * bool(buckets_of(template) and not refusals)


def buckets_of(template: Template) -> list[str]:
    """Return the names of all buckets."""
    return [name for name, _ in resources(template, "AWS::S3::Bucket")]


def nothing_is_public(template: Template) -> list[str]:
    """Find doors to the internet."""
    found = [
        name
        for name, one in resources(template, "AWS::RDS::DBInstance")
        if one["Properties"].get("PubliclyAccessible") is not False or "VPCSecurityGroups" not in one["Properties"]
    ]
    for name, one in resources(template, "AWS::S3::Bucket"):
        block = one["Properties"].get("PublicAccessBlockConfiguration", {})
        found += [name] * (list(block.values()) != [True] * 4)
    for name, one in resources(template, "AWS::EC2::SecurityGroup"):
        rules = one["Properties"].get("SecurityGroupIngress", [])
        found += [name for rule in rules if ANYBODY & set(rule.values()) or "SourceSecurityGroupId" not in rule]
    open_to_all = [one for one in statements(template) if one["Effect"] == "Allow" and one.get("Principal") == "*"]
    return found + ["a statement for everybody"] * len(open_to_all)


def logs_and_copies_end(template: Template) -> list[str]:
    """Find what would be kept for ever, or not at all."""
    found = [
        name for name, one in resources(template, "AWS::Logs::LogGroup") if "RetentionInDays" not in one["Properties"]
    ]
    found += [
        name
        for name, one in resources(template, "AWS::RDS::DBInstance")
        if one["Properties"].get("BackupRetentionPeriod") != "Ref BackupDays"
        or one["Properties"].get("DeletionProtection") != "Ref Protection"
    ]
    lifecycles = {"AWS::ECR::Repository": "LifecyclePolicy", "AWS::S3::Bucket": "LifecycleConfiguration"}
    return found + [
        name for name, one in resources(template, *lifecycles) if lifecycles[one["Type"]] not in one["Properties"]
    ]


def what_matters_outlives_its_stack(template: Template) -> list[str]:
    """Find artifacts, journals and databases that would go with their stack."""
    kept = dict.fromkeys(ARTIFACTS, ("RetainExceptOnCreate", "Retain"))
    kept["AWS::RDS::DBInstance"] = ("Snapshot", "Snapshot")
    return [
        name
        for name, one in resources(template, *kept)
        if (one.get("DeletionPolicy"), one.get("UpdateReplacePolicy")) != kept[one["Type"]]
    ]


def machines_are_told_by_their_tags(template: Template) -> list[str]:
    """Find rights to change groups, machines and templates of other environments."""
    tag = "aws:ResourceTag/elasticbeanstalk:environment-name"
    names = ["Ref Place", "Sub ${Place}-blue", "Sub ${Place}-green"]
    return [
        action
        for one in granted(template)
        for action in as_list(one["Action"])
        if re.match(r"(autoscaling|ec2):(?!Describe|Create(?!OrUpdateTags|LaunchTemplateVersion)|RunInstances)", action)
        and one.get("Condition", {}).get("StringEquals", {}).get(tag) != names
    ]


RULES: dict[str, Callable[[Template], list[str]]] = {
    rule.__name__: rule
    for rule in (
        every_action_is_named,
        everything_is_granted_only_where_nothing_less_is_offered,
        every_resource_is_narrow,
        other_environments_are_out_of_reach,
        roles_are_passed_one_by_one,
        nobody_changes_rights,
        only_machines_read_secrets,
        whoever_takes_a_role_is_named,
        no_secret_is_written,
        a_password_is_long_and_random,
        what_is_stored_is_encrypted,
        nothing_is_public,
        logs_and_copies_end,
        what_matters_outlives_its_stack,
        machines_are_told_by_their_tags,
    )
}
