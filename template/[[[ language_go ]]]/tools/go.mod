module tools

go 1.26.0

tool (
	github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	golang.org/x/vuln/cmd/govulncheck
)

require (
	github.com/golangci/golangci-lint/v2 v2.15.0
	golang.org/x/vuln v1.9.0
)
