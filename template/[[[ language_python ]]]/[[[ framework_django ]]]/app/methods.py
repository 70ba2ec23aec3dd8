"""The methods of a path."""

from collections.abc import Callable, Iterable

from django.http import HttpResponse

from app.body import Request

View = Callable[..., HttpResponse]


class MethodNotAllowed(Exception):  # noqa: N818 - the name of the contract
    """A path does not have the method of a request."""

    def __init__(self, allowed: Iterable[str]) -> None:
        super().__init__()
        self.allowed = ", ".join(allowed)


class Methods:
    """The view of a path: a function for each method that it has."""

    def __init__(self, **views: View) -> None:
        self.views = views

    def __call__(self, request: Request, **parameters: object) -> HttpResponse:
        """Let the function of the method answer."""
        view = self.views.get(request.method or "")
        if view is None:
            raise MethodNotAllowed(self.views)
        return view(request, **parameters)
