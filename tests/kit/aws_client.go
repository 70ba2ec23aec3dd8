// Stands for aws: hands its call to the program that has the command line loaded (aws_command.py). A release makes some
// twenty calls, so this does next to nothing.
package main

import (
	"encoding/binary"
	"os"
	"strconv"
	"strings"
	"syscall"
)

var address string // of the program that has it loaded; set by the linker

func main() {
	code, err := call()
	if err != nil {
		println("aws: nobody who has it loaded answers:", err.Error())
		os.Exit(255)
	}
	os.Exit(code)
}

// call sends folder, arguments, environment and the three standard streams, and returns the exit code.
func call() (int, error) {
	server, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	if err := syscall.Connect(server, &syscall.SockaddrUnix{Name: address}); err != nil {
		return 0, err
	}
	request, err := request()
	if err != nil {
		return 0, err
	}
	size := binary.BigEndian.AppendUint32(nil, uint32(len(request)))
	if err := syscall.Sendmsg(server, size, syscall.UnixRights(0, 1, 2), nil, 0); err != nil {
		return 0, err
	}
	for len(request) > 0 {
		sent, err := syscall.Write(server, request)
		if err != nil {
			return 0, err
		}
		request = request[sent:]
	}
	code := make([]byte, 1)
	_, err = syscall.Read(server, code)
	return int(code[0]), err
}

func request() ([]byte, error) {
	folder, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	arguments := os.Args[1:]
	words := append([]string{folder, strconv.Itoa(len(arguments))}, arguments...)
	return []byte(strings.Join(append(words, os.Environ()...), "\x00")), nil
}
