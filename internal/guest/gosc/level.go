package gosc

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

// Level is something in a customization specification that not every vCenter takes.
type Level struct {
	// Provider is linux_prep or sysprep; empty stands for both.
	Provider string
	// Field is a path below the provider's block, or words for what is no field.
	Field string
	// Since is the first version of vSphere, with as many numbers as it needs.
	Since string
}

// The levels that settings or networks may need, as the vSphere API marks its properties.
var (
	levelIPv4Off       = Level{"", "an interface without IPv4", "9.1"}
	levelLinuxExpire   = Level{providerLinuxPrep, "expire_password_after_next_login", "9.1"}
	levelLinuxPassword = Level{providerLinuxPrep, "password", "9.1"}
	levelLinuxScript   = Level{providerLinuxPrep, "script_text of more than 1500 bytes", "7.0.3"}
	levelDomainOU      = Level{providerSysprep, "sysprep.identification.domain_ou", "8.0.2"}
	levelSysprepExpire = Level{providerSysprep, "sysprep.expire_password_after_next_login", "9.1"}
	levelSysprepScript = Level{providerSysprep, "sysprep.script_text", "9.1"}
)

// maxOldScriptBytes is the longest script that a specification carries before vSphere 7.0.3.
const maxOldScriptBytes = 1500

// Levels returns everything that not every vCenter takes. Without IPv4 turned off, an
// interface is given DHCP for IPv4 instead; everything else is an error below its version.
func Levels() []Level {
	return []Level{levelIPv4Off, levelLinuxExpire, levelLinuxPassword, levelLinuxScript, levelDomainOU, levelSysprepExpire, levelSysprepScript}
}

// need is a Level that something written needs, and where it was written.
type need struct {
	level Level
	path  network.Path
}

func (s LinuxPrepSettings) needs() []need {
	var needs []need
	if s.ExpirePasswordAfterNextLogin.Or(false) {
		needs = append(needs, need{levelLinuxExpire, linuxPrepPath("expire_password_after_next_login")})
	}
	if s.Password.IsSet() {
		needs = append(needs, need{levelLinuxPassword, linuxPrepPath("password")})
	}
	if len(s.ScriptText.Or(s.ScriptTextFrom.Or(""))) > maxOldScriptBytes {
		needs = append(needs, need{levelLinuxScript, linuxPrepPath("script_text")})
	}
	return needs
}

func (s SysprepSettings) needs() []need {
	var needs []need
	answers, _ := s.Sysprep.Get()
	if isText(answers.Identification.Or(Identification{}).DomainOU) {
		needs = append(needs, need{levelDomainOU, answersPath("identification", "domain_ou")})
	}
	if answers.ExpirePasswordAfterNextLogin.Or(false) {
		needs = append(needs, need{levelSysprepExpire, answersPath("expire_password_after_next_login")})
	}
	if isText(answers.ScriptText) || isText(answers.ScriptTextFrom) {
		needs = append(needs, need{levelSysprepScript, answersPath("script_text")})
	}
	return needs
}

// CheckAPI holds settings and the resolved network against the version of a vCenter's API,
// such as "8.0.2.0" (ServiceContent.About.ApiVersion). What the vCenter is too old for is an
// error; an interface without IPv4 gets DHCP from an old vCenter, with a warning. Nothing is
// judged by a version that is none, such as the empty one of a vCenter that could not be asked.
func CheckAPI(settings Settings, config network.Config, apiVersion string) []network.Problem {
	var f findings
	have, err := parseVersion(apiVersion)
	if err != nil {
		return nil
	}
	for _, need := range settings.needs() {
		if have.before(need.level.Since) {
			f.refuse(RuleLevel, need.path, "vCenter is too old for "+need.level.Field,
				"%s of %s needs vSphere %s, and this vCenter's API is %s. Remove it, or upgrade vCenter.",
				need.level.Field, need.level.Provider, need.level.Since, apiVersion)
		}
	}
	if !have.before(levelIPv4Off.Since) {
		return f.problems
	}
	for i, nic := range config.Interfaces.Or(nil) {
		if lacksIPv4(nic) {
			f.warn(RuleDisabledIPv4, network.Path{"network", "interface", i, "dhcp4"}, "IPv4 cannot be turned off",
				"The interface %q has no IPv4 address, and turning IPv4 off needs vSphere %s: this vCenter's API is %s, so that the interface uses DHCP for IPv4. Set dhcp4 to true to say so, or give it an IPv4 address.",
				nic.Name.Or(""), levelIPv4Off.Since, apiVersion)
		}
	}
	return f.problems
}

// lacksIPv4 tells whether an interface is known to be without IPv4.
func lacksIPv4(nic network.InterfaceConfig) bool {
	if nic.DHCP4.IsUnknown() || nic.DHCP4.Or(false) {
		return false
	}
	addresses, complete := known.Elements(nic.Addresses)
	return complete && !slices.ContainsFunc(addresses, func(address netip.Prefix) bool { return address.Addr().Is4() })
}

// version is a version of the vSphere API.
type version []int

// parseVersion reads numbers with dots between them.
func parseVersion(text string) (version, error) {
	var numbers version
	for part := range strings.SplitSeq(text, ".") {
		number, err := strconv.ParseUint(part, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("vCenter's API version is %q: numbers with dots between them are expected, such as 8.0.2.0", text)
		}
		numbers = append(numbers, int(number))
	}
	return numbers, nil
}

// before tells whether v comes before a version of Level. Missing numbers count as zero.
func (v version) before(since string) bool {
	other, _ := parseVersion(since)
	for len(v) < len(other) {
		v = append(slices.Clone(v), 0)
	}
	return slices.Compare(v, other) < 0
}
