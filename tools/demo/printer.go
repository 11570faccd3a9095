//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
)

// printer writes the demo's own lines, and those of the CLI.
type printer struct {
	file  *os.File
	color bool
	steps int
}

// newPrinter colours what a person reads on a terminal, unless NO_COLOR says otherwise.
func newPrinter(file *os.File) *printer {
	info, err := file.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	return &printer{file: file, color: terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

// heading begins a numbered step.
func (p *printer) heading(text string) {
	p.steps++
	text = fmt.Sprintf("%d. %s", p.steps, text)
	fmt.Fprintf(p.file, "\n%s\n%s\n", p.bold(text), p.bold(strings.Repeat("─", len([]rune(text)))))
}

// command shows what is run, as a user would type it.
func (p *printer) command(text string) { fmt.Fprintf(p.file, "\n%s\n", p.bold("$ "+text)) }

func (p *printer) line(format string, args ...any) { fmt.Fprintf(p.file, format+"\n", args...) }

// check says that something that had to hold does.
func (p *printer) check(text string) { p.line("✓ %s", text) }

func (p *printer) bold(text string) string {
	if !p.color {
		return text
	}
	return "\x1b[1m" + text + "\x1b[0m"
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

// withoutOverrideWarning passes on what a CLI prints but for the warning that a development version of the provider
// is in use, which is what the demo is about and which would come at each step. CLIs draw a box around diagnostics
// only when they may use colours, so they always do here, and plain says that the colours are to go.
type withoutOverrideWarning struct {
	to    *os.File
	plain bool
	line  bytes.Buffer
	// box is the diagnostic that is being read, nil outside of one.
	box []byte
}

// Write implements io.Writer.
func (w *withoutOverrideWarning) Write(data []byte) (int, error) {
	for _, b := range data {
		w.line.WriteByte(b)
		if b != '\n' {
			continue
		}
		if err := w.endLine(); err != nil {
			return 0, err
		}
	}
	return len(data), nil
}

func (w *withoutOverrideWarning) endLine() error {
	line := bytes.Clone(w.line.Bytes())
	w.line.Reset()
	plain := escapes.ReplaceAll(line, nil)
	text := strings.TrimSpace(string(plain))
	if w.plain {
		line = plain
	}
	switch {
	case text == "╷":
		w.box = line
		return nil
	case w.box == nil:
		_, err := w.to.Write(line)
		return err
	}
	w.box = append(w.box, line...)
	if text != "╵" {
		return nil
	}
	box := w.box
	w.box = nil
	if bytes.Contains(box, []byte("Provider development overrides are in effect")) {
		return nil
	}
	_, err := w.to.Write(box)
	return err
}

// flush writes what is left when the CLI has ended.
func (w *withoutOverrideWarning) flush() {
	rest := slices.Concat(w.box, w.line.Bytes())
	if w.plain {
		rest = escapes.ReplaceAll(rest, nil)
	}
	_, _ = w.to.Write(rest)
	w.box = nil
	w.line.Reset()
}
