"""Problem documents (RFC 9457): the tables of the contract, and the one error that decides an answer."""

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

Model = TypeVar("Model", bound=BaseModel)

Place = Literal["pointer", "parameter"]
FieldError = dict[str, str]


class Kind(NamedTuple):
    """What all problems of one code say."""

    type: str
    title: str
    status: int
    detail: str


def _plain(status: HTTPStatus, detail: str) -> Kind:
    return Kind("about:blank", status.phrase, status.value, detail)


def _special(status: HTTPStatus, name: str, title: str, detail: str) -> Kind:
    return Kind(f"/problems/{name}", title, status.value, detail)


KINDS: Final = {
    "bad_request": _plain(HTTPStatus.BAD_REQUEST, "The request could not be understood."),
    "malformed_json": _special(
        HTTPStatus.BAD_REQUEST, "malformed-json", "Body is not JSON", "The request body is not valid JSON in UTF-8."
    ),
    "not_found": _plain(HTTPStatus.NOT_FOUND, "There is nothing at this path."),
    "method_not_allowed": _plain(HTTPStatus.METHOD_NOT_ALLOWED, "The Allow header lists the methods of this path."),
    "request_timeout": _plain(HTTPStatus.REQUEST_TIMEOUT, "The request took too long to arrive."),
    "conflict": _special(
        HTTPStatus.CONFLICT, "conflict", "Conflict with an existing resource", "A value that must be unique is taken."
    ),
    "body_too_large": _special(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "body-too-large",
        "Body is too large",
        "The request body is larger than this service accepts.",
    ),
    "unsupported_media_type": _plain(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The request body must be plain application/json in UTF-8."
    ),
    "validation_error": _special(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "validation-error",
        "Request is invalid",
        'The members of "errors" tell what is wrong.',
    ),
    "headers_too_large": _plain(
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The request headers are larger than this service accepts."
    ),
    "internal": _plain(HTTPStatus.INTERNAL_SERVER_ERROR, "The request failed; the log knows it by its request_id."),
    "unavailable": _plain(HTTPStatus.SERVICE_UNAVAILABLE, "The service cannot answer now; try again soon."),
    "storage_full": _special(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "storage-full",
        "Storage is full",
        "The in-memory store holds as many items as it may.",
    ),
    "timeout": _special(
        HTTPStatus.GATEWAY_TIMEOUT, "timeout", "Request took too long", "The request was not finished in time."
    ),
}
"""`x-problems` of api/openapi.yaml."""

_FRAMEWORK_REFUSALS = {400: "bad_request", 404: "not_found", 413: "body_too_large"}

REFUSALS: Final = {
    "required": "is required",
    "unknown_field": "is not a known field",
    "wrong_type": "must be {expected}",
    "invalid_characters": "must not contain NUL or unpaired surrogates",
    "too_short": "must not be empty",
    "too_long": "must have at most {longest} characters",
    "taken": "is already taken",
    "not_a_uuid": "must be a UUID",
    "out_of_range": "must be an integer from {low} to {high}",
    "invalid_cursor": "must be the next_cursor of another page",
}
"""`x-field-errors` of api/openapi.yaml."""


class Problem(Exception):  # noqa: N818 - the name of the contract
    """The only error that decides how a request is answered; any other is `internal`."""

    def __init__(self, code: str, *, errors: Iterable[FieldError] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.kind = KINDS[code]
        self.errors = list(errors)

    @property
    def headers(self) -> dict[str, str]:
        """Return what the head of the answer says."""
        retry = {"Retry-After": "1"} if self.kind.status == HTTPStatus.SERVICE_UNAVAILABLE else {}
        return {"Content-Type": "application/problem+json", **retry}

    def body(self, instance: str, request_id: str) -> bytes:
        """Write the document; its members come in the order of the contract."""
        document: dict[str, object] = {**self.kind._asdict(), "instance": instance, "request_id": request_id}
        if self.errors:
            document["errors"] = self.errors
        return json.dumps(document, separators=(",", ":")).encode()


def framework_problem(status: int) -> Problem:
    """Tell in terms of the contract what a framework refuses; nobody expects it to refuse more."""
    return Problem(_FRAMEWORK_REFUSALS.get(status, "internal"))


def refusal(code: str, **context: object) -> PydanticCustomError:
    """Return what a validator raises."""
    return PydanticCustomError(code, REFUSALS[code], context)


def field_error(place: Place, path: Iterable[object], code: str, detail: str) -> FieldError:
    """Say what is wrong with a field of the body, or with a parameter."""
    names = [str(name) for name in path]
    where = ".".join(names) if place == "parameter" else "/".join(["#", *map(_escaped, names)])
    return {place: where, "detail": detail, "code": code}


def validation_problem(place: Place, errors: Iterable[ErrorDetails | dict[str, Any]]) -> Problem:
    """Tell every error that pydantic found: known fields as they stand in the schema, then unknown ones by name."""
    told = [_told(place, error) for error in errors]
    known = [error for error in told if error["code"] != "unknown_field"]
    unknown = sorted((error for error in told if error["code"] == "unknown_field"), key=lambda error: error[place])
    return Problem("validation_error", errors=[*known, *unknown])


def valid(model: type[Model], value: object, place: Place) -> Model:
    """Return what the model makes of a value, or raise the problem that tells every error at once."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise validation_problem(place, error.errors()) from None


def _told(place: Place, error: ErrorDetails | dict[str, Any]) -> FieldError:
    match error["type"]:
        case "missing":
            code = "required"
        case "extra_forbidden":
            code = "unknown_field"
        case "string_unicode":
            # The name of the field itself is no text.
            return field_error(place, [*error["loc"], error["input"]], "unknown_field", REFUSALS["unknown_field"])
        case code if code in REFUSALS:
            return field_error(place, error["loc"], code, error["msg"])
        case _:
            return field_error(place, error["loc"], "wrong_type", "must be an object")
    return field_error(place, error["loc"], code, REFUSALS[code])


def _escaped(name: str) -> str:
    """Escape by RFC 6901, section 3."""
    return name.replace("~", "~0").replace("/", "~1")
