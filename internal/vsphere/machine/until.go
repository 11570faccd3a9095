package machine

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// Until judges what a wait sees of a machine: whether it is what was waited for, and what there
// is, in a few words, for the message of a wait that ends without it.
type Until func(*Observation) (done bool, last string)

// All is content when every one of untils is, with one and the same observation. What it last
// saw is what those say that are not.
func All(untils ...Until) Until {
	return func(o *Observation) (bool, string) {
		var missing, seen []string
		for _, until := range untils {
			done, last := until(o)
			if !done {
				missing = append(missing, last)
			}
			seen = append(seen, last)
		}
		if len(missing) > 0 {
			return false, strings.Join(missing, "; ")
		}
		return true, strings.Join(seen, "; ")
	}
}

// ToolsRun is content when VMware Tools run in the guest.
func ToolsRun() Until {
	return func(o *Observation) (bool, string) {
		return o.Tools.Running(), "VMware Tools: " + o.Tools.String()
	}
}

// heartbeats are the statuses of a guest's heartbeat that can be waited for, from the worse to
// the better. Gray, which says that there is none, and red count less than all of them.
var heartbeats = []types.ManagedEntityStatus{types.ManagedEntityStatusYellow, types.ManagedEntityStatusGreen}

// HeartbeatReaches is content when the heartbeat of the guest is at least threshold: yellow, or
// green, which is what any other word counts as, the empty one included. Where vCenter says
// nothing of a heartbeat, it is not content.
func HeartbeatReaches(threshold types.ManagedEntityStatus) Until {
	least := slices.Index(heartbeats, threshold)
	if least < 0 {
		least = len(heartbeats) - 1
	}
	return func(o *Observation) (bool, string) {
		status := string(o.HeartbeatStatus)
		if status == "" {
			status = "not reported"
		}
		return slices.Index(heartbeats, o.HeartbeatStatus) >= least,
			fmt.Sprintf("guest heartbeat: %s, wanted %s", status, heartbeats[least])
	}
}

// guestInfoPrefix begins the keys that a guest can write, by VMware Tools.
const guestInfoPrefix = "guestinfo."

// GuestInfo is content when the ExtraConfig key "guestinfo." and key is there and want matches
// anything in its value, as VM Operator's readiness probe has it: a pattern without anchors,
// and any value where want is nil. Key may be written with its prefix.
func GuestInfo(key string, want *regexp.Regexp) Until {
	if !hasPrefixFold(key, guestInfoPrefix) {
		key = guestInfoPrefix + key
	}
	return func(o *Observation) (bool, string) {
		value, found := o.ExtraConfig.Get(key)
		switch {
		case !found:
			return false, key + " is not set"
		case want == nil:
			return true, key + " is set"
		}
		return want.MatchString(value), fmt.Sprintf("%s is %s, wanted a match of %q", key, excerpt(value), want)
	}
}

// excerpt quotes the beginning of a text of unknown length.
func excerpt(text string) string {
	const most = 80
	if letters := []rune(text); len(letters) > most {
		return fmt.Sprintf("%q…", string(letters[:most]))
	}
	return fmt.Sprintf("%q", text)
}

func hasPrefixFold(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}
