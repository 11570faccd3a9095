package cloudinit

import "github.com/vmoperator/terraform-provider-vmoperator/internal/known"

// The values that VM Operator's schema gives a file that names none of them.
const (
	DefaultEncoding    = "text/plain"
	DefaultOwner       = "root:root"
	DefaultPermissions = "0644"
)

// Encodings are the values of File.Encoding, as VM Operator's schema lists them. What they
// say is decoded by the guest; VM Operator and this package pass the content on as it is.
var Encodings = []string{
	"b64", "base64", "gz", "gzip", "gz+b64", "gz+base64", "gzip+b64", "gzip+base64", "text/plain",
}

// CloudConfig is VM Operator's inline cloud-config. An absent value is not written into
// the document, which leaves it to cloud-init's default.
type CloudConfig struct {
	// Timezone is a name of the tz database.
	Timezone known.Value[string]
	// DefaultUserEnabled keeps the distribution's default user beside Users. Without any
	// user in Users it has no effect: cloud-init then creates the default user anyway.
	DefaultUserEnabled known.Value[bool]
	// SSHPWAuth allows or forbids SSH logins with a password.
	SSHPWAuth known.Value[bool]
	// RunCmd is the list of commands, as a tree: []any whose elements are a string (a line
	// for the shell) or a []any of strings (a program and its arguments). Unknown stands for
	// an element that is not known yet, nil for null; every other shape is found by Validate.
	RunCmd known.Value[any]
	// Users in order.
	Users known.Value[[]User]
	// Files are written in order.
	Files known.Value[[]File]
}

// Unknown is an element of a RunCmd tree that will only be known during apply.
type Unknown struct{}

// User is an account of the guest. Every field but Name may be absent.
type User struct {
	Name              known.Value[string]
	CreateGroups      known.Value[bool]
	ExpireDate        known.Value[string]
	Gecos             known.Value[string]
	Groups            known.List[string]
	HashedPasswd      known.Value[string]
	HomeDir           known.Value[string]
	Inactive          known.Value[int64] // days from the password's expiry to the account's lock
	LockPasswd        known.Value[bool]
	NoCreateHome      known.Value[bool]
	NoLogInit         known.Value[bool]
	NoUserGroup       known.Value[bool]
	Passwd            known.Value[string]
	PrimaryGroup      known.Value[string]
	SELinuxUser       known.Value[string]
	Shell             known.Value[string]
	SnapUser          known.Value[string]
	SSHAuthorizedKeys known.List[string] // ssh_authorized_keys
	SSHImportID       known.List[string] // ssh_import_id
	SSHRedirectUser   known.Value[bool]  // ssh_redirect_user
	Sudo              known.Value[string]
	System            known.Value[bool]
	UID               known.Value[int64]
}

// File is a file that cloud-init writes.
type File struct {
	Path known.Value[string]
	// Content is what was written inline, ContentFrom what a referenced secret holds. At
	// most one of them is set.
	Content, ContentFrom known.Value[string]
	// Append adds to a file that exists, Defer waits until packages and users are there.
	Append, Defer known.Value[bool]
	// Encoding is one of Encodings.
	Encoding known.Value[string]
	// Owner is user:group, Permissions an octal number.
	Owner, Permissions known.Value[string]
}

// WithDefaults returns the file with encoding, owner and permissions filled in where they
// are absent.
func (f File) WithDefaults() File {
	for _, field := range []struct {
		value    *known.Value[string]
		fallback string
	}{
		{&f.Encoding, DefaultEncoding},
		{&f.Owner, DefaultOwner},
		{&f.Permissions, DefaultPermissions},
	} {
		if field.value.IsAbsent() {
			*field.value = known.Of(field.fallback)
		}
	}
	return f
}
