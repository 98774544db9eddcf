// Goroutines, garbage and files: Go makes threads, stacks and signals itself, without a libc.
//
//	goroutines once FOLDER      files that many goroutines write, a process of its own, a signal, the collector
//	goroutines outlives FOLDER  reads FOLDER/text until FOLDER/go is there, though the file server dies meanwhile
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"
)

const workers = 8

// Each writes a file of its own, after it has slept.
func write(folder string) error {
	results := make(chan error)
	for i := 0; i < workers; i++ {
		go func(i int) {
			time.Sleep(time.Millisecond)
			name := filepath.Join(folder, fmt.Sprint("part", i))
			results <- os.WriteFile(name, bytes.Repeat([]byte{byte('a' + i)}, 1000*i), 0o600)
		}(i)
	}
	for i := 0; i < workers; i++ {
		if err := <-results; err != nil {
			return err
		}
	}
	return nil
}

// How many files there are, and how many bytes are in them.
func measure(folder string) (files, size int, err error) {
	entries, err := os.ReadDir(folder)
	for _, entry := range entries {
		content, wrong := os.ReadFile(filepath.Join(folder, entry.Name()))
		if wrong != nil {
			err = wrong
		}
		files, size = files+1, size+len(content)
	}
	return
}

// Garbage of 64 MiB in far less memory.
func litter() uint32 {
	for i := 0; i < 512; i++ {
		garbage := make([]byte, 128<<10)
		garbage[i] = 1
		runtime.KeepAlive(garbage)
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.NumGC
}

func once(folder string) error {
	own, err := os.MkdirTemp("", "parts")
	if err != nil {
		return err
	}
	defer os.RemoveAll(own)
	if err := write(own); err != nil {
		return err
	}
	files, size, err := measure(own)
	if err != nil {
		return err
	}
	child, err := exec.Command(filepath.Join(folder, "bin", "busybox"), "echo", "child").Output()
	if err != nil {
		return err
	}
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGUSR1)
	if err := syscall.Kill(os.Getpid(), syscall.SIGUSR1); err != nil {
		return err
	}
	fmt.Printf("%d files of %d bytes; %s; %s; collected %t\n", files, size, bytes.TrimSpace(child), <-told, litter() > 0)
	return os.RemoveAll(own)
}

// Reads until it is over; what is read is whole, or the error is not that there is no such file.
func reader(name string, wanted []byte, over <-chan struct{}, wrong chan<- error) {
	for {
		select {
		case <-over:
			return
		default:
		}
		got, err := os.ReadFile(name)
		if err == nil && !bytes.Equal(got, wanted) {
			err = fmt.Errorf("%s: other bytes: %q", name, got)
		} else if !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		wrong <- err
		return
	}
}

// Tries it again for as long as the file is away.
func readAtLast(name string) []byte {
	for {
		if content, err := os.ReadFile(name); err == nil {
			return content
		}
	}
}

func outlives(folder string) error {
	name := filepath.Join(folder, "text")
	wanted := readAtLast(name)
	over, wrong := make(chan struct{}), make(chan error, workers)
	var readers sync.WaitGroup
	for i := 0; i < workers; i++ {
		readers.Add(1)
		go func() {
			defer readers.Done()
			reader(name, wanted, over, wrong)
		}()
	}
	fmt.Println("begun")
	for err := fs.ErrNotExist; err != nil; _, err = os.Stat(filepath.Join(folder, "go")) {
		runtime.GC()
	}
	close(over)
	readers.Wait()
	select {
	case err := <-wrong:
		return err
	default:
	}
	if !bytes.Equal(readAtLast(name), wanted) {
		return errors.New("other bytes in the end")
	}
	fmt.Println("done")
	return nil
}

func main() {
	err := errors.New("usage: goroutines once|outlives FOLDER")
	if len(os.Args) == 3 && os.Args[1] == "once" {
		err = once(os.Args[2])
	} else if len(os.Args) == 3 && os.Args[1] == "outlives" {
		err = outlives(os.Args[2])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "goroutines:", err)
		os.Exit(1)
	}
}
