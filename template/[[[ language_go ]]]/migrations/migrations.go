// Package migrations holds the schema of the database, one SQL file a step.
package migrations

import "embed"

// Files are applied in the order of the numbers that their names begin with.
//
//go:embed *.sql
var Files embed.FS
