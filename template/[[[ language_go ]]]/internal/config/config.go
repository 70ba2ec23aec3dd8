// Package config reads the configuration of the service from its environment.
package config

import (
	"crypto/x509"
	"log/slog"
	"regexp"
	"time"
)

// Config is everything that can be set; it is read once and never changes.
type Config struct {
	AppEnv         string
	Host           string
	Port           int
	LogLevel       slog.Level
	ServiceName    string
	ServiceVersion string
	ServiceCommit  string
	// Database is nil when items are to be kept in memory.
	Database         *Database
	RequestTimeout   time.Duration
	MaxBodyBytes     int64
	MaxInFlight      int64
	ShutdownDelay    time.Duration
	ShutdownTimeout  time.Duration
	TrustedProxyHops int
}

// Database is where the PostgreSQL server is, and how patient the service is with it.
type Database struct {
	Host             string
	Port             uint16
	Name             string
	User             string
	Pass             string
	SSLMode          string
	RootCerts        *x509.CertPool
	PoolMax          int32
	ConnectTimeout   time.Duration
	StatementTimeout time.Duration
}

const maxMilliseconds = 600_000

var commit = regexp.MustCompile(`^([0-9a-f]{7,40}|unknown)$`)

// Load returns the configuration, or an InvalidError. The values of DATABASE_URL and DB_PASS never get into one.
func Load(getenv func(string) string) (*Config, error) {
	r := newReader(getenv)
	cfg := &Config{
		AppEnv:           r.oneOf("APP_ENV", "development", "development", "test", "staging", "production"),
		Host:             r.text("HOST", "0.0.0.0"),
		Port:             r.integer("PORT", 8080, 0, 65_535),
		LogLevel:         r.level("LOG_LEVEL", "info"),
		ServiceName:      r.text("SERVICE_NAME", defaultName),
		ServiceVersion:   r.text("SERVICE_VERSION", defaultVersion),
		ServiceCommit:    r.text("SERVICE_COMMIT", "unknown"),
		RequestTimeout:   r.milliseconds("REQUEST_TIMEOUT_MS", 15_000, 1),
		MaxBodyBytes:     int64(r.integer("MAX_BODY_BYTES", 1_048_576, 1, 104_857_600)),
		MaxInFlight:      int64(r.integer("MAX_IN_FLIGHT", 1_000, 1, 100_000)),
		ShutdownDelay:    r.milliseconds("SHUTDOWN_DELAY_MS", 0, 0),
		ShutdownTimeout:  r.milliseconds("SHUTDOWN_TIMEOUT_MS", 20_000, 0),
		TrustedProxyHops: r.integer("TRUSTED_PROXY_HOPS", 0, 0, 10),
	}
	if !commit.MatchString(cfg.ServiceCommit) {
		r.refuse("SERVICE_COMMIT", "must be 7 to 40 lower-case hexadecimal digits, or unknown")
	}
	cfg.Database = r.database(cfg.AppEnv)
	if len(r.problems) > 0 {
		return nil, &InvalidError{r.problems}
	}
	return cfg, nil
}
