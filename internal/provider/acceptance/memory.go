package acceptance

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// Remember keeps a value that a resource has in state in to.
func Remember(address, path string, to *string) statecheck.StateCheck {
	return memory{address, path, to, false}
}

// Unchanged checks that a value that a resource has in state is the one that was remembered.
func Unchanged(address, path string, from *string) statecheck.StateCheck {
	return memory{address, path, from, true}
}

type memory struct {
	address, path string
	value         *string
	compare       bool
}

// CheckState implements statecheck.StateCheck.
func (m memory) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	for _, r := range req.State.Values.RootModule.Resources {
		if r.Address != m.address {
			continue
		}
		value, err := tfjsonpath.Traverse(r.AttributeValues, PathTo(m.path))
		if err != nil {
			resp.Error = err
			return
		}
		found := fmt.Sprint(value)
		switch {
		case !m.compare:
			*m.value = found
		case found != *m.value:
			resp.Error = fmt.Errorf("%s was %s and is %s", m.path, *m.value, found)
		}
		return
	}
	resp.Error = fmt.Errorf("%s is not in state", m.address)
}
