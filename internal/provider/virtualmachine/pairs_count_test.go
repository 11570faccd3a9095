//go:build !race

package virtualmachine_test

// pairsWanted is how many changes of machines are tried, each of which is about half a second of a
// processor: most of it is what the framework takes to plan.
const pairsWanted = 64
