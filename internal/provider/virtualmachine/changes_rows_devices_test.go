package virtualmachine

import "github.com/vmoperator/terraform-provider-vmoperator/internal/simulator"

// dataVolume is a volume, with more about it.
func dataVolume(more lines) lines { return with(lines{"name": "data", "capacity": "10Gi"}, more) }

// ofVolume is a row of something of a volume.
func ofVolume(attribute, what string, has, to lines) ChangeRow {
	return ChangeRow{
		Attribute: "volume." + attribute, What: what,
		Has: lines{"volume": []any{dataVolume(has)}}, To: lines{"volume": []any{with(dataVolume(has), to)}},
	}
}

func rowsOfVolumes() []ChangeRow {
	one := func(more lines) lines { return lines{"volume": []any{dataVolume(more)}} }
	none := lines{"volume": []any{}}
	ide := lines{"controller_type": "IDE"}
	shared := lines{"provisioning_mode": "ThickEagerZero", "sharing_mode": "MultiWriter", "disk_mode": "IndependentPersistent"}
	at := func(bus, unit any) lines {
		return lines{"controller_type": "SCSI", "controller_bus_number": bus, "unit_number": unit}
	}
	return []ChangeRow{
		{Attribute: "volume", What: "added", To: one(nil)},
		{Attribute: "volume", What: "added, to an IDE controller", To: one(ide)},
		{Attribute: "volume", What: "removed", Has: one(nil), To: none},
		{Attribute: "volume", What: "removed, from an IDE controller", Has: one(ide), To: none},
		{Attribute: "volume", What: "removed, with `removable = false`", Has: one(lines{"removable": false}), To: none},
		ofVolume("name", "", nil, lines{"name": "logs"}),
		ofVolume("capacity", "more", nil, lines{"capacity": "20Gi"}),
		ofVolume("capacity", "more, on an IDE controller", ide, lines{"capacity": "20Gi"}),
		ofVolume("capacity", "more, of a shared disk", shared, lines{"capacity": "20Gi"}),
		ofVolume("capacity", "less", nil, lines{"capacity": "5Gi"}),
		ofVolume("storage_class", "", lines{"storage_class": simulator.StorageGold}, lines{"storage_class": simulator.StorageSilver}),
		ofVolume("provisioning_mode", "", lines{"provisioning_mode": "Thin"}, lines{"provisioning_mode": "Thick"}),
		ofVolume("disk_mode", "", nil, lines{"disk_mode": "IndependentPersistent"}),
		ofVolume("sharing_mode", "", lines{"provisioning_mode": "ThickEagerZero"}, lines{"sharing_mode": "MultiWriter"}),
		ofVolume("application_type", "", lines{"provisioning_mode": "ThickEagerZero"}, lines{"application_type": "OracleRAC"}),
		ofVolume("controller_type", "", nil, lines{"controller_type": "NVME"}),
		ofVolume("controller_bus_number", "", at(0, nil), at(1, nil)),
		ofVolume("unit_number", "", at(0, 5), at(0, 6)),
		ofVolume("removable", "", nil, lines{"removable": false}),
		ofVolume("reclaim_policy", "", nil, lines{"reclaim_policy": reclaimRetain}),
	}
}

// ofDrive is a row of something of a CD-ROM drive.
func ofDrive(attribute string, has, to lines) ChangeRow {
	drive := with(lines{"name": "cd1"}, has)
	return ChangeRow{
		Attribute: "hardware.cdrom." + attribute,
		Has:       lines{"hardware.cdrom": []any{drive}}, To: lines{"hardware.cdrom": []any{with(drive, to)}},
	}
}

func rowsOfDrives() []ChangeRow {
	one := lines{"hardware.cdrom": []any{lines{"name": "cd1"}}}
	none := lines{"hardware": lines{}}
	disc := lines{"image": lines{"kind": clusterKind, "name": discID}}
	at := func(bus, unit any) lines {
		return lines{"controller_type": "SATA", "controller_bus_number": bus, "unit_number": unit}
	}
	return []ChangeRow{
		{Attribute: "hardware.cdrom", What: "added", Has: none, To: one},
		{Attribute: "hardware.cdrom", What: "removed", Has: one, To: none},
		ofDrive("name", nil, lines{"name": "cd2"}),
		ofDrive("image.name", disc, lines{"image.name": otherDiscID}),
		ofDrive("image.kind", disc, lines{"image": lines{"kind": ownKind, "name": teamDiscID}}),
		ofDrive("connected", disc, lines{"connected": false}),
		ofDrive("allow_guest_control", nil, lines{"allow_guest_control": false}),
		ofDrive("controller_type", lines{"controller_type": "IDE"}, lines{"controller_type": "SATA"}),
		ofDrive("controller_bus_number", at(0, nil), at(1, nil)),
		ofDrive("unit_number", at(0, 5), at(0, 6)),
	}
}

// ofCard is a row of something of a network card.
func ofCard(attribute string, has, to lines) ChangeRow {
	card := with(lines{"name": "eth0", "network": lines{"name": simulator.NetworkFrontend}}, has)
	return ChangeRow{
		Attribute: "network.interface." + attribute,
		Has:       lines{"network.interface": []any{card}}, To: lines{"network.interface": []any{with(card, to)}},
	}
}

func rowsOfCards() []ChangeRow {
	first, second := lines{"name": "eth0"}, lines{"name": "eth1", "network": lines{"name": simulator.NetworkBackend}}
	cards := func(all ...any) lines { return lines{"network.interface": all} }
	return []ChangeRow{
		{Attribute: "network.disabled", To: lines{"network": lines{"disabled": true}}},
		{Attribute: "network.interface", What: "added", Has: cards(first), To: cards(first, second)},
		{Attribute: "network.interface", What: "removed", Has: cards(first, second), To: cards(first)},
		ofCard("name", nil, lines{"name": "eth1"}),
		ofCard("type", nil, lines{"type": "E1000e"}),
		ofCard("mac_addr", nil, lines{"mac_addr": "00:50:56:0a:0b:0c"}),
		ofCard("network.name", nil, lines{"network.name": simulator.NetworkBackend}),
	}
}
