package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

func TestEndsWithStandardInput(t *testing.T) {
	dir := t.TempDir()
	stdin, hold := io.Pipe()
	out, stdout := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run([]string{"-dir", dir, "-json", "-stdin"}, stdin, stdout)
	}()
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var facts simulator.Facts
	if err := json.Unmarshal(line, &facts); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(filepath.Join(dir, "env.json"))
	if err != nil || string(written) != string(line) {
		t.Errorf("env.json: %s, %v", written, err)
	}
	if facts.User != simulator.User || facts.Password != simulator.Password || facts.CAFile != filepath.Join(dir, "ca.pem") || facts.PID != os.Getpid() {
		t.Errorf("facts: %+v", facts)
	}
	if _, err := simulator.NewControl(facts.Admin).Machines(); err != nil {
		t.Errorf("admin: %v", err)
	}
	if err := hold.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("end: %v", err)
	}
	for _, address := range []string{facts.Server, facts.Admin} {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			t.Errorf("%s is still served", address)
		}
	}
}

func TestExportsCanBeEvaluatedByAShell(t *testing.T) {
	got := exports(simulator.Facts{
		Connection: simulator.Connection{Server: "127.0.0.1:1", User: "u@d", Password: "it's", CAFile: "/a b/ca.pem"}, Admin: "127.0.0.1:2",
	})
	want := `export VSPHERE_SERVER='127.0.0.1:1'
export VSPHERE_USER='u@d'
export VSPHERE_PASSWORD='it'\''s'
export VSPHERE_CA_CERTIFICATES='/a b/ca.pem'
export VCSIM_ADMIN='127.0.0.1:2'
`
	if got != want {
		t.Errorf("got %s", got)
	}
}

func TestListensOnLoopbackOnly(t *testing.T) {
	for _, args := range [][]string{
		{"-listen", "0.0.0.0:0"}, {"-admin", ":0"}, {"-listen", "192.0.2.1:443"}, {"-listen", "127.0.0.1"}, {"extra"},
	} {
		if err := run(args, strings.NewReader(""), io.Discard); err == nil {
			t.Errorf("%v was accepted", args)
		}
	}
}

func TestFindsOutThatAProcessHasEnded(t *testing.T) {
	if gone(os.Getpid()) {
		t.Error("this process has not ended")
	}
	if !gone(1 << 30) {
		t.Error("there is no such process")
	}
}
