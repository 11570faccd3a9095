package virtualmachine

import "github.com/hashicorp/terraform-plugin-framework/types"

// assume gives the arguments that have a default, and that no machine shows, their default where a
// state or a record does not name them: an older provider wrote it, which had them not, or it is
// of an import that knows nothing of them. A plan that only writes defaults down would say nothing.
func (m *model) assume() {
	for _, mode := range []*types.String{&m.PowerOffMode, &m.RestartMode} {
		if mode.IsNull() {
			*mode = types.StringValue(modeTrySoft)
		}
	}
	if m.MinHardwareVersion.IsNull() {
		m.MinHardwareVersion = types.Int64Value(0)
	}
	if m.AllowPowerCycle.IsNull() {
		m.AllowPowerCycle = types.BoolValue(false)
	}
}
