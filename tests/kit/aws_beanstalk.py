"""The API of Elastic Beanstalk, of which moto has next to nothing; ``kit.beanstalk_platform`` does what it asks."""

import re
from datetime import UTC, datetime
from typing import Any, NoReturn

from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.models import ec2_backends
from moto.elasticbeanstalk.exceptions import InvalidParameterValueError
from moto.elasticbeanstalk.responses import SOLUTION_STACK_DETAILS, EBResponse
from moto.elbv2.models import elbv2_backends

from kit.aws_beanstalk_versions import VERSION_HANDLERS, application_of, version_of
from kit.beanstalk import READY, Environment
from kit.beanstalk_options import Options
from kit.beanstalk_platform import PLATFORM, one_at_a_time
from kit.cloud import ACCOUNT

STACKS = [
    *(str(stack["SolutionStackName"]) for stack in SOLUTION_STACK_DETAILS),
    # Younger than moto's list.
    "64bit Amazon Linux 2023 v6.7.0 running Node.js 24",
    "64bit Amazon Linux 2023 v4.7.0 running Corretto 25",
]


def _asked(response: EBResponse, name: str) -> Any:  # noqa: ANN401 - a word, a list or a structure
    return response._get_param(name)  # noqa: SLF001 - how handlers of moto read parameters


def _wrong(message: str, code: str = "InvalidParameterValue") -> NoReturn:
    raise InvalidParameterValueError(code, message)


def _environment(response: EBResponse, role: str = "") -> Environment:
    name = _asked(response, f"{role}EnvironmentName") or _asked(response, f"{role}EnvironmentId") or ""
    return PLATFORM.living(response.region, name) or _wrong(f"No Environment found for EnvironmentName = '{name}'.")


def _described(one: Environment) -> dict[str, Any]:
    colour, word = one.health()
    return {
        "EnvironmentName": one.environment_name,
        "EnvironmentId": one.environment_id,
        "ApplicationName": one.application_name,
        "VersionLabel": one.version.shown_label,
        "SolutionStackName": one.stack,
        "PlatformArn": f"arn:aws:elasticbeanstalk:{one.region}::platform/{re.sub('.*running ', '', one.stack)}/1.0.0",
        "EndpointURL": PLATFORM.balancer_of(one),
        "CNAME": one.cname,
        "DateCreated": one.created,
        "DateUpdated": one.updated,
        "Status": one.status,
        "AbortableOperationInProgress": one.abortable,
        "Health": colour,
        "HealthStatus": word,
        "Tier": {"Name": "WebServer", "Type": "Standard", "Version": "1.0"},
        "EnvironmentLinks": [],
        "EnvironmentArn": one.environment_arn,
    }


def _refuse_unless_ready(*environments: Environment) -> None:
    for one in environments:
        if one.status != READY:
            name = one.environment_name
            _wrong(f"Environment named {name} is in an invalid state for this operation. Must be Ready.")


def _options(response: EBResponse, base: Options) -> Options:
    options = base.changed(_asked(response, "OptionSettings") or [], _asked(response, "OptionsToRemove") or [])
    if problem := options.problem():
        _wrong(f"Configuration validation exception: {problem}", "ConfigurationValidationException")
    return options


def _stack(response: EBResponse) -> str:
    name, arn = _asked(response, "SolutionStackName"), _asked(response, "PlatformArn")
    if arn:
        return str(arn)
    return str(name) if name in STACKS else _wrong(f"No Solution Stack named '{name}' found.")


def create_environment(self: EBResponse) -> ActionResult:
    """Launch an environment, on the sample application unless a version is named."""
    application, name = application_of(self), _asked(self, "EnvironmentName")
    prefix = (_asked(self, "CNAMEPrefix") or name).lower()
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{2,38}[A-Za-z0-9]", name):
        _wrong(f"Value {name} at 'EnvironmentName' failed to satisfy constraint: 4 to 40 letters, digits and hyphens")
    if PLATFORM.living(self.region, name):
        _wrong(f"Environment {name} already exists.")
    if PLATFORM.at(prefix):
        _wrong(f"DNS name ({PLATFORM.name_of(prefix)}) is not available.")
    version = version_of(self, application, _asked(self, "VersionLabel"))
    tags = {tag["Key"]: tag["Value"] for tag in _asked(self, "Tags") or []}
    words = (application.application_name, self.region, name, prefix)
    environment = Environment(PLATFORM, *words, version, _options(self, Options()), _stack(self), tags)
    application.environments[name] = environment
    PLATFORM.environments.append(environment)
    environment.begin("Launching", environment.open)
    return ActionResult(_described(environment))


def describe_environments(self: EBResponse) -> ActionResult:
    """List environments, as the filters say."""
    application, label = _asked(self, "ApplicationName"), _asked(self, "VersionLabel")
    names = [*(_asked(self, "EnvironmentNames") or []), *(_asked(self, "EnvironmentIds") or [])]
    deleted = _asked(self, "IncludeDeleted")  # the service includes them unless it is told not to
    found = [
        one
        for one in PLATFORM.environments
        if one.region == self.region
        and application in {None, one.application_name}
        and label in {None, one.version.label}
        and (not names or {one.environment_name, one.environment_id} & set(names))
        and (deleted is not False or one.status != "Terminated")
    ]
    return ActionResult({"Environments": [_described(one) for one in found]})


def update_environment(self: EBResponse) -> ActionResult:
    """Deploy a version, or change settings, never both."""
    environment, label = _environment(self), _asked(self, "VersionLabel")
    platform = _asked(self, "SolutionStackName") or _asked(self, "PlatformArn")
    if label and (platform or _asked(self, "OptionSettings") or _asked(self, "OptionsToRemove")):
        _wrong("Release and configuration cannot be updated at the same time.", "InvalidParameterCombination")
    _refuse_unless_ready(environment)
    if label:
        version = version_of(self, application_of(self, environment.application_name), label)
        environment.deploy(version)
    else:
        options = _options(self, environment.options)
        if platform:
            environment.stack = _stack(self)
        environment.configure(options)
    return ActionResult(_described(environment))


def abort_environment_update(self: EBResponse) -> EmptyResult:
    """Stop what goes on and take it back."""
    environment = _environment(self)
    if not environment.abortable:
        _wrong(f"Environment named {environment.environment_name} has no operation in progress that can be aborted.")
    environment.abort()
    return EmptyResult()


def swap_environment_cnam_es(self: EBResponse) -> EmptyResult:
    """Swap the addresses of two environments."""
    source, destination = _environment(self, "Source"), _environment(self, "Destination")
    _refuse_unless_ready(source, destination)
    source.swap(destination)
    return EmptyResult()


def terminate_environment(self: EBResponse) -> ActionResult:
    """Give up an environment."""
    environment = _environment(self)
    if environment.status == "Terminating":
        _refuse_unless_ready(environment)
    environment.terminate()
    application_of(self, environment.application_name).environments.pop(environment.environment_name, None)
    return ActionResult(_described(environment))


def describe_events(self: EBResponse) -> ActionResult:
    """List events, the newest first."""
    levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]
    name, start, end = (_asked(self, word) for word in ("EnvironmentName", "StartTime", "EndTime"))
    wanted = {
        "ApplicationName": _asked(self, "ApplicationName"),
        "EnvironmentName": name or (_environment(self).environment_name if _asked(self, "EnvironmentId") else None),
    }
    severity = levels.index(_asked(self, "Severity") or "TRACE")
    found = [
        event
        for event in reversed(PLATFORM.events)
        if all(value in {None, event[key]} for key, value in wanted.items())
        and levels.index(event["Severity"]) >= severity
        and (start is None or event["EventDate"] >= _moment(start))
        and (end is None or event["EventDate"] < _moment(end))
    ]
    return ActionResult({"Events": found[: _asked(self, "MaxRecords") or 1000]})


def _moment(value: datetime | str) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def describe_configuration_settings(self: EBResponse) -> ActionResult:
    """Show the settings of an environment, and those on their way."""
    environment = _environment(self)
    sets = [("deployed", environment.options)]
    if environment.draft:
        sets.append(("pending", environment.draft))
    return ActionResult({"ConfigurationSettings": [_settings(environment, *one) for one in sets]})


def _settings(environment: Environment, status: str, options: Options) -> dict[str, Any]:
    return {
        "SolutionStackName": environment.stack,
        "ApplicationName": environment.application_name,
        "EnvironmentName": environment.environment_name,
        "DeploymentStatus": status,
        "DateCreated": environment.created,
        "DateUpdated": environment.updated,
        "OptionSettings": [
            {"Namespace": namespace, "OptionName": name, "Value": value} for (namespace, name), value in options.items()
        ],
    }


def describe_environment_health(self: EBResponse) -> ActionResult:
    """Say how an environment is and why."""
    environment = _environment(self)
    colour, word = environment.health()
    ready = [machine.version.ready for machine in environment.machines]
    health = {
        "EnvironmentName": environment.environment_name,
        "HealthStatus": word,
        "Status": environment.status,
        "Color": colour,
        "Causes": environment.causes(),
        "InstancesHealth": {"Ok": ready.count(True), "Severe": ready.count(False)},
        "RefreshedAt": datetime.now(UTC),
    }
    return ActionResult(health)


def describe_environment_resources(self: EBResponse) -> ActionResult:
    """List what an environment is made of; its load balancer is known to the service of load balancers, too."""
    environment = _environment(self)
    stem = f"awseb-{environment.environment_id}-stack"
    resources = {
        "EnvironmentName": environment.environment_name,
        "AutoScalingGroups": [{"Name": f"{stem}-AWSEBAutoScalingGroup-1A2B3C"}],
        "Instances": [{"Id": machine.name} for machine in environment.machines],
        "LaunchConfigurations": [],
        "LaunchTemplates": [{"Id": f"lt-{environment.number:017x}"}],
        "LoadBalancers": [{"Name": _load_balancer(environment)}],
        "Triggers": [],
        "Queues": [],
    }
    return ActionResult({"EnvironmentResources": resources})


def _load_balancer(environment: Environment) -> str:
    backend, machines = elbv2_backends[ACCOUNT][environment.region], ec2_backends[ACCOUNT][environment.region]
    name = f"awseb-AWSEB-{environment.number:010d}"
    for arn, balancer in backend.load_balancers.items():
        if balancer.name == name:
            return arn
    given = environment.options.given.get(("aws:ec2:vpc", "ELBSubnets"), "")
    subnets = given.split(",") if given else [subnet.id for subnet in machines.get_default_subnets().values()]
    balancer = backend.create_load_balancer(name, [], subnets, loadbalancer_type="application")
    words = {"protocol": "HTTP", "port": "80", "vpc_id": balancer.vpc_id, "target_type": "instance"}
    group = backend.create_target_group(f"awseb-AWSEB-{environment.number:010d}", **words)
    backend.create_listener(balancer.arn, "HTTP", "80", "", None, [{"Type": "forward", "TargetGroupArn": group.arn}])
    return str(balancer.arn)


def check_dns_availability(self: EBResponse) -> ActionResult:
    """Say whether an address is free."""
    prefix = _asked(self, "CNAMEPrefix").lower()
    return ActionResult({"Available": not PLATFORM.at(prefix), "FullyQualifiedCNAME": PLATFORM.name_of(prefix)})


def list_available_solution_stacks(self: EBResponse) -> ActionResult:  # noqa: ARG001 - a handler
    """List the platforms, the younger ones that moto does not know as well."""
    details = [{"SolutionStackName": name, "PermittedFileTypes": ["zip"]} for name in STACKS]
    return ActionResult({"SolutionStacks": STACKS, "SolutionStackDetails": details})


HANDLERS = (
    *VERSION_HANDLERS,
    abort_environment_update,
    check_dns_availability,
    create_environment,
    describe_configuration_settings,
    describe_environment_health,
    describe_environment_resources,
    describe_environments,
    describe_events,
    list_available_solution_stacks,
    swap_environment_cnam_es,
    terminate_environment,
    update_environment,
)


def complete_beanstalk() -> None:
    """Teach moto the rest of Elastic Beanstalk."""
    for handler in HANDLERS:
        setattr(EBResponse, handler.__name__, one_at_a_time(handler))
