package app

import "net/http"

// setHeaders puts on an answer what every answer carries.
func setHeaders(header http.Header, commit string) {
	header.Set("X-Service-Version", commit)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-store")
}
