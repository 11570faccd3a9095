//go:build race

package virtualmachine_test

// pairsWanted is how many changes of machines are tried where everything takes ten times as long.
const pairsWanted = 16
