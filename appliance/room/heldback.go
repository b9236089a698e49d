package room

// HeldBack is a device that has asked the box for more than it may have, for the
// teacher's pages.
type HeldBack struct {
	Address string `json:"address"` // without a port; of IPv6 the network
	Of      string `json:"of"`      // what it asked for, as a word
	// Students are those who joined from that address. Devices behind one router
	// share theirs.
	Students []Student `json:"students"`
}

// At lists the students who joined from an address, as [Applicant.Address] has it,
// and the one with an id, wherever they are.
func (r *Room) At(address, device, id string) (students []Student) {
	r.mu.Lock()
	defer r.mu.Unlock()
	alone := device == "" && len(r.roster.devicesAt(address)) <= 1
	for _, m := range r.roster.seats[:staffSeats] {
		if m != nil && m.MIDI == "" && (m.ID == id || address != "" && m.address == address && (alone || m.device == device)) {
			students = append(students, Student{Room: r.code, StudentID: m.ID, Name: m.Name, Seat: m.Seat})
		}
	}
	return students
}

// devicesAt are the known devices of the students who joined from an address.
func (p *roster) devicesAt(address string) map[string]bool {
	all := map[string]bool{}
	for _, m := range p.seats[:staffSeats] {
		if m != nil && m.address == address && m.device != "" {
			all[m.device] = true
		}
	}
	return all
}
