package image

import (
	"time"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/library"
)

// Impatient has uploads wait for milliseconds where they wait for seconds.
func Impatient() {
	uploadsOf = func(c *library.Catalogue) *library.Uploads {
		u := c.Uploads()
		u.Heartbeat, u.Stillness, u.Poll, u.Patience = 20*time.Millisecond, 100*time.Millisecond, 20*time.Millisecond, 100*time.Millisecond
		return u
	}
}
