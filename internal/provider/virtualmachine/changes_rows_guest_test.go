package virtualmachine

// rowsOfTheGuest are about what nothing but the guest is told, or waited for.
func rowsOfTheGuest() []ChangeRow {
	const probe = "readiness_probe."
	at := func(attribute string, from, to any) ChangeRow {
		return ChangeRow{Attribute: attribute, Has: lines{attribute: from}, To: lines{attribute: to}}
	}
	card := func(attribute string, from, to any) ChangeRow {
		return ofCard(attribute, lines{attribute: from}, lines{attribute: to})
	}
	static := []any{"10.0.1.100/24", "2001:db8::10/64"}
	addressed := func(attribute string, from, to any) ChangeRow {
		return ofCard(attribute, lines{"addresses": static, attribute: from}, lines{attribute: to})
	}
	route := func(attribute string, to any) ChangeRow {
		way := lines{"to": "10.0.2.0/24", "via": "10.0.1.254", "metric": 100}
		return ofCard("route."+attribute, lines{"addresses": static, "route": []any{way}}, lines{"route": []any{with(way, lines{attribute: to})}})
	}
	vlan := func(attribute string, to any) ChangeRow {
		device := lines{"name": "vlan100", "id": 100, "link": "eth0"}
		cards := []any{lines{"name": "eth0"}, lines{"name": "eth1"}}
		return ChangeRow{
			Attribute: "network.vlan." + attribute, Has: lines{"network.interface": cards, "network.vlan": []any{device}},
			To: lines{"network.vlan": []any{with(device, lines{attribute: to})}},
		}
	}
	provider := func(from, to lines) ChangeRow {
		return ChangeRow{Attribute: "bootstrap", What: "another one of `cloud_init`, `linux_prep` and `sysprep`", Has: lines{"bootstrap": from}, To: lines{"bootstrap": to}}
	}
	return []ChangeRow{
		provider(lines{"cloud_init": lines{}}, lines{"linux_prep": lines{}}),
		at("network.host_name", "one", "two"),
		at("network.domain_name", "example.com", "example.org"),
		at("network.nameservers", []any{"10.0.1.53"}, []any{"10.0.1.54"}),
		at("network.search_domains", []any{"example.com"}, []any{"example.org"}),
		card("addresses", static, []any{"10.0.1.101/24"}),
		card("dhcp4", true, false),
		card("dhcp6", false, true),
		addressed("gateway4", "10.0.1.1", "10.0.1.2"),
		addressed("gateway6", "2001:db8::1", "2001:db8::2"),
		addressed("nameservers", []any{"10.0.1.53"}, []any{"10.0.1.54"}),
		addressed("search_domains", []any{"example.com"}, []any{"example.org"}),
		card("guest_device_name", nil, "ens160"),
		addressed("mtu", 1500, 9000),
		route("to", "10.0.3.0/24"), route("via", "10.0.1.253"), route("metric", 200),
		vlan("name", "vlan7"), vlan("id", 7), vlan("link", "eth1"),
		{Attribute: probe + "guest_info.key", Has: lines{probe + "guest_info": []any{lines{"key": "a"}}}, To: lines{probe + "guest_info": []any{lines{"key": "b"}}}},
		{Attribute: probe + "guest_info.value", Has: lines{probe + "guest_info": []any{lines{"key": "a"}}}, To: lines{probe + "guest_info": []any{lines{"key": "a", "value": "^yes$"}}}},
		at(probe+"guest_heartbeat.threshold_status", "green", "yellow"),
		{Attribute: probe + "tcp_socket.host", Has: lines{probe + "tcp_socket": lines{"host": "127.0.0.1", "port": 22}}, To: lines{probe + "tcp_socket.host": "127.0.0.2"}},
		{Attribute: probe + "tcp_socket.port", Has: lines{probe + "tcp_socket": lines{"host": "127.0.0.1", "port": 22}}, To: lines{probe + "tcp_socket.port": 23}},
		{Attribute: probe + "timeout_seconds", Has: lines{probe + "guest_heartbeat": lines{}}, To: lines{probe + "timeout_seconds": 5}},
		{Attribute: probe + "period_seconds", Has: lines{probe + "guest_heartbeat": lines{}}, To: lines{probe + "period_seconds": 5}},
	}
}
