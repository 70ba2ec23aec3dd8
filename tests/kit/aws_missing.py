"""What AWS does and moto does not, as far as generated repositories ask for it. Elastic Beanstalk stands beside it."""

from moto import backends
from moto.cloudformation.models import Stack
from moto.core.responses import EmptyResult
from moto.ecr.models import Repository
from moto.iam.responses import IamResponse

from kit.aws_beanstalk import complete_beanstalk


def add_client_id_to_open_id_connect_provider(self: IamResponse) -> EmptyResult:
    """Let tokens address one more audience."""
    provider = self.backend.get_open_id_connect_provider(self._get_param("OpenIDConnectProviderArn"))
    provider.client_id_list.append(self._get_param("ClientID"))
    return EmptyResult()


def complete_moto(port: int) -> None:
    """Teach moto what AWS does and it does not."""
    complete_beanstalk()
    services = tuple(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: services  # it reads a folder, once a request
    IamResponse.add_client_id_to_open_id_connect_provider = add_client_id_to_open_id_connect_provider  # type: ignore[attr-defined]

    def parameters(self: Stack) -> list[dict[str, str]]:
        values = self.resource_map.resolved_parameters.items()
        shown = {key: ",".join(value) if isinstance(value, list) else value for key, value in values}
        return [{"ParameterKey": key, "ParameterValue": value} for key, value in shown.items()]

    # A list as a parameter is shown as it was given; the registry of an image is this server.
    Stack.parameter_list = property(parameters)  # type: ignore[assignment,method-assign]
    Repository.uri = property(  # type: ignore[assignment]
        lambda repository: f"127.0.0.1:{port}/{repository.name}", lambda _repository, _value: None
    )
