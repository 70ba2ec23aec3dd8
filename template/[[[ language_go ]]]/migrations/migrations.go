// Package migrations holds the schema of the database, one SQL file a step.
package migrations

import "embed"

// Files are applied in the order of the numbers that their names begin with; what is no SQL is passed over.
//
//go:embed *
var Files embed.FS
