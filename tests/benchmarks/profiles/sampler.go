package main

import (
	"log"
	"os"
	"runtime"
	"runtime/pprof"
	"time"
)

const (
	untilLoad = 300 * time.Millisecond
	underLoad = time.Second
	perSecond = 1000 // pprof takes 100, and complains of this on stderr
)

// The service is sampled while it is under load, and knows nothing of it.
func init() {
	file, err := os.Create(os.Getenv("SAMPLES"))
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		time.Sleep(untilLoad)
		runtime.SetCPUProfileRate(perSecond)
		if err := pprof.StartCPUProfile(file); err != nil {
			log.Fatal(err)
		}
		time.Sleep(underLoad)
		pprof.StopCPUProfile()
		if err := file.Close(); err != nil {
			log.Fatal(err)
		}
	}()
}
