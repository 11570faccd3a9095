package virtualmachine

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// A sentence for everything of the hardware that people write, and for each argument what a change
// of it does or takes, or what it is without it.
func TestTheHardwareIsDescribed(t *testing.T) {
	t.Parallel()
	described := map[string]string{}
	for root, block := range map[string]schema.Block{
		"resources": resourcesBlock(), "advanced": advancedBlock(), "boot_options": bootOptionsBlock(), "hardware": hardwareBlock(), "volume": volumeBlock(),
	} {
		for path, description := range descriptionsOf(root+".", block) {
			described[path] = description
		}
	}
	if len(described) < 45 {
		t.Errorf("only %d descriptions", len(described))
	}
	for path, description := range described {
		if !strings.HasSuffix(description, ".") || strings.Contains(description, "\n") || strings.Contains(description, "  ") {
			t.Errorf("%s is described by %q", path, description)
		}
	}
	for _, path := range []string{"volume.disk_mode", "volume.sharing_mode", "boot_options.boot_delay", "hardware.cdrom.controller_type", "resources.size.cpu"} {
		if !strings.Contains(described[path], "`allow_power_cycle`") {
			t.Errorf("%s does not say that the machine has to be powered off: %s", path, described[path])
		}
	}
}
