"""Plain functions that the tests share: no fixtures, no assertions about the template."""
