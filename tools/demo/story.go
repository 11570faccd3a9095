//go:build unix

package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// What of examples/quickstart the story turns on.
const (
	machineType = "vmoperator_virtual_machine."
	// The variable that the next hop of a route comes from, and its other value.
	routeVariable = "route_via"
	newRoute      = "10.0.1.253"
)

// story is the life of three machines, told and checked.
func story(ctx context.Context, command *commandLine, vcenter *simulator, out *printer) error {
	before, err := vcenter.machines(ctx)
	if err != nil {
		return err
	}

	out.heading("Plan three machines from two images")
	if err := command.show(ctx, changes, "plan", "-detailed-exitcode", "-out=create.tfplan"); err != nil {
		return err
	}
	actions, err := command.planned(ctx, "create.tfplan")
	if err != nil {
		return err
	}
	if len(actions) != 3 || !allAre(actions, "create") {
		return fmt.Errorf("the plan was to create three machines and nothing else, it is %v", actions)
	}
	out.check("Image names are VMI IDs and each guest's network is there, before anything exists")

	out.heading("Apply")
	if err := command.show(ctx, nothingToDo, "apply", "create.tfplan"); err != nil {
		return err
	}

	out.heading("What Terraform knows, and what each guest reports")
	if err := command.show(ctx, nothingToDo, "output"); err != nil {
		return err
	}
	names, err := created(ctx, vcenter, before)
	if err != nil {
		return err
	}
	if len(names) != 3 {
		return fmt.Errorf("three machines were applied, vCenter has %v", names)
	}
	for _, name := range names {
		out.line("")
		if err := report(ctx, vcenter, out, name); err != nil {
			return err
		}
	}

	out.heading("Plan again: nothing to do")
	if err := command.show(ctx, nothingToDo, "plan", "-detailed-exitcode"); err != nil {
		return err
	}
	out.check("The second plan is empty")

	if err := changeRoute(ctx, command, vcenter, out); err != nil {
		return err
	}

	out.heading("Destroy")
	// The plan would list all that is going to be gone.
	if _, err := command.quietly(ctx, "plan", "-destroy", "-out=destroy.tfplan"); err != nil {
		return err
	}
	if err := command.show(ctx, nothingToDo, "apply", "destroy.tfplan"); err != nil {
		return err
	}
	if names, err = created(ctx, vcenter, before); err != nil {
		return err
	}
	if len(names) != 0 {
		return fmt.Errorf("all machines were destroyed, vCenter still has %v", names)
	}
	out.check("vCenter holds what it held before")
	return nil
}

// changeRoute changes the next hop of one route and restarts the machine that has it.
func changeRoute(ctx context.Context, command *commandLine, vcenter *simulator, out *printer) error {
	out.heading("Change a route")
	setting := fmt.Sprintf("-var=%s=%s", routeVariable, newRoute)
	if err := command.show(ctx, changes, "plan", "-detailed-exitcode", "-out=change.tfplan", setting); err != nil {
		return err
	}
	actions, err := command.planned(ctx, "change.tfplan")
	if err != nil {
		return err
	}
	if len(actions) != 1 || !allAre(actions, "update") {
		return fmt.Errorf("the plan was to update one machine and nothing else, it is %v", actions)
	}
	if err := command.show(ctx, nothingToDo, "apply", "change.tfplan"); err != nil {
		return err
	}
	name, err := command.machineName(ctx, slices.Collect(maps.Keys(actions))[0])
	if err != nil {
		return err
	}
	out.line("\ncloud-init reads its network configuration when the guest boots: a restart of %s, and", name)
	if err := vcenter.restart(ctx, name); err != nil {
		return err
	}
	g, err := vcenter.guest(ctx, name)
	if err != nil {
		return err
	}
	out.guest(g)
	if !g.usesRoute(newRoute) {
		return fmt.Errorf("the guest of %s does not use the new route by %s", name, newRoute)
	}
	out.check("The guest has the new route")
	if err := command.show(ctx, nothingToDo, "plan", "-detailed-exitcode", setting); err != nil {
		return err
	}
	return nil
}

// report shows a guest, and insists that it came up with what it was given.
func report(ctx context.Context, vcenter *simulator, out *printer, name string) error {
	g, err := vcenter.guest(ctx, name)
	if err != nil {
		return err
	}
	out.guest(g)
	if len(g.Problems) > 0 {
		return fmt.Errorf("the guest of %s has problems: %s", name, strings.Join(g.Problems, "; "))
	}
	for _, card := range g.Interfaces {
		if len(card.Addresses) == 0 {
			return fmt.Errorf("the card %s of %s has no address", card.MAC, name)
		}
	}
	return nil
}

// created lists the machines that were not there before.
func created(ctx context.Context, vcenter *simulator, before []string) ([]string, error) {
	now, err := vcenter.machines(ctx)
	if err != nil {
		return nil, err
	}
	now = slices.DeleteFunc(now, func(name string) bool { return slices.Contains(before, name) })
	slices.Sort(now)
	return now, nil
}

func allAre(actions map[string]string, action string) bool {
	for address, a := range actions {
		if a != action || !strings.HasPrefix(address, machineType) {
			return false
		}
	}
	return true
}
