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
	// ConditionCached tells of an image of a subscribed library whether its disks are there. Other
	// images, whose disks always are, do not have it. An image that is not cached is ready all
	// the same: vCenter transfers the disks when it deploys the image.
	ConditionCached = "VirtualMachineImageCached"
)

// The reasons for an image not to be ready, in VM Operator's words.
const (
	ReasonNotCompliant     = "VirtualMachineImageProviderSecurityNotCompliant"
	ReasonProviderNotReady = "VirtualMachineImageProviderNotReady"
	ReasonNotSynced        = "VirtualMachineImageNotSynced"
)

// The reasons for an image not to be cached.
const (
	// ReasonOnDemand tells that the library transfers disks when they are needed.
	ReasonOnDemand = "OnDemand"
	// ReasonNotCached tells that the library transfers everything, and has not done so yet.
	ReasonNotCached = "NotCached"
)

const (
	statusTrue  = "True"
	statusFalse = "False"

	libraryActive = "ACTIVE"

	deferCloudInitKey   = "guestinfo.vmservice.defer-cloud-init"
	deferCloudInitReady = "ready"
)

// contentError says what is missing for an item to have content that could be read: an OVF
// item has a descriptor, and a content version as soon as there are files, as an ISO item has. A VM
// template is a machine, which can be copied whatever its item's version.
func contentError(item Item, descriptor *Descriptor) error {
	switch kind := typeOf(item.Type); {
	case item.Unfinished:
		return fmt.Errorf("the creation of library item %s has not ended, as its description says, which begins with [vmoperator.create: "+
			"Terraform is still uploading it, or was killed. Wait, or apply again where it is created, which finishes it; otherwise delete the item in vCenter", item.ID)
	case kind == TypeOVF && descriptor == nil:
		return fmt.Errorf("library item %s has no OVF descriptor", item.ID)
	case (kind == TypeOVF || kind == TypeISO) && item.ContentVersion == "":
		return fmt.Errorf("library item %s has no content version: nothing was uploaded to it yet", item.ID)
	default:
		return nil
	}
}

// conditionsOf judges an image by three gates – compliance, library, content – of which the
// first that fails gives the reason.
func conditionsOf(item Item, descriptor *Descriptor, readErr error) []Condition {
	conditions := []Condition{readiness(item, readErr)}
	if item.Library.Subscribed {
		conditions = append(conditions, cached(item))
	}
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

// cached tells where the disks of an image of a subscribed library are.
func cached(item Item) Condition {
	condition := Condition{Type: ConditionCached, Status: statusFalse}
	switch {
	case item.Cached:
		condition.Status, condition.Reason = statusTrue, statusTrue
	case item.Library.OnDemand:
		condition.Reason = ReasonOnDemand
		condition.Message = fmt.Sprintf("library %q is subscribed on demand: the first deployment transfers the disks, and takes longer",
			item.Library.Name)
	default:
		condition.Reason = ReasonNotCached
		condition.Message = fmt.Sprintf("the subscribed library %q has not transferred the disks yet", item.Library.Name)
	}
	return condition
}

// compliant is true where vCenter says so. It judges items of libraries with a security
// policy only, so that no judgement is a failure there and none elsewhere.
func compliant(item Item) bool {
	if item.SecurityCompliance == nil {
		return item.Library.SecurityPolicyID == ""
	}
	return *item.SecurityCompliance
}
