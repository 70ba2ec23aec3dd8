# shellcheck shell=bash
# Monitoring is a Prometheus of yours (monitoring/README.md): the cloud has nothing to set up for it.

monitoring_parts() { :; }
