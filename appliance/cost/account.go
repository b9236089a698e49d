package cost

// account is what is held of one resource. Ledger.mu guards it.
type account struct {
	bounds    Bounds
	box       int64
	byClient  map[string]int64
	byAddress map[string]int64
	byDevice  map[string]int64
}

func newAccount(b Bounds) *account {
	return &account{bounds: b, byClient: make(map[string]int64), byAddress: make(map[string]int64), byDevice: make(map[string]int64)}
}

// exceeded returns whose bound n more would exceed: empty if none. Staff have
// the bound of the box alone.
func (a *account) exceeded(p Payer, n int64) (whose string) {
	over := func(held, most int64) bool { return most > 0 && held+n > most }
	if p.Staff {
		if over(a.box, a.bounds.Box) {
			return "box"
		}
		return ""
	}
	switch {
	case over(a.byClient[p.Client], a.bounds.Client):
		return "client"
	case p.Address != "" && over(a.byAddress[p.Address], a.bounds.Address) && (p.Device == "" || over(a.byDevice[p.Device], a.bounds.Address/deviceShare)):
		return "address"
	case over(a.box, a.bounds.Box-a.bounds.Box/staffShare):
		return "box"
	}
	return ""
}

// add adds to what a payer holds, or takes away from it.
func (a *account) add(p Payer, n int64) {
	a.box += n
	addTo(a.byClient, p.Client, n)
	if p.Address != "" {
		addTo(a.byAddress, p.Address, n)
	}
	if p.Device != "" {
		addTo(a.byDevice, p.Device, n)
	}
}

func addTo(held map[string]int64, key string, n int64) {
	if held[key] += n; held[key] <= 0 {
		delete(held, key)
	}
}
