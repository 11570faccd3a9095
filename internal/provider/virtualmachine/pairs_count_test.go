//go:build !race

package virtualmachine_test

// pairsWanted is how many changes of machines are tried, each of which is about a second of a
// processor, with that of its simulator: most of it is what the framework takes to plan.
const pairsWanted = 48
