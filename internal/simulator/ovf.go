package simulator

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/vmware/govmomi/ovf"
	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/vcenter"
	"github.com/vmware/govmomi/vim25/types"
)

// applyDescriptor adds to an import specification what vcsim leaves out of a descriptor,
// and what the deployment says beside it. networks are those of the descriptor by what they
// are called here.
func applyDescriptor(config *types.VirtualMachineConfigSpec, env *ovf.Envelope, spec vcenter.DeploymentSpec, networks map[string]string) error {
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
	return importVApp(config, env, spec, networks)
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
