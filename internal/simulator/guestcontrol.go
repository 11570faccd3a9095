package simulator

import (
	"net/http"
	"net/netip"
	"net/url"
)

// guestPath is the path of a hook into the guest of a machine.
func guestPath(machine, hook string) string { return adminGuests + url.PathEscape(machine) + hook }

// GuestReport returns what the guest of a machine looks like from inside.
func (c *Control) GuestReport(machine string) (GuestReport, error) {
	var r GuestReport
	err := c.do(http.MethodGet, guestPath(machine, ""), nil, &r)
	return r, err
}

// Customization returns what the guest of a machine was told by guest OS customization.
func (c *Control) Customization(machine string) (Customization, error) {
	var r Customization
	err := c.do(http.MethodGet, guestPath(machine, adminSpec), nil, &r)
	return r, err
}

// OVFEnvironment returns what the guest of a machine got at its last power-on.
func (c *Control) OVFEnvironment(machine string) (OVFEnvironment, error) {
	var e OVFEnvironment
	err := c.do(http.MethodGet, guestPath(machine, adminProperties), nil, &e)
	return e, err
}

// GuestInfo reads a variable inside the guest of a machine.
func (c *Control) GuestInfo(machine, key string) (string, error) {
	var value string
	err := c.do(http.MethodGet, guestPath(machine, "/info/"+url.PathEscape(key)), nil, &value)
	return value, err
}

// SetGuestInfo sets a variable from inside the guest of a machine.
func (c *Control) SetGuestInfo(machine, key, value string) error {
	return c.do(http.MethodPost, adminInfo, command{Name: machine, Key: key, Value: value}, nil)
}

// PublishGuestInfo lets the guest of a machine set a variable at each boot.
func (c *Control) PublishGuestInfo(machine, key, value string) error {
	return c.do(http.MethodPost, adminPublish, command{Name: machine, Key: key, Value: value}, nil)
}

// SetGuestPace changes how much time the guest of a machine takes.
func (c *Control) SetGuestPace(machine string, pace GuestPace) error {
	return c.do(http.MethodPost, adminPace, command{
		Name: machine, Tools: pace.Tools.String(), Customization: pace.Customization.String(),
	}, nil)
}

// SetGuestAddress lets Tools of the guest of a machine report an address.
func (c *Control) SetGuestAddress(machine string, address netip.Addr) error {
	text := ""
	if address.IsValid() {
		text = address.String()
	}
	return c.do(http.MethodPost, adminAddress, command{Name: machine, Address: text}, nil)
}

// IgnoreShutdown lets the guest of a machine stay on when it is to shut down, or ends that.
func (c *Control) IgnoreShutdown(machine string, ignore bool) error {
	return c.do(http.MethodPost, adminShutdown, command{Name: machine, On: ignore}, nil)
}

// FailNextCustomization makes the next guest customization fail.
func (c *Control) FailNextCustomization(message string) error {
	return c.do(http.MethodPost, adminCustomize, command{Message: message}, nil)
}

// InstallGuest puts an operating system on the disks of a machine.
func (c *Control) InstallGuest(name string) error {
	return c.do(http.MethodPost, adminInstall, command{Name: name}, nil)
}

// SetAPIVersion changes the version of the vSphere API.
func (c *Control) SetAPIVersion(version string) error {
	return c.do(http.MethodPost, adminVersion, command{Version: version}, nil)
}
