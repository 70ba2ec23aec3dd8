"""Dashboards that are wrong in one place: which one, what to replace in it, and by what."""

COUNTER = "http_server_request_duration_seconds_count"
RATE = f'rate({COUNTER}{{job=\\"my-service\\", environment=\\"$environment\\"}}[$__rate_interval])'

STATIC: dict[str, tuple[str, str, str]] = {
    "can be edited": ("service", '"editable": false', '"editable": true'),
    "has no uid": ("service", '"uid": "my-service-service"', '"uid": ""'),
    "a data source by name": ("service", '"uid": "${datasource}"', '"uid": "prometheus"'),
    "a unit is gone": ("service", '"unit": "s",', ""),
    "milliseconds": ("service", '"unit": "s",', '"unit": "ms",'),
    "bits": ("service", '"unit": "bytes",', '"unit": "bits",'),
    "off the grid": ("service", '"w": 8,\n        "x": 16', '"w": 9,\n        "x": 16'),
    "panels overlap": ("service", '"w": 8,\n        "x": 0', '"w": 9,\n        "x": 0'),
    "two panels of one id": ("service", '"id": 5,', '"id": 4,'),
    "a lost variable": ("service", '"name": "environment"', '"name": "stage"'),
    "an unknown variable": ("service", 'environment=\\"$environment\\"', 'environment=\\"$stage\\"'),
    "a variable that is asked once": ("service", '"refresh": 2', '"refresh": 0'),
    "a fixed range": ("service", "[$__rate_interval]", "[5m]"),
    "a fixed time": ("service", '"from": "now-3h"', '"from": "2026-11-24"'),
    "no description": ("service", '"description": "Requests a second of each operation."', '"description": ""'),
    "another service": ("service", 'job=\\"my-service\\"', 'job=\\"my-servce\\"'),
    "all environments": ("service", ', environment=\\"$environment\\"', ""),
    "a lost bracket": ("service", "sum by (le) (rate", "sum by (le (rate"),
    "a misspelt function": ("service", "histogram_quantile(", "histogram_quantil("),
    "a counter as it is": ("service", RATE, RATE[5:-1].replace("[$__rate_interval]", "")),
    "a range where a moment is due": ("service", RATE, RATE[5:-1]),
    "lines without names": (
        "service",
        '"legendFormat": "{{http_request_method}} {{http_route}}"',
        '"legendFormat": ""',
    ),
    "no JSON": ("slo", '"panels": [', '"panels": [,'),
    "a panel that asks nothing": ("runtime", '"targets": [', '"targets": [], "queries": ['),
}
LIVE: dict[str, tuple[str, str, str]] = {
    "a renamed metric": ("service", "process_resident_memory_bytes", "process_resident_set_bytes"),
    "a renamed label": ("service", "sum by (http_response_status_code)", "sum by (http_status_code)"),
    "a missing recording": ("slo", "slo:burn_rate:2h", "slo:burn_rate:3h"),
    "le is lost": ("service", "sum by (le) (rate", "sum by (lee) (rate"),
    "nothing over nothing": (
        "service",
        '/ sum(rate(http_server_request_duration_seconds_count{job=\\"my-service\\"',
        '/ sum(rate(http_server_request_duration_seconds_count{http_route=\\"/none\\", job=\\"my-service\\"',
    ),
    "a variable of an unknown metric": ("service", "label_values(up{", "label_values(upp{"),
    "the name of a line": ("service", "{{db_client_connection_state}}", "{{state}}"),
    "a status that never is": (
        "service",
        'http_response_status_code=~\\"5..\\"',
        'http_response_status_code=~\\"5.\\"',
    ),
    "another objective": ("slo", 'slo=\\"latency\\"', 'slo=\\"latencies\\"'),
}
# Of the dashboard that each language has for itself: a label that is none.
RUNTIME: dict[str, tuple[str, str, str]] = {
    "node": ("runtime", "sum by (kind)", "sum by (kinds)"),
    "python": ("runtime", "sum by (generation)", "sum by (generations)"),
    "go": ("runtime", "count by (version)", "count by (versions)"),
    "java": ("runtime", "sum by (gc)", "sum by (gcs)"),
}
