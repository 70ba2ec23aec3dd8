package app

import (
	"crypto/rand"
	"encoding/hex"
	"time"
)

// NewID returns a UUID of version 7: its first 48 bits are the time, so that ids sort by it.
func NewID() string {
	var id [16]byte
	_, _ = rand.Read(id[6:]) // never fails
	now := time.Now().UnixMilli()
	for i := range 6 {
		id[i] = byte(now >> (40 - 8*i))
	}
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	text := hex.EncodeToString(id[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}
