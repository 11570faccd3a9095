import {
  to = vmoperator_virtual_machine.web
  id = "5f4c2a8e-6d1b-4b7e-9a35-0c8f1d2e3b4a" # instance UUID, or "/DC0/vm/team-a/web-1", or "vm-123"
}
