"""The yardstick: Django as one file, a plain view, no middleware, no telemetry."""

import json
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import path

settings.configure(ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, USE_TZ=True)

item = json.loads(os.environ["ITEM"])
items = {item["id"]: item}


def read_item(_request: HttpRequest, id: str) -> JsonResponse:  # noqa: A002 - as the path names it
    """Return an item."""
    if id not in items:
        raise Http404
    return JsonResponse(items[id])


urlpatterns = [path("v1/items/<str:id>", read_item)]
app = get_wsgi_application()
