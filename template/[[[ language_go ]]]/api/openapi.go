// Package api holds the contract of the service.
package api

import _ "embed"

// OpenAPI is the document that the service serves at /openapi.yaml.
//
//go:embed openapi.yaml
var OpenAPI []byte
