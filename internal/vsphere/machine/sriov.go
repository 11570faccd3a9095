package machine

import (
	"fmt"
	"strings"

	"github.com/vmware/govmomi/vim25/types"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/vsphere"
)

// CheckSRIOV refuses SR-IOV cards for a machine that would not start with them: the host's card
// writes to the memory by itself, so that vSphere wants all of it reserved. Memory is in MB;
// locked says that vSphere keeps the reservation at the size of the memory. Error:
// vsphere.ErrInvalidArgument, which names the interfaces.
func CheckSRIOV(nics []NIC, memoryMB int64, allocation *types.ResourceAllocationInfo, locked bool) error {
	var names []string
	for i := range nics {
		if nics[i].Type == sriov {
			names = append(names, fmt.Sprintf("%q", nics[i].Name))
		}
	}
	if reserved := *whole(allocation).Reservation; len(names) > 0 && !locked && reserved < memoryMB {
		return fmt.Errorf("%w: interface %s is of type SRIOV, which needs all memory of the machine reserved: %d MB of %d MB are",
			vsphere.ErrInvalidArgument, strings.Join(names, ", "), reserved, memoryMB)
	}
	return nil
}
