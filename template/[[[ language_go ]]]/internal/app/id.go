package app

import (
	"crypto/rand"
	"fmt"
	"time"
)

// NewID returns a UUID of version 7: its first 48 bits are the time, so that ids sort by it.
func NewID() string {
	var random [10]byte
	_, _ = rand.Read(random[:]) // never fails
	random[0] = random[0]&0x0f | 0x70
	random[2] = random[2]&0x3f | 0x80
	digits := fmt.Sprintf("%012x%x", time.Now().UnixMilli(), random)
	return digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:]
}
