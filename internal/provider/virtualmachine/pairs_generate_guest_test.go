package virtualmachine_test

import (
	"fmt"

	"github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"
)

// bootstrap tells the guest what the machine's provider can, or nothing.
func (g *generator) bootstrap(_, _ tree) any {
	switch g.provider {
	case "cloud_init":
		return tree{"cloud_init": g.cloudInit()}
	case "linux_prep":
		prep := tree{}
		g.put(prep, 40, "hardware_clock_is_utc", true, false)
		g.put(prep, 40, "time_zone", "Europe/Paris", "America/Los_Angeles")
		return tree{"linux_prep": prep}
	case "sysprep":
		return tree{"sysprep": g.sysprep()}
	case "vapp_config":
		var properties []any
		for _, key := range some(g, 2, "hostname", "user-data") {
			properties = append(properties, tree{"key": key, "value": oneOf(g, "one", "two", "{{ V1alpha6_FirstNicMacAddr }}")})
		}
		return tree{"vapp_config": tree{"property": properties}}
	}
	return nil
}

func (g *generator) cloudInit() tree {
	out := tree{}
	g.put(out, 20, "instance_id", "id-1", "id-2")
	g.put(out, 30, "wait_on_network4", true, false)
	g.put(out, 30, "ssh_authorized_keys", []any{"ssh-ed25519 AAAA me"})
	if g.chance(15) {
		out["raw_cloud_config"] = tree{"value": oneOf(g, "#cloud-config\nruncmd: [date]\n", "#!/bin/sh\ndate\n")}
		delete(out, "ssh_authorized_keys")
		return out
	}
	config := tree{}
	g.put(config, 30, "timezone", "Europe/Paris", "UTC")
	g.put(config, 30, "runcmd", []any{"date"}, []any{"date", []any{"echo", "two"}})
	var users []any
	for _, name := range some(g, 3, "vmware", "admin", "other") {
		user := tree{"name": name}
		g.put(user, 50, "sudo", "ALL=(ALL) NOPASSWD:ALL")
		g.put(user, 30, "hashed_passwd", tree{"value": "$6$one"}, tree{"value": "$6$two"})
		users = append(users, user)
	}
	config["user"] = users
	var files []any
	for _, path := range some(g, 2, "/etc/a", "/etc/b") {
		files = append(files, tree{"path": path, "content": oneOf(g, "one", "two")})
	}
	config["write_file"] = files
	out["cloud_config"] = config
	return out
}

// network is of interfaces in any order. What only cloud-init carries is for that alone.
func (g *generator) network(before, now tree) any {
	out := tree{}
	if g.chance(4) {
		return tree{"disabled": true}
	}
	boot, _ := now["bootstrap"].(tree)
	_, cloudInit := boot["cloud_init"]
	g.put(out, 40, "host_name", "web", "db")
	g.put(out, 20, "domain_name", "example.com")
	if len(boot) > 0 && boot["vapp_config"] == nil {
		g.put(out, 30, "nameservers", []any{"10.9.0.53"}, []any{"10.9.0.53", "10.9.0.54"})
		g.put(out, 20, "search_domains", []any{"example.com"})
	}
	had := map[any]tree{}
	if network, ok := before["network"].(tree); ok {
		for _, card := range blocksOf(network, "interface") {
			had[card["name"]] = card
		}
	}
	var cards []any
	for i, name := range some(g, 4, "eth0", "eth1", "eth2", "eth3") {
		if was := had[name]; was != nil && g.chance(40) && len(boot) > 0 {
			cards = append(cards, was)
			continue
		}
		cards = append(cards, g.card(name, i, cloudInit))
	}
	out["interface"] = cards
	return out
}

func (g *generator) card(name string, i int, cloudInit bool) tree {
	card := tree{"name": name}
	if g.chance(60) {
		card["network"] = tree{"name": oneOf(g, simulator.NetworkStandard, simulator.NetworkFrontend, simulator.NetworkBackend, simulator.NetworkPooled, simulator.NetworkLeased)}
	}
	g.put(card, 40, "type", "VMXNet3", "E1000", "E1000e")
	if g.chance(25) {
		card["mac_addr"] = fmt.Sprintf("00:50:56:%02X:%02x:%02x", 0x10+g.seed%0x10, g.seed/0x10%0x100, 0x10*int(name[3]-'0')+g.IntN(2))
	}
	switch {
	case g.chance(40):
		subnet := int(name[3] - '0')
		card["addresses"] = []any{fmt.Sprintf("10.9.%d.%d/24", subnet, 10+g.IntN(2))}
		if i == 0 {
			g.put(card, 70, "gateway4", fmt.Sprintf("10.9.%d.1", subnet))
		}
	case g.chance(30):
		card["dhcp4"] = true
	}
	if cloudInit {
		g.put(card, 20, "mtu", 1400, 9000)
		g.put(card, 20, "guest_device_name", "dev"+name[3:])
		g.put(card, 20, "nameservers", []any{"10.9.1.53"})
	}
	return card
}

// cardNames are the names of the machine's interfaces.
func cardNames(config tree) []string {
	network, _ := config["network"].(tree)
	if disabled, _ := network["disabled"].(bool); disabled {
		return nil
	}
	cards := blocksOf(network, "interface")
	if len(cards) == 0 {
		return []string{"eth0"}
	}
	names := make([]string, len(cards))
	for i, card := range cards {
		names[i] = card["name"].(string)
	}
	return names
}
