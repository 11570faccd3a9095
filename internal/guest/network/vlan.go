package network

import (
	"regexp"
	"slices"
)

// maxVLANID is the highest VLAN id that VM Operator takes; 4095 is reserved.
const maxVLANID = 4094

var vlanNamePattern = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._-]{0,14}$`)

// vlans judges the VLAN sub-interfaces.
func (v *validation) vlans() {
	vlans := v.spec.VLANs.Or(nil)
	if len(vlans) == 0 {
		return
	}
	root := Path{"network", "vlan"}
	switch v.bootstrap.uses(v.bootstrap.CloudInit) {
	case no:
		v.refuse(ruleVLANProvider, root.At(0), "Bootstrap provider cannot carry VLANs",
			"VLAN sub-interfaces need cloud_init to carry them into the guest, and %s. Remove them, or configure cloud_init in bootstrap.", v.bootstrap.inUse())
		return
	case maybe, yes:
	}
	for i, vlan := range vlans {
		path := root.At(i)
		v.vlanName(path.At("name"), vlan)
		v.vlanID(path.At("id"), vlan)
		v.vlanLink(path.At("link"), vlan)
	}
	v.uniqueVLANs(root, vlans)
}

func (v *validation) vlanName(path Path, vlan VLAN) {
	const form = "A VLAN's name is 1 to 15 letters, digits, dots, dashes and underscores, the first of them a letter or digit, such as \"vlan100\" or \"eth0.100\""
	name, ok := vlan.Name.Get()
	switch {
	case vlan.Name.IsUnknown():
		return
	case !ok:
		v.refuse(ruleVLANName, path, "VLAN has no name", form+". Set name.")
		return
	case !vlanNamePattern.MatchString(name):
		v.refuse(ruleVLANName, path, "VLAN name is not valid", form+", and this one is %q.", name)
	}
	nics := v.spec.declaredInterfaces().Or(nil)
	root := Path{"network", "interface"}
	for i, nic := range nics {
		if other, ok := nic.Name.Get(); ok && other == name {
			v.refuse(ruleVLANInterface, path, "VLAN is named like an interface",
				"The VLAN and %s are both named %q. Change one of them.", root.At(i), name)
			break
		}
	}
	for i, nic := range nics {
		if device, ok := nic.GuestDeviceName.Get(); ok && device != "" && device == name {
			v.refuse(ruleVLANDevice, path, "VLAN is named like a guest device",
				"The VLAN and the device of %s are both named %q. Change one of them.", root.At(i), name)
			break
		}
	}
}

func (v *validation) vlanID(path Path, vlan VLAN) {
	id, ok := vlan.ID.Get()
	switch {
	case vlan.ID.IsAbsent():
		v.refuse(ruleVLANID, path, "VLAN has no id", "Set id to a number from 0 to %d.", maxVLANID)
	case ok && (id < 0 || id > maxVLANID):
		v.refuse(ruleVLANID, path, "VLAN id is out of range", "The VLAN id is %d, and must be from 0 to %d.", id, maxVLANID)
	}
}

func (v *validation) vlanLink(path Path, vlan VLAN) {
	switch hasText(vlan.Link) {
	case maybe:
	case no:
		v.refuse(ruleVLANLink, path, "VLAN has no link", "Set link to the name of the interface that carries the VLAN.")
	case yes:
		if v.isInterface(vlan.Link.Or("")) == no {
			v.refuse(ruleVLANLinkTarget, path, "VLAN is linked to no interface",
				"The link %q is not the name of an interface. Set it to the name of one, which is not its guest_device_name.", vlan.Link.Or(""))
		}
	}
}

// isInterface asks whether an interface has the name.
func (v *validation) isInterface(name string) answer {
	nics, ok := v.spec.declaredInterfaces().Get()
	if !ok {
		return maybe
	}
	found := no
	for _, nic := range nics {
		if nic.Name.IsUnknown() {
			found = either(found, maybe)
		} else if other, ok := nic.Name.Get(); ok {
			found = either(found, answerOf(other == name))
		}
	}
	return found
}

// uniqueVLANs judges names, and ids on one link, among each other.
func (v *validation) uniqueVLANs(root Path, vlans []VLAN) {
	for i, vlan := range vlans {
		name, ok := vlan.Name.Get()
		first := slices.IndexFunc(vlans[:i], func(other VLAN) bool {
			otherName, otherOK := other.Name.Get()
			return ok && otherOK && otherName == name
		})
		if first >= 0 {
			v.refuse(ruleVLANName, root.At(i, "name"), "VLAN name is used twice",
				"%s and this VLAN are both named %q. Give each VLAN a name of its own.", root.At(first), name)
		}
	}
	type use struct {
		link string
		id   int64
	}
	seen := map[use]int{}
	for i, vlan := range vlans {
		link, linked := vlan.Link.Get()
		id, numbered := vlan.ID.Get()
		if !linked || !numbered || v.isInterface(link) != yes {
			continue
		}
		if first, taken := seen[use{link, id}]; taken {
			v.refuse(ruleVLANUnique, root.At(i, "id"), "VLAN id is used twice",
				"%s and this VLAN both have the id %d on the link %q. Change one of them.", root.At(first), id, link)
			continue
		}
		seen[use{link, id}] = i
	}
}
