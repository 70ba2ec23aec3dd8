"""Django's settings, all of them constants: what the environment decides stands in `Config`, and is passed in."""

INSTALLED_APPS: list[str] = [
    # One line a resource that has a table.
    "app.items",
]

TIME_ZONE = "UTC"
# The log is that of the service.
LOGGING_CONFIG = None
# The size of a query is bounded by that of the head of its request.
DATA_UPLOAD_MAX_NUMBER_FIELDS = None
