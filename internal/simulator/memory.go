package simulator

import (
	"bytes"
	"io"
	"net/http"
)

// answer is an HTTP answer kept in memory.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newAnswer() *answer { return &answer{header: make(http.Header)} }

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter; the first status counts.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// code is the status, 200 where the handler wrote nothing.
func (a *answer) code() int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}

// replay gives the answer to whoever asked.
func (a *answer) replay(w http.ResponseWriter) {
	for k, v := range a.header {
		w.Header()[k] = v
	}
	w.WriteHeader(a.code())
	_, _ = w.Write(a.body.Bytes())
}

// memoryTransport serves requests from a handler without a network, for clients inside
// the simulator: what they do is not recorded and cannot be delayed or failed.
type memoryTransport struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (m memoryTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RequestURI = r.URL.RequestURI()
	in.RemoteAddr = "127.0.0.1:0"
	if in.Body == nil {
		in.Body = http.NoBody
	}
	a := newAnswer()
	m.handler.ServeHTTP(a, in)
	return &http.Response{
		StatusCode:    a.code(),
		Status:        http.StatusText(a.code()),
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        a.header,
		Body:          io.NopCloser(&a.body),
		ContentLength: int64(a.body.Len()),
		Request:       r,
	}, nil
}

// readAll reads the body of a request and leaves it to be read again.
func readAll(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, err
}
