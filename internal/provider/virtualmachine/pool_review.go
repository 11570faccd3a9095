package virtualmachine

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/guest/network"
	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere/ippool"
)

// reviewPools judges in a plan what a machine takes from the pools of its networks. A static
// address that a pool may give to another machine is a warning. A pool that has fewer free
// addresses than the machine is still to get is an error. What the machine holds that this one
// replaces, or that an interrupted creation of it has left, is free by the time that it is
// needed; what other machines hold that the same run destroys may be so or not, and nobody can
// know in a plan.
func (r *Resource) reviewPools(ctx context.Context, w *world, spec network.Spec, b network.Bootstrap, o *offers) diag.Diagnostics {
	var diags diag.Diagnostics
	report(network.ReviewPools(spec, o.poolOf), &diags)
	interfaces, _ := spec.EffectiveInterfaces().Get()
	for _, need := range o.needs(wantedPools(spec, b, o)) {
		if !need.profile.Family(need.version).Lacks(len(need.names)) {
			continue
		}
		last := need.names[len(need.names)-1]
		i := slices.IndexFunc(interfaces, func(nic network.Interface) bool { return nic.Name.Or("") == last })
		// What was read half a minute ago may not be so any more.
		now, ok, err := r.backend.Pools.Fresh(ctx, w.networks[last].Reference())
		if err != nil || !ok || now.ID != need.profile.ID || !now.Family(need.version).Lacks(len(need.names)-r.comesFree(ctx, w, spec, now)) {
			continue
		}
		need.profile = now
		text := need.text()
		if r.backend.Pools.Noted(now.ID) {
			text += " Machines of this configuration hold some: if one of them is to go, apply that first, with -target."
		}
		diags.AddAttributeError(networkNamePath(spec, i), "The network's address pool is used up", text)
	}
	return diags
}

// comesFree counts the interfaces that hold something of a pool, or may hold it, of the machine
// whose place this one takes: the machine of its name, which is replaced or unfinished. A machine
// of that name that is neither makes the deploy fail anyway.
func (r *Resource) comesFree(ctx context.Context, w *world, spec network.Spec, profile ippool.Profile) int {
	name, named := spec.VMName.Get()
	if !named {
		return 0
	}
	ref, found, err := r.backend.Pools.Holder(ctx, w.namespace.FolderReference(), name)
	if err != nil || !found {
		return 0
	}
	o, err := r.backend.Machines.Observe(ctx, ref)
	if err != nil {
		return 0
	}
	count := 0
	for _, held := range recordOf(o).Pools {
		if held.Pool == profile.ID {
			count++
		}
	}
	return count
}

// poolOf names the profile that may give an address to somebody, of the network that an
// interface is connected to; it is empty where none does.
func (o *offers) poolOf(name string, address netip.Addr) string {
	profile, ok := o.profiles[name]
	if !ok || !profile.InRange(address) {
		return ""
	}
	return profile.String()
}

// need is what a machine is still to get of one family of one pool.
type need struct {
	profile ippool.Profile
	version ippool.Version
	// names of the interfaces, in alphabetical order.
	names []string
}

// needs are the addresses that a machine wants and does not have. One that its record has asked
// a pool for may be there already: the update that asked was interrupted.
func (o *offers) needs(wanted map[string]families) []need {
	var out []need
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		profile := o.profiles[name]
		for _, version := range versions {
			address := o.Networks[name].Address4
			if version == ippool.IPv6 {
				address = o.Networks[name].Address6
			}
			if !wanted[name].has(version) || !address.IsUnknown() || o.have[name].Pool == profile.ID {
				continue
			}
			i := slices.IndexFunc(out, func(n need) bool { return n.profile.ID == profile.ID && n.version == version })
			if i < 0 {
				i = len(out)
				out = append(out, need{profile: profile, version: version})
			}
			out[i].names = append(out[i].names, name)
		}
	}
	return out
}

// text says who needs what, what there is, and what to do.
func (n need) text() string {
	quoted := make([]string, len(n.names))
	for i, name := range n.names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	who, what := "interface "+quoted[0], fmt.Sprintf("%s address of %s is", n.version, n.profile)
	if len(quoted) > 1 {
		who, what = "interfaces "+strings.Join(quoted, ", "), fmt.Sprintf("%s addresses of %s are", n.version, n.profile)
	}
	family := n.profile.Family(n.version)
	there := "Its pool is enabled and has no range."
	if len(family.Ranges) > 0 {
		there = fmt.Sprintf("Its range is %s, of which vCenter counts %d allocated and %d free.", family.Ranges, family.Taken, family.Free)
	}
	return fmt.Sprintf("%d %s needed for %s. %s Enlarge the range, destroy machines that hold its addresses, "+
		"write addresses at the interface, or disable the pool.", len(n.names), what, who, there)
}

// noteHeld remembers for this run of Terraform what a machine in state holds of pools, so that an
// error can tell whose the addresses are. A refresh calls it with the machine's record. What the
// machine has left does not count.
func (r *Resource) noteHeld(instanceUUID string, records map[string]poolRecord) {
	held := maps.Clone(records)
	maps.DeleteFunc(held, func(key string, _ poolRecord) bool {
		_, isLeft := interfaceOf(key)
		return isLeft
	})
	r.backend.Pools.Note(allocationsOf(instanceUUID, held)...)
}
