package virtualmachine

import (
	"testing"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/known"
)

func TestPoliciesAreReadForAVolumeOfAnotherClassOnly(t *testing.T) {
	t.Parallel()
	of := func(classes ...string) hardwareSpec {
		var volumes []volumeSpec
		for i, class := range classes {
			volume := volumeSpec{Name: known.Of(string(rune('a' + i)))}
			if class != "" {
				volume.StorageClass = known.Of(class)
			}
			volumes = append(volumes, volume)
		}
		return hardwareSpec{Volumes: known.Of(volumes)}
	}
	for name, test := range map[string]struct {
		before, after hardwareSpec
		want          bool
	}{
		"no volume":      {hardwareSpec{}, hardwareSpec{}, false},
		"the same":       {of("gold", ""), of("gold", ""), false},
		"a new volume":   {of("gold"), of("gold", "silver"), false},
		"one less":       {of("gold", "silver"), of("gold"), false},
		"another class":  {of("gold"), of("silver"), true},
		"a class at all": {of(""), of("silver"), true},
		"the machine's":  {of("gold"), of(""), true},
	} {
		if got := (&wish{spec: test.after, before: test.before}).rebinds(); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
