package config

import (
	"crypto/x509"
	"net/url"
	"os"
	"strings"
)

// databaseURL splits DATABASE_URL into the variables that it stands for.
func (r *reader) databaseURL() map[string]string {
	text := r.value("DATABASE_URL")
	if text == "" {
		return nil
	}
	parts := partsOf(text)
	if parts == nil {
		r.refuse("DATABASE_URL", "must look like postgresql://USER:PASSWORD@HOST:PORT/NAME")
	}
	for _, name := range []string{"DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASS", "DB_SSLMODE"} {
		part, given := parts[name]
		if value := r.value(name); given && value != "" && value != part {
			r.refuse(name, "differs from DATABASE_URL; keep one of them")
		}
	}
	return parts
}

// partsOf returns nil for what is no address of a PostgreSQL database. The error of url.Parse quotes the URL, and the
// password with it: it goes nowhere.
func partsOf(text string) map[string]string {
	address, err := url.Parse(text)
	if err != nil || address.Scheme != "postgresql" && address.Scheme != "postgres" {
		return nil
	}
	parts := map[string]string{
		"DB_HOST": address.Hostname(),
		"DB_PORT": "5432",
		"DB_NAME": strings.TrimPrefix(address.Path, "/"),
		"DB_USER": address.User.Username(),
	}
	for _, part := range parts {
		if part == "" {
			return nil
		}
	}
	if port := address.Port(); port != "" {
		parts["DB_PORT"] = port
	}
	if pass, _ := address.User.Password(); pass != "" {
		parts["DB_PASS"] = pass
	}
	if mode := address.Query().Get("sslmode"); mode != "" {
		parts["DB_SSLMODE"] = mode
	}
	return parts
}

// database returns nil when there is none and none is needed.
func (r *reader) database(appEnv string) *Database {
	mode := "verify-full"
	if appEnv == "development" || appEnv == "test" {
		mode = "disable"
	}
	database := &Database{
		Host:             r.value("DB_HOST"),
		Port:             uint16(r.integer("DB_PORT", 5432, 1, 65_535)), //nolint:gosec // in range
		Name:             r.value("DB_NAME"),
		User:             r.value("DB_USER"),
		Pass:             r.value("DB_PASS"),
		SSLMode:          r.oneOf("DB_SSLMODE", mode, "disable", "require", "verify-full"),
		RootCerts:        r.certificates("DB_SSLROOTCERT"),
		PoolMax:          int32(r.integer("DB_POOL_MAX", 10, 1, 1_000)), //nolint:gosec // in range
		ConnectTimeout:   r.milliseconds("DB_CONNECT_TIMEOUT_MS", 3_000, 1),
		StatementTimeout: r.milliseconds("DB_STATEMENT_TIMEOUT_MS", 5_000, 1),
	}
	if r.getenv("DATABASE_URL") != "" || r.getenv("DATABASE_URL_FILE") != "" {
		return database
	}
	if database.Host == "" && database.Name == "" && database.User == "" && database.Pass == "" {
		if appEnv == "staging" || appEnv == "production" {
			r.refuse("DATABASE_URL", "is required in staging and production (or DB_HOST, DB_NAME and DB_USER)")
		}
		return nil
	}
	r.complete(database)
	return database
}

func (r *reader) complete(database *Database) {
	required := []struct{ name, value string }{
		{"DB_HOST", database.Host}, {"DB_NAME", database.Name}, {"DB_USER", database.User},
	}
	for _, part := range required {
		if part.value == "" {
			r.refuse(part.name, "is required; DB_HOST, DB_NAME, DB_USER belong together")
		}
	}
}

func (r *reader) certificates(name string) *x509.CertPool {
	path := r.value(name)
	if path == "" {
		return nil
	}
	pool := x509.NewCertPool()
	pem, err := os.ReadFile(path)
	if err != nil || !pool.AppendCertsFromPEM(pem) {
		r.refuse(name, "must name a readable PEM file")
	}
	return pool
}
