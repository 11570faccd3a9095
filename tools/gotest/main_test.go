package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestLinesOfSeveralStreamsStayWhole(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	all := &lines{to: &out}
	var wait sync.WaitGroup
	var want []string
	for n := range 4 {
		text := strings.Repeat(fmt.Sprintf("%d", n), 1000)
		for range 20 {
			want = append(want, text)
		}
		wait.Go(func() {
			s := all.writer()
			whole := strings.TrimSuffix(strings.Repeat(text+"\n", 20), "\n") // the last line has no end
			for piece := range slices.Chunk([]byte(whole), 300+n) {
				if _, err := s.Write(piece); err != nil {
					t.Error(err)
				}
			}
			s.end()
		})
	}
	wait.Wait()
	got := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%d lines came of %d, or in pieces", len(got), len(want))
	}
}

func TestTestsThatStartAProcessAreFound(t *testing.T) {
	t.Parallel()
	got := starting(`package p

func start(t *testing.T) { simulator.StartProcess(t) }

func TestInProcess(t *testing.T) {
	simulator.Start(t)
}

// TestNot mentions simulator.StartProcess(t) outside.
func TestProcess(t *testing.T) {
	t.Run("x", func(t *testing.T) {
		simulator.StartProcess(t)
	})
}

func (w *workshop) TestMethod() {
	simulator.StartProcess(w)
}
`)
	if want := []string{"TestProcess"}; !slices.Equal(got, want) {
		t.Errorf("%v instead of %v", got, want)
	}
	found, err := concurrent("../..", inside)
	if err != nil || len(found) < 5 {
		t.Errorf("there are %v, %v", found, err)
	}
	t.Log(found)
}
