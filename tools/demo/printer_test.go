//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"
)

const (
	overrideWarning = "╷\n│ Warning: Provider development overrides are in effect\n│ \n│ The following are set\n╵\n"
	otherWarning    = "╷\n│ Warning: Certificate check is off\n│ \n│ Details\n╵\n"
	colouredWarning = "\x1b[33m╷\x1b[0m\x1b[0m\n\x1b[33m│\x1b[0m \x1b[1mWarning: \x1b[0mProvider development overrides are in effect\n\x1b[33m╵\x1b[0m\x1b[0m\n"
)

func TestOnlyTheOverrideWarningIsLeftOut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"plain output":        {in: "one\n\ntwo\n", want: "one\n\ntwo\n"},
		"override":            {in: "one\n" + overrideWarning + "two\n", want: "one\ntwo\n"},
		"coloured override":   {in: colouredWarning + "two\n", want: "two\n"},
		"another warning":     {in: otherWarning + overrideWarning + otherWarning, want: otherWarning + otherWarning},
		"an unfinished line":  {in: "one\ntwo", want: "one\ntwo"},
		"an unfinished box":   {in: "╷\n│ Error: it died", want: "╷\n│ Error: it died"},
		"nothing":             {},
		"a box after the end": {in: overrideWarning + "╵\n", want: "╵\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Whatever the pieces that it comes in.
			for size := 1; size <= len(c.in)+1; size += 7 {
				if got := filtered(t, c.in, size, false); got != c.want {
					t.Fatalf("in pieces of %d bytes: got %q, want %q", size, got, c.want)
				}
			}
		})
	}
}

func TestColoursGoWhereTheyAreNotWanted(t *testing.T) {
	t.Parallel()
	in := colouredWarning + "\x1b[32mgreen\x1b[0m\n\x1b[33m╷\x1b[0m\n│ \x1b[31mError\x1b[0m"
	if got, want := filtered(t, in, 5, true), "green\n╷\n│ Error"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func filtered(t *testing.T, in string, size int, plain bool) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w := &withoutOverrideWarning{to: file, plain: plain}
	for len(in) > 0 {
		n := min(size, len(in))
		if _, err := w.Write([]byte(in[:n])); err != nil {
			t.Fatal(err)
		}
		in = in[n:]
	}
	w.flush()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}
