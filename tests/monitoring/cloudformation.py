"""A CloudFormation template with its functions carried out, for given parameters."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

ACCOUNT = {"AWS::AccountId": "123456789012", "AWS::Region": "eu-central-1", "AWS::Partition": "aws"}
NOTHING = {"Ref": "AWS::NoValue"}


class Loader(yaml.SafeLoader):
    """YAML with the short forms of CloudFormation, which become the long ones."""


def _function(loader: Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    return {name if name in ("Ref", "Condition") else f"Fn::{name}": value}


Loader.add_multi_constructor("!", _function)


class Stack:
    """The resources that a template makes of its parameters; names of resources stand for what Ref gives."""

    def __init__(self, text: str, parameters: Mapping[str, str]) -> None:
        """Read a template and carry out its conditions and functions."""
        self.text = text
        self.template: dict[str, Any] = yaml.load(text, Loader)  # noqa: S506 - a safe loader
        self.parameters = {**ACCOUNT, **parameters}
        self.conditions = {
            name: bool(self.resolve(value)) for name, value in self.template.get("Conditions", {}).items()
        }
        self.resources: dict[str, dict[str, Any]] = {
            name: self.resolve(resource)
            for name, resource in self.template["Resources"].items()
            if self.conditions.get(resource.get("Condition"), True)
        }

    def of(self, *kinds: str) -> dict[str, dict[str, Any]]:
        """Return the properties of the resources of these types, such as ``CloudWatch::Alarm``."""
        wanted = {f"AWS::{kind}" for kind in kinds}
        return {name: one["Properties"] for name, one in self.resources.items() if one["Type"] in wanted}

    def resolve(self, value: Any) -> Any:  # noqa: ANN401 - whatever YAML says
        """Return a value with its functions carried out."""
        if isinstance(value, list):
            return [self.resolve(one) for one in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and (found := self._carried_out(*next(iter(value.items())))) is not NOTHING:
            return found
        return {key: self.resolve(one) for key, one in value.items()}

    def _carried_out(self, name: str, value: Any) -> Any:  # noqa: ANN401
        functions: dict[str, Callable[[], Any]] = {
            "Ref": lambda: self._named(value),
            "Fn::Sub": lambda: re.sub(r"\$\{([\w:.]+)\}", lambda match: str(self._named(match[1])), value),
            "Fn::GetAtt": lambda: self._named(value if isinstance(value, str) else ".".join(value)),
            "Fn::If": lambda: self.resolve(value[1] if self.conditions[value[0]] else value[2]),
            "Fn::Equals": lambda: self.resolve(value[0]) == self.resolve(value[1]),
            "Fn::Not": lambda: not self.resolve(value[0]),
        }
        return functions[name]() if name in functions else NOTHING

    def _named(self, name: str) -> object:
        if name in self.parameters:
            return self.parameters[name]
        resource, _, attribute = name.partition(".")
        if resource not in self.template["Resources"]:
            message = f"{name} is neither a parameter nor a resource"
            raise KeyError(message)
        properties = self.template["Resources"][resource]["Properties"]
        own = properties.get("AlarmName") if not attribute else None
        return self.resolve(own) if own else name

    def dashboard(self) -> dict[str, Any]:
        """Return the dashboard; one that is no JSON raises ``ValueError``."""
        (body,) = (one["DashboardBody"] for one in self.of("CloudWatch::Dashboard").values())
        found: dict[str, Any] = json.loads(body)
        return found
