package cloudinit

import (
	"fmt"
	"strconv"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// header is what VM Operator writes above a cloud-config. Because of its first line
// cloud-init takes the document for a Jinja template.
const header = "## template: jinja\n#cloud-config\n\n"

// userData is the part of cloud-init's cloud-config that VM Operator knows.
type userData struct {
	RunCmd     []any          `json:"runcmd,omitempty"`
	SSHPWAuth  *bool          `json:"ssh_pwauth,omitempty"`
	Timezone   string         `json:"timezone,omitempty"`
	Users      []any          `json:"users,omitempty"`
	WriteFiles []fileDocument `json:"write_files,omitempty"`
}

type userDocument struct {
	CreateGroups      *bool    `json:"create_groups,omitempty"`
	ExpireDate        *string  `json:"expiredate,omitempty"`
	Gecos             *string  `json:"gecos,omitempty"`
	Groups            []string `json:"groups,omitempty"`
	HashedPasswd      string   `json:"hashed_passwd,omitempty"`
	HomeDir           *string  `json:"homedir,omitempty"`
	Inactive          *string  `json:"inactive,omitempty"` // cloud-init's schema wants text
	LockPasswd        *bool    `json:"lock_passwd,omitempty"`
	Name              string   `json:"name"`
	NoCreateHome      *bool    `json:"no_create_home,omitempty"`
	NoLogInit         *bool    `json:"no_log_init,omitempty"`
	NoUserGroup       *bool    `json:"no_user_group,omitempty"`
	Passwd            string   `json:"passwd,omitempty"`
	PrimaryGroup      *string  `json:"primary_group,omitempty"`
	SELinuxUser       *string  `json:"selinux_user,omitempty"`
	Shell             *string  `json:"shell,omitempty"`
	SnapUser          *string  `json:"snapuser,omitempty"`
	SSHAuthorizedKeys []string `json:"ssh_authorized_keys,omitempty"`
	SSHImportID       []string `json:"ssh_import_id,omitempty"`
	SSHRedirectUser   *bool    `json:"ssh_redirect_user,omitempty"`
	Sudo              *string  `json:"sudo,omitempty"`
	System            *bool    `json:"system,omitempty"`
	UID               *int64   `json:"uid,omitempty"`
}

type fileDocument struct {
	Append      bool   `json:"append,omitempty"`
	Content     string `json:"content,omitempty"`
	Defer       bool   `json:"defer,omitempty"`
	Encoding    string `json:"encoding,omitempty"`
	Owner       string `json:"owner,omitempty"`
	Path        string `json:"path"`
	Permissions string `json:"permissions,omitempty"`
}

// UserData renders the user data: the cloud-config under VM Operator's header, or the raw
// text with its encoding taken off (see DecodeRaw). It is empty when there is none, also
// for a cloud-config that says nothing.
//
// What Validate finds wrong is an error here, too, and so is a value that is not known
// (ErrUnknown).
func UserData(settings Settings) (string, error) {
	for _, problem := range Validate(settings) {
		if problem.Severity == network.Error {
			return "", fmt.Errorf("the user data cannot be written: %s: %s", problem.Summary, problem.Detail)
		}
	}
	var missing gaps
	raw, isRaw := get(&missing, settings.RawCloudConfig, root("raw_cloud_config"))
	config, _ := get(&missing, settings.CloudConfig, root("cloud_config"))
	if isRaw {
		return DecodeRaw(raw), missing.err()
	}
	document := newUserData(&missing, config)
	if err := missing.err(); err != nil {
		return "", err
	}
	text, err := writeYAML(document)
	if err != nil || text == "{}\n" {
		return "", err
	}
	return header + text, nil
}

func newUserData(missing *gaps, config CloudConfig) userData {
	var document userData
	document.Timezone, _ = get(missing, config.Timezone, root("cloud_config", "timezone"))
	document.SSHPWAuth = optional(missing, config.SSHPWAuth, root("cloud_config", "ssh_pwauth"))
	if tree, ok := get(missing, config.RunCmd, root("cloud_config", "runcmd")); ok {
		if containsUnknown(tree) {
			*missing = append(*missing, root("cloud_config", "runcmd"))
		}
		document.RunCmd, _ = tree.([]any)
	}
	users, _ := get(missing, config.Users, root("cloud_config", "user"))
	withDefault, _ := get(missing, config.DefaultUserEnabled, root("cloud_config", "default_user_enabled"))
	if withDefault && len(users) > 0 {
		document.Users = append(document.Users, "default")
	}
	for i, user := range users {
		document.Users = append(document.Users, newUser(missing, user, i))
	}
	files, _ := get(missing, config.Files, root("cloud_config", "write_file"))
	for i, file := range files {
		document.WriteFiles = append(document.WriteFiles, newFile(missing, file, i))
	}
	return document
}

func newUser(missing *gaps, user User, index int) userDocument {
	at := func(field string) network.Path { return root("cloud_config", "user", index, field) }
	var document userDocument
	document.Name, _ = get(missing, user.Name, at("name"))
	document.HashedPasswd, _ = get(missing, user.HashedPasswd, at("hashed_passwd"))
	document.Passwd, _ = get(missing, user.Passwd, at("passwd"))
	document.Groups = elements(missing, user.Groups, at("groups"))
	document.SSHAuthorizedKeys = elements(missing, user.SSHAuthorizedKeys, at("ssh_authorized_keys"))
	document.SSHImportID = elements(missing, user.SSHImportID, at("ssh_import_id"))
	document.CreateGroups = optional(missing, user.CreateGroups, at("create_groups"))
	document.ExpireDate = optional(missing, user.ExpireDate, at("expiredate"))
	document.Gecos = optional(missing, user.Gecos, at("gecos"))
	document.HomeDir = optional(missing, user.HomeDir, at("homedir"))
	inactive := known.Map(user.Inactive, func(days int64) string { return strconv.FormatInt(days, 10) })
	document.Inactive = optional(missing, inactive, at("inactive"))
	document.LockPasswd = optional(missing, user.LockPasswd, at("lock_passwd"))
	document.NoCreateHome = optional(missing, user.NoCreateHome, at("no_create_home"))
	document.NoLogInit = optional(missing, user.NoLogInit, at("no_log_init"))
	document.NoUserGroup = optional(missing, user.NoUserGroup, at("no_user_group"))
	document.PrimaryGroup = optional(missing, user.PrimaryGroup, at("primary_group"))
	document.SELinuxUser = optional(missing, user.SELinuxUser, at("selinux_user"))
	document.Shell = optional(missing, user.Shell, at("shell"))
	document.SnapUser = optional(missing, user.SnapUser, at("snapuser"))
	document.SSHRedirectUser = optional(missing, user.SSHRedirectUser, at("ssh_redirect_user"))
	document.Sudo = optional(missing, user.Sudo, at("sudo"))
	document.System = optional(missing, user.System, at("system"))
	document.UID = optional(missing, user.UID, at("uid"))
	return document
}

func newFile(missing *gaps, file File, index int) fileDocument {
	at := func(field string) network.Path { return root("cloud_config", "write_file", index, field) }
	var document fileDocument
	document.Path, _ = get(missing, file.Path, at("path"))
	document.Content, _ = get(missing, file.Content, at("content"))
	if secret, ok := get(missing, file.ContentFrom, at("content_from")); ok {
		document.Content = secret
	}
	document.Append, _ = get(missing, file.Append, at("append"))
	document.Defer, _ = get(missing, file.Defer, at("defer"))
	document.Encoding, _ = get(missing, file.Encoding, at("encoding"))
	document.Owner, _ = get(missing, file.Owner, at("owner"))
	document.Permissions, _ = get(missing, file.Permissions, at("permissions"))
	return document
}

// optional returns a value that is written when it is set, whatever it is.
func optional[T any](missing *gaps, value known.Value[T], path network.Path) *T {
	_, _ = get(missing, value, path)
	return value.Pointer()
}

// containsUnknown reports whether an element of a RunCmd tree is not known yet.
func containsUnknown(node any) bool {
	switch node := node.(type) {
	case Unknown:
		return true
	case []any:
		for _, element := range node {
			if containsUnknown(element) {
				return true
			}
		}
	}
	return false
}
