"""The resources of stacks that moto lacks."""

import json
from typing import Any

from moto.acm.models import acm_backends
from moto.cloudformation import models, parsing
from moto.cloudformation.models import ChangeSet
from moto.cloudformation.utils import yaml_tag_constructor
from moto.core.common_models import CloudFormationModel
from moto.logs.models import logs_backends
from moto.rds.models import DBInstance, rds_backends
from moto.secretsmanager.models import secretsmanager_backends

Properties = dict[str, Any]
UPDATE = parsing.parse_and_update_resource


class Lacking:
    """A resource that is known by one word of its own."""

    word = ""

    def __init__(self, word: str) -> None:
        """Note what ``Ref`` gives."""
        self.word = word

    @property
    def physical_resource_id(self) -> str:
        """Return what ``Ref`` gives."""
        return self.word

    @staticmethod
    def cloudformation_name_type() -> str:
        """Return the property with the name, of which there is none."""
        return ""

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Properties, account_id: str, region_name: str, **_: object
    ) -> "Lacking":
        """Make one."""
        return cls(cls.make(resource_name, cloudformation_json["Properties"], account_id, region_name))

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Properties, account_id: str, region_name: str
    ) -> None:
        """Remove one."""
        cls.remove(resource_name, cloudformation_json["Properties"], account_id, region_name)

    @staticmethod
    def make(name: str, properties: Properties, account: str, region: str) -> str:
        """Make one and return its word."""
        raise NotImplementedError

    @staticmethod
    def remove(word: str, properties: Properties, account: str, region: str) -> None:
        """Remove the one with this word."""
        raise NotImplementedError


class Secret(Lacking, CloudFormationModel):
    """A secret whose content AWS thinks up."""

    @staticmethod
    def cloudformation_type() -> str:
        """Return its type."""
        return "AWS::SecretsManager::Secret"

    @staticmethod
    def make(name: str, properties: Properties, account: str, region: str) -> str:
        """Make a secret."""
        backend, wish = secretsmanager_backends[account][region], properties["GenerateSecretString"]
        none = dict.fromkeys(("numbers", "uppercase", "lowercase"), False)
        content = backend.get_random_password(
            wish["PasswordLength"],
            "",
            include_space=False,
            require_each_included_type=True,
            exclude_punctuation=wish["ExcludePunctuation"],
            **{f"exclude_{kind}": value for kind, value in none.items()},
        )
        password: str = json.loads(content)["RandomPassword"]
        backend.create_secret(
            name, password, None, properties["Description"], [], None, None, [], force_overwrite=False
        )
        return str(backend.secrets[name].arn)

    @staticmethod
    def remove(word: str, properties: Properties, account: str, region: str) -> None:
        """Delete a secret at once."""
        del properties
        secretsmanager_backends[account][region].delete_secret(word, None, force_delete_without_recovery=True)


class Certificate(Lacking, CloudFormationModel):
    """A certificate, issued at once."""

    @staticmethod
    def cloudformation_type() -> str:
        """Return its type."""
        return "AWS::CertificateManager::Certificate"

    @staticmethod
    def make(name: str, properties: Properties, account: str, region: str) -> str:
        """Request a certificate."""
        backend, domain = acm_backends[account][region], properties["DomainName"]
        arn = backend.request_certificate(domain, name, [domain], [])
        backend._certificates[arn].status = "ISSUED"  # noqa: SLF001 - moto lets time do it
        return str(arn)

    @staticmethod
    def remove(word: str, properties: Properties, account: str, region: str) -> None:
        """Delete a certificate."""
        del properties
        acm_backends[account][region].delete_certificate(word)


class Stream(Lacking, CloudFormationModel):
    """A stream of a log group."""

    @staticmethod
    def cloudformation_type() -> str:
        """Return its type."""
        return "AWS::Logs::LogStream"

    @staticmethod
    def make(name: str, properties: Properties, account: str, region: str) -> str:
        """Make a stream."""
        del name
        logs_backends[account][region].create_log_stream(properties["LogGroupName"], properties["LogStreamName"])
        return str(properties["LogStreamName"])

    @staticmethod
    def remove(word: str, properties: Properties, account: str, region: str) -> None:
        """Delete a stream."""
        logs_backends[account][region].delete_log_stream(properties["LogGroupName"], word)


def _change_database(  # noqa: PLR0913, PLR0917 - as moto calls it
    cls: type[DBInstance],
    original_resource: DBInstance,
    new_resource_name: str,
    cloudformation_json: Properties,
    account_id: str,
    region_name: str,
) -> DBInstance:
    """Change what may change of a database."""
    del cls, new_resource_name
    properties = cloudformation_json["Properties"]
    changes = {
        "deletion_protection": properties["DeletionProtection"] == "true",
        "db_instance_class": properties["DBInstanceClass"],
        "allocated_storage": properties["AllocatedStorage"],
        "multi_az": properties["MultiAZ"] == "true",
        "backup_retention_period": properties["BackupRetentionPeriod"],
    }
    backend = rds_backends[account_id][region_name]
    changed: DBInstance = backend.modify_db_instance(original_resource.db_instance_identifier, changes)
    return changed


def _short_form(loader: Any, tag: str, node: Any) -> dict[str, Any]:  # noqa: ANN401 - of PyYAML
    """Read a short form as its long one; what an attribute is called may have dots."""
    found: dict[str, Any] = yaml_tag_constructor(loader, tag, node)
    if tag == "!GetAtt":
        found["Fn::GetAtt"] = node.value.split(".", 1)
    return found


def _update_if_meant(
    logical_id: str, resource_json: Properties, resources_map: parsing.ResourceMap, account_id: str, region_name: str
) -> Any:  # noqa: ANN401 - of moto
    """Make, change or remove a resource, as its condition has become."""
    there = resources_map._parsed_resources.get(logical_id)  # noqa: SLF001 - moto has no other way
    condition = resource_json.get("Condition")
    words = (logical_id, resource_json, resources_map, account_id, region_name)
    if condition is None or (there and resources_map.lazy_condition_map[condition]):
        return UPDATE(*words)
    if there:
        resources_map._delete_resource(there, resource_json)  # noqa: SLF001 - as above
    return parsing.parse_and_create_resource(*words)


def complete_stacks() -> None:
    """Let moto's databases change with their stacks, and stacks made by change sets know outputs and parameters."""
    DBInstance.update_from_cloudformation_json = classmethod(_change_database)  # type: ignore[assignment,method-assign]
    models.yaml_tag_constructor = _short_form  # type: ignore[attr-defined]
    parsing.parse_and_update_resource = _update_if_meant
    apply = ChangeSet.apply

    def apply_and_show(self: ChangeSet) -> None:
        apply(self)
        self.stack.parameters = self.parameters
        self.stack.output_map = parsing.OutputMap(self.stack.resource_map, self.template_dict, self.stack.stack_id)

    ChangeSet.apply = apply_and_show  # type: ignore[method-assign]
