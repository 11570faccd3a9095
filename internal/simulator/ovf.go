package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/vmware/govmomi/ovf"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25/types"
)

// applyDescriptor adds to an import specification what vcsim leaves out of a descriptor,
// and what the deployment says beside it.
func applyDescriptor(config *types.VirtualMachineConfigSpec, env *ovf.Envelope, spec vcenter.DeploymentSpec) error {
	hw := env.VirtualSystem.VirtualHardware[0]
	boot := &types.VirtualMachineBootOptions{}
	for _, c := range hw.Config {
		switch c.Key {
		case "firmware":
			config.Firmware = c.Value
		case "bootOptions.efiSecureBootEnabled":
			boot.EfiSecureBootEnabled = types.NewBool(strings.EqualFold(c.Value, "true"))
			config.BootOptions = boot
		case "cpuHotAddEnabled":
			config.CpuHotAddEnabled = types.NewBool(strings.EqualFold(c.Value, "true"))
		case "memoryHotAddEnabled":
			config.MemoryHotAddEnabled = types.NewBool(strings.EqualFold(c.Value, "true"))
		}
	}
	config.Annotation = spec.Annotation
	// vcsim writes the properties that were given to ExtraConfig as well; vCenter does not.
	config.ExtraConfig = nil
	for _, c := range hw.ExtraConfig {
		config.ExtraConfig = append(config.ExtraConfig, &types.OptionValue{Key: c.Key, Value: c.Value})
	}
	for _, p := range spec.AdditionalParams {
		if p.Type != vcenter.TypeExtraConfigParams {
			continue
		}
		for _, c := range p.ExtraConfig {
			config.ExtraConfig = append(config.ExtraConfig, &types.OptionValue{Key: c.Key, Value: c.Value})
		}
	}
	if v, ok := config.VAppConfig.(*types.VAppConfigSpec); ok {
		if hw.Transport != nil {
			v.OvfEnvironmentTransport = strings.Fields(*hw.Transport)
		}
		return setProperties(v, spec.AdditionalParams)
	}
	return nil
}

// setProperties gives the descriptor's properties the values of a deployment. A property
// that does not exist, or that the image keeps to itself, fails the deployment.
func setProperties(v *types.VAppConfigSpec, params []vcenter.AdditionalParams) error {
	for _, p := range params {
		if p.Type != vcenter.TypePropertyParams {
			continue
		}
		for _, given := range p.Properties {
			info := findProperty(v, given.ID)
			if info == nil {
				return fmt.Errorf("the OVF descriptor has no property %q", given.ID)
			}
			if given.Value == "" || given.Value == info.DefaultValue {
				continue
			}
			if !isTrue(info.UserConfigurable) {
				return fmt.Errorf("the property %q is not user configurable", given.ID)
			}
			if err := checkProperty(info.Type, given.Value); err != nil {
				return fmt.Errorf("the property %q: %w", given.ID, err)
			}
			info.Value = given.Value
		}
	}
	return nil
}

// findProperty finds a property by its qualified key, class.key.instance.
func findProperty(v *types.VAppConfigSpec, key string) *types.VAppPropertyInfo {
	for i := range v.Property {
		info := v.Property[i].Info
		full := info.Id
		if info.ClassId != "" {
			full = info.ClassId + "." + full
		}
		if info.InstanceId != "" {
			full += "." + info.InstanceId
		}
		if full == key {
			return info
		}
	}
	return nil
}

// checkProperty checks a value against the base of an OVF property type.
func checkProperty(kind, value string) error {
	var err error
	base, _, _ := strings.Cut(strings.ToLower(kind), "(")
	switch base {
	case "boolean":
		if !strings.EqualFold(value, "true") && !strings.EqualFold(value, "false") {
			err = fmt.Errorf("%q is not a boolean", value)
		}
	case "int", "sint8", "sint16", "sint32", "sint64":
		_, err = strconv.ParseInt(value, 10, 64)
	case "uint8", "uint16", "uint32", "uint64":
		_, err = strconv.ParseUint(value, 10, 64)
	case "real", "real32", "real64":
		_, err = strconv.ParseFloat(value, 64)
	}
	if err != nil {
		return fmt.Errorf("%q is not of the type %s: %w", value, kind, err)
	}
	return nil
}

// filter answers what a descriptor asks of who deploys it; vcsim answers the name alone.
func (g *gate) filter(w http.ResponseWriter, r *http.Request) {
	id := itemID(r)
	item := g.vapi.item(id, g.sim.registry())
	if item == nil {
		restError(w, http.StatusNotFound, "not_found", "there is no library item "+id)
		return
	}
	f, err := os.Open(filepath.Join(item.dir, item.ovf()))
	if err != nil || item.ovf() == "" {
		restError(w, http.StatusBadRequest, "invalid_argument", "the library item "+id+" has no OVF descriptor")
		return
	}
	defer func() { _ = f.Close() }()
	env, err := ovf.Unmarshal(f)
	if err != nil || env.VirtualSystem == nil {
		restError(w, http.StatusInternalServerError, "error", "the OVF descriptor of the library item "+id+" does not parse")
		return
	}
	res := vcenter.FilterResponse{Name: item.Name}
	if env.Network != nil {
		for _, n := range env.Network.Networks {
			res.Networks = append(res.Networks, n.Name)
		}
	}
	params := vcenter.AdditionalParams{Class: vcenter.ClassPropertyParams, Type: vcenter.TypePropertyParams}
	for _, p := range env.VirtualSystem.Product {
		for _, property := range p.Property {
			if !isTrue(property.UserConfigurable) {
				continue
			}
			params.Properties = append(params.Properties, vcenter.Property{
				ID: property.Key, ClassID: deref(p.Class), InstanceID: deref(p.Instance), Type: property.Type,
				Value: deref(property.Default), Label: deref(property.Label), Description: deref(property.Description), Category: p.Category,
			})
		}
	}
	if len(params.Properties) > 0 {
		res.AdditionalParams = append(res.AdditionalParams, params)
	}
	restValue(w, res)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// findItems refuses a search for everything, as vCenter does, and leaves the rest to vcsim.
func (g *gate) findItems(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Spec library.FindItem `json:"spec"`
	}
	body, err := readAll(r)
	if err != nil || json.Unmarshal(body, &req) != nil {
		restError(w, http.StatusBadRequest, "invalid_argument", "the request is not JSON")
		return
	}
	if req.Spec == (library.FindItem{}) {
		restError(w, http.StatusBadRequest, "invalid_argument", "the find specification has no property")
		return
	}
	g.next.ServeHTTP(w, r)
}
