package simulator

// AllMachines stands for every machine where a hook asks for the name of one.
const AllMachines = "*"

// perMachine is a setting of guests by what a test calls their machine: its reference, its
// name, or AllMachines. The machine need not exist yet: the guests of machines that are still
// to be made behave from their first boot on as they were told.
type perMachine[T any] map[string]T

// of returns the setting for a machine; what names it more closely goes first.
func (p perMachine[T]) of(reference, name string) (T, bool) {
	for _, key := range []string{reference, name, AllMachines} {
		if v, ok := p[key]; ok {
			return v, true
		}
	}
	var none T
	return none, false
}
