"""The stack of alarms, as ``deploy/monitoring.sh`` asks for it."""

from monitoring.cloudformation import Stack
from monitoring.repositories import CLOUD, EVERY_CHANNEL, rendered

TEMPLATE = "deploy/cloudformation/monitoring.yaml"


def parameters(strategy: str, environment: str = "production", database: str = "orders-db") -> dict[str, str]:
    """Return what ``deploy/monitoring.sh`` gives the stack."""
    colours = ("Blue", "Green") if strategy == "blue-green" else ("",)
    return {
        "Service": "my-service",
        "Environment": environment,
        "Database": database,
        "DatabaseGigabytes": "20",
        "DatabaseConnections": "170",
        "AlertEmail": "team@example.com",
        "SlackWorkspace": "T0123456789",
        "SlackChannel": "C0123456789",
        "PagerdutySecret": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:my-service/pagerduty-AbCdEf",
    } | {
        f"{colour}{name}": f"{value}{colour.lower()}"
        for colour in colours
        for name, value in (
            ("Place", "my-service-prod"),
            ("LoadBalancer", "app/lb/1"),
            ("TargetGroup", "targetgroup/tg/1"),
            ("LogGroup", "/logs"),
        )
    }


def text_of(strategy: str, alerts: str = EVERY_CHANNEL) -> str:
    """Return the template for a strategy and channels."""
    return (rendered({**CLOUD, "deployment_strategy": strategy, "alerts": alerts}) / TEMPLATE).read_text()


def stack_of(strategy: str, **others: str) -> Stack:
    """Return the stack for a strategy."""
    return Stack(text_of(strategy), parameters(strategy, **others))
