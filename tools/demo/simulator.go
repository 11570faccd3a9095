//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"time"
)

// facts are what the simulator prints when it is ready.
type facts struct {
	Server   string `json:"server"`
	User     string `json:"user"`
	Password string `json:"password"`
	CAFile   string `json:"ca_file"`
	Admin    string `json:"admin"`
}

// simulator is the vCenter simulator as a process.
type simulator struct {
	facts

	cmd     *exec.Cmd
	stdin   io.Closer
	stderr  *bytes.Buffer
	exited  chan error
	stopped bool
}

// startSimulator returns when the simulator listens. It does not end with ctx: a CLI that is interrupted still wants
// to finish what it is doing.
func startSimulator(ctx context.Context, binary, dir string) (*simulator, error) {
	cmd := child(context.WithoutCancel(ctx), binary, "-json", "-stdin", "-dir", dir)
	s := &simulator{cmd: cmd, stderr: new(bytes.Buffer), exited: make(chan error, 1)}
	cmd.Stderr = s.stderr
	var err error
	// The simulator ends when its standard input does: also when the demo is killed.
	if s.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("writing to the simulator: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("reading from the simulator: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the simulator: %w", err)
	}
	ready := make(chan error, 1)
	go func() {
		ready <- json.NewDecoder(stdout).Decode(&s.facts)
		_, _ = io.Copy(io.Discard, stdout)
		s.exited <- cmd.Wait()
	}()
	select {
	case err = <-ready:
	case <-ctx.Done():
		err = ctx.Err()
	case <-time.After(patience):
		err = fmt.Errorf("it was not ready after %v", patience)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting the simulator: %w\n%s", err, s.stderr), s.stop())
	}
	return s, nil
}

// stop ends the simulator and makes sure that it is gone. Further calls do nothing.
func (s *simulator) stop() error {
	if s.stopped {
		return nil
	}
	s.stopped = true
	defer reap(s.cmd)
	select {
	case err := <-s.exited:
		return fmt.Errorf("the simulator had ended before it was stopped: %w\n%s", err, s.stderr)
	default:
	}
	_ = s.stdin.Close()
	select {
	case err := <-s.exited:
		if err != nil {
			return fmt.Errorf("stopping the simulator: %w\n%s", err, s.stderr)
		}
	case <-time.After(patience):
		return fmt.Errorf("the simulator did not stop within %v and was killed", patience)
	}
	if conn, err := net.DialTimeout("tcp", s.Server, time.Second); err == nil {
		_ = conn.Close()
		return fmt.Errorf("something still listens at %s after the simulator has stopped", s.Server)
	}
	return nil
}
