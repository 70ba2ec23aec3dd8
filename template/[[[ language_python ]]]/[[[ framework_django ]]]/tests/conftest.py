"""What all suites need."""

import app.db  # noqa: F401 - models can be imported from here on
