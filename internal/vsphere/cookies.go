package vsphere

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"sync"
)

// cookies is the cookie jar of the SOAP session. It can be emptied: a login must not go out
// under the cookie of another session.
type cookies struct {
	mu  sync.Mutex
	jar http.CookieJar
}

func newCookies() *cookies {
	c := new(cookies)
	c.reset()
	return c
}

func (c *cookies) reset() {
	jar, err := cookiejar.New(nil)
	if err != nil { // it has none to give
		panic(fmt.Errorf("make a cookie jar: %w", err))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.jar = jar
}

// SetCookies implements http.CookieJar.
func (c *cookies) SetCookies(u *url.URL, cookies []*http.Cookie) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.jar.SetCookies(u, cookies)
}

// Cookies implements http.CookieJar.
func (c *cookies) Cookies(u *url.URL) []*http.Cookie {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.jar.Cookies(u)
}
