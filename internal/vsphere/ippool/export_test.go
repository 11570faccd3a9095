package ippool

import "time"

// Parse reads a pool, and Choose finds that of a network.
var (
	Parse  = parse
	Choose = choose
)

// Believe sets how long answers are believed: for what is in them, and for what is not.
func (p *Pools) Believe(life, absence time.Duration) { p.life, p.absence = life, absence }
