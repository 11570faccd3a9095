// Package simulator is a vCenter to stand on: govmomi's simulator (vcsim) with a seeded
// inventory, guests that configure themselves, and hooks by which a test sees what was asked
// of it and makes it fail.
//
// Start serves in the test's own process, for sequential tests. StartProcess starts the
// command cmd/vcsim, for parallel tests, for negative ones and for the race detector: vcsim
// itself has data races between parallel requests, and some wrong requests end its process.
// Both have the same hooks: the methods of Simulator, and those of Control over HTTP.
//
// # The inventory
//
// One datacenter DC0; clusters DC0_C0 and DC0_C1 of two hosts each, with the resource pools
// team-a and team-b; folders vm/team-a and vm/team-b; the standard network "VM Network" and
// the distributed port groups frontend, backend and DC0_DVPG0, and pooled, leased and scarce,
// which alone have Network Protocol Profiles; the datastores LocalDS_0 and LocalDS_1; storage policies gold and silver beside vSphere's own; VM classes from
// best-effort-small to guaranteed-medium; content libraries base-images, partner-images and
// team-a-images. Ids of libraries and items are the same in every run and are constants.
// Disks take no space, whatever their capacity.
//
// With WithEveryImageType, and in cmd/vcsim unless -every-image-type=false says otherwise, there
// are more content libraries: templates with a virtual machine template, whose machine is in the
// folder vm/templates and is listed among the machines; installers with an ISO; published-images
// with an OVF item and an ISO; and subscribed-images, a copy of that on demand, of which only the
// descriptor is here. Who sees all libraries sees the names in the last two twice.
//
// # The guest
//
// A machine that was deployed from an OVF item, or cloned from such, has an operating system
// (see InstallGuest for others). At power-on it boots, without delay but asynchronously, and
// reads guestinfo.metadata and guestinfo.userdata by the rules of cloud-init's VMware data
// source, or applies a pending customization specification, which from then on stands in
// for guestinfo. Network cards are matched by MAC address (or kernel name), renamed, and get
// what they are told; DHCP answers are the same in every run. What does not work in a guest
// does not work here, and GuestReport says why:
//
//   - an encoding that does not decode, gzip data that are damaged, a document that is not
//     YAML, a key that Netplan does not know, an unquoted number to the base of 60: no
//     network at all;
//   - a MAC address that no card has: that entry is for nobody;
//   - a gateway or next hop outside of the card's subnets, an MTU that the kernel refuses,
//     a device name that is too long or used twice: that card has no network;
//   - dhcp6 without accept-ra: no IPv6 address;
//   - a host name that the kernel refuses: "localhost".
//
// The network is read again at every boot, as VMware's data source asks cloud-init to;
// user data runs once for each instance-id. A guest without any configuration does DHCPv4 on
// its first card. Tools report host name, addresses with prefix length, origin and state,
// resolvers and the routing table (guest.net, guest.ipStack); cards that speak IPv6 also have
// their link-local address. guestHeartbeatStatus is green while Tools run and gray otherwise.
// At power-off all of that goes, except the host name. A guest that was suspended goes on
// where it was: resuming is no boot.
//
// # Customization in the guest
//
// Once Tools run, a customization that was pending runs in the guest, which has no network
// until it ends. Then the network is what the specification says:
//
//   - settings are for the card of their MAC address, or without one for the card in their
//     place by PCI slot;
//   - of each list of gateways, the first counts; of a Linux guest's cards, only the primary
//     one has default routes;
//   - Linux takes DNS servers from the global settings and none from a card; Windows takes
//     them from the cards and none from the global settings, and with DHCP they go first;
//   - all kinds of IPv4 and IPv6 settings work, except those that ask somebody: fixed, DHCP,
//     IPv4 turned off, stateless, for the link alone.
//
// Identity, time zone, password, scripts and membership of a workgroup or domain are seen in
// GuestReport, the whole specification in Customization. Scripts do not run, and images have
// them enabled. A customization fails in the guest on: a host name that is none; an answer
// file that is not XML; automatic logon without a password; a computer name of digits. One
// of more than 15 characters is cut off. Power-off in the middle leaves it pending.
//
// # What tests say to guests
//
// A guest is held and let go with SetGuestPace, fails with FailNextCustomization, sets
// variables with SetGuestInfo and PublishGuestInfo, answers at an address that a test listens
// at with SetGuestAddress, and stays on with IgnoreShutdown. GuestReport, Customization,
// OVFEnvironment and GuestInfo show what it got. Machines are named by name, reference or
// AllMachines, also before they exist. What a guest sets itself is gone when it is off.
//
// This package shares no code with those that render what a guest reads.
//
// # Where vcsim is put right
//
//   - OVF deployment (REST) is implemented here: references are checked (404, or an error in
//     the answer, instead of the end of the process), firmware, boot options, ExtraConfig,
//     transport and annotation are honoured, properties have to exist, to be configurable and
//     to be of their type, vm_config_spec is applied in the same call and takes the place of
//     the descriptor's network cards, a deployment that fails leaves nothing behind, and
//     deployments do not hold a lock over all other REST requests.
//   - The filter of an OVF item answers its networks and configurable properties.
//   - A search for library items needs at least one property.
//   - Update sessions are sessions: what is uploaded, or pulled from a URL, is seen when the
//     session is completed, which raises the content version; checksums and missing files are
//     checked; a session that is cancelled, fails or is deleted changes nothing; an item has one
//     at a time, until five minutes after it was last kept alive. An item that OccupyItem says
//     is in use is not deleted.
//   - A capture makes an OVF item of a machine, with a descriptor and disks, or becomes the next
//     content of an item.
//   - What is subscribed has the size of what is here, none until it is fetched, and after an
//     eviction nothing is left but descriptors. A deployment fetches what is not here.
//   - A vm-template item tells the machine that it keeps, with processors, memory, disks and
//     cards. One that is made of a machine has a content version, 2 from the beginning, and a
//     size; placement is optional, names are unique, references are checked.
//   - A template is in no resource pool. It is not turned on, upgraded or customized, and takes
//     a name and notes only: NotSupported. A copy of it that is to be a machine needs a pool.
//   - VM classes belong to one simulator, and the same class cannot be made twice.
//   - A name that another machine of the folder has is DuplicateName, on deploy, create,
//     clone, rename and reconfigure.
//   - Uuid and instance uuid are random; they do not come back with the name.
//   - Network cards get keys from 4000 on, unit numbers from 7 on and MAC addresses that are
//     never repeated, in the range that vCenter assigns from; the eleventh is TooManyDevices; a
//     MAC address that was chosen is checked; an edit keeps what it leaves out, its place in the
//     list, and what the guest had reported.
//   - Networks, datastores, pools, hosts and device keys that do not exist are faults.
//   - Disks and CD-ROM drives are on a controller that there is and that takes them, at a unit
//     that it has, does not need itself, and that no other device is at; of a type of
//     controllers, each has its own bus number; one with devices is not removed: otherwise
//     InvalidDeviceSpec, with the index of the change. A new machine has IDE controllers by
//     itself, and only adds devices.
//   - A medium that is put into a CD-ROM drive is a file on a datastore, and not the empty one
//     of an item that has not been fetched: otherwise FileNotFound.
//   - Guest id, firmware, memory in steps of 4 MB, and processors that are a multiple of the cores
//     of a socket are checked where machines are made, cloned and changed: InvalidArgument.
//   - ExtraConfig values are strings, keys are found whatever their case, an empty value of an
//     unknown key is no change; vcsim's own "SET." keys are refused.
//   - vApp configurations are vSphere's: property types have its notation, an edit finds its
//     property by key and keeps what it leaves out, an empty text too, so that only a blank
//     empties a value; values are checked by their types, trimmed, and booleans capitalised;
//     only a property that is configurable changes; ids are unique; passwords read back empty;
//     vAppConfigRemoved removes everything. A running machine takes all of that but the
//     removal, and its guest gets to know at the next power-on, when the OVF environment is
//     made: guestinfo.ovfEnv in the guest, where the transport is com.vmware.guestInfo, and
//     nowhere in the API.
//   - A machine does not turn on while a property has no value that needs one, or while an
//     expression cannot be computed: outside of a vApp it is, from the Network Protocol
//     Profile of its network. Addresses are not allocated for properties.
//   - Network Protocol Profiles belong to one datacenter of one simulator and are listed with
//     their ids and counts, both families always there. A network has one at most and names it
//     in its summary; an update changes what it defines; a pool in use is destroyed by force
//     only. An allocation from a pool that is used up or not enabled answers with an empty
//     text, and allocations are listed by extension.
//   - A stale changeVersion is ConcurrentAccess. CPUs and memory change while a machine is on
//     only with hot-add and upwards, CPUs also with hot-remove; what takes effect at power-on
//     (firmware, version, guest id, identity, boot options, cores, flags, hot-add itself)
//     changes only while it is off. A running machine takes and gives away network cards,
//     disks and CD-ROMs beyond IDE, and their controllers; a suspended one no hardware at all,
//     only names, notes and ExtraConfig. Hardware is upgraded while off.
//   - A customization is refused unless the machine is off, none is pending, identity and
//     guest are of one family, Tools were seen to run (or vmware.tools.gosc.ignoretoolscheck is
//     TRUE), and cards, addresses, names and passwords are right; in 7.0, MAC addresses also
//     have to come by PCI slot. It is applied by the guest; vcsim's would write MAC addresses
//     into the machine. config.tools.pendingCustomization, the ExtraConfig key
//     tools.deployPkg.fileName, both the package's file, and guest.customizationInfo follow it
//     from PENDING over RUNNING to its end.
//   - The API has a version, 8.0.3.0 unless told otherwise: what is newer is an InvalidRequest
//     where machines are made, cloned, changed or customized.
//   - A clone keeps ExtraConfig, firmware, boot options, annotation and vApp configuration,
//     honours the whole specification, and has MAC addresses of its own. Its hardware version is
//     its source's, whatever the specification says; it is on a host of its pool's cluster; and
//     disks are provisioned as the specification asks for each, which has to name disks that the
//     source has.
//   - Boot options, reservations and limits that a change leaves out stay as they are, and a memory
//     reservation that is locked at the size of the memory has that size.
//   - A machine that is destroyed leaves the disks that were detached from it.
//   - A list view changes while a filter on it is waited for; vcsim's two calls may wait for each
//     other for ever.
//   - A rename also changes config.name. Guest shutdown, reboot and standby need running Tools.
//
// # Where it is stricter, or simpler, than vCenter
//
// A vCenter may accept a medium that is not there in a drive of a machine that is off, and leave
// the drive unconnected at power-on. Publisher and subscriber are in one vCenter, and the URL of a
// subscription ends in the publisher's id, without "/lib.json". Files of items are stored under
// their own names, where vCenter adds an id, and their URIs are paths below the URL of their
// datastore, without "ds://". Fetching takes no time.
//
// Not put right: storage policies are neither placed by nor remembered, permissions are not
// checked, a disk has no content, linked clones are full ones, all files of a clone are on one
// datastore, and vm-template items cannot be deployed or checked out: clone the machine. A guest does not
// take guestinfo.ovfEnv for its configuration, as cloud-init does before it looks for VMware's
// data source.
package simulator
