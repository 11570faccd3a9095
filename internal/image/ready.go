package image

import (
	"fmt"
	"strings"
)

// The types of an image's conditions.
const (
	ConditionReady = "Ready"
	// ConditionV1Alpha1Compatible is True for images whose guest defers cloud-init until
	// VM Operator is done; otherwise it is absent, never False.
	ConditionV1Alpha1Compatible = "VirtualMachineImageV1Alpha1Compatible"
)

// The reasons for an image not to be ready, in VM Operator's words.
const (
	ReasonNotCompliant     = "VirtualMachineImageProviderSecurityNotCompliant"
	ReasonProviderNotReady = "VirtualMachineImageProviderNotReady"
	ReasonNotSynced        = "VirtualMachineImageNotSynced"
)

const (
	statusTrue  = "True"
	statusFalse = "False"

	libraryActive = "ACTIVE"

	deferCloudInitKey   = "guestinfo.vmservice.defer-cloud-init"
	deferCloudInitReady = "ready"
)

func errNoDescriptor(item Item) error {
	return fmt.Errorf("library item %s has no OVF descriptor", item.ID)
}

// conditionsOf judges an image by three gates – compliance, library, content – of which the
// first that fails gives the reason.
func conditionsOf(item Item, descriptor *Descriptor, readErr error) []Condition {
	conditions := []Condition{readiness(item, readErr)}
	if descriptor != nil && descriptor.ExtraConfig[deferCloudInitKey] == deferCloudInitReady {
		conditions = append(conditions, Condition{
			Type: ConditionV1Alpha1Compatible, Status: statusTrue, Reason: statusTrue,
		})
	}
	return conditions
}

func readiness(item Item, readErr error) Condition {
	notReady := func(reason, message string) Condition {
		return Condition{Type: ConditionReady, Status: statusFalse, Reason: reason, Message: message}
	}
	switch {
	case !compliant(item):
		return notReady(ReasonNotCompliant, "provider item not security compliant")
	case item.Library.State != "" && !strings.EqualFold(item.Library.State, libraryActive):
		return notReady(ReasonProviderNotReady, fmt.Sprintf("provider item not ready: library %q is %s",
			item.Library.Name, item.Library.State))
	case readErr != nil:
		return notReady(ReasonNotSynced, readErr.Error())
	default:
		return Condition{Type: ConditionReady, Status: statusTrue, Reason: statusTrue}
	}
}

// compliant is true where vCenter says so. It judges items of libraries with a security
// policy only, so that no judgement is a failure there and none elsewhere.
func compliant(item Item) bool {
	if item.SecurityCompliance == nil {
		return item.Library.SecurityPolicyID == ""
	}
	return *item.SecurityCompliance
}
