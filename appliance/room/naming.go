package room

import (
	"fmt"
	"math/rand/v2"

	"downbeat.local/appliance/names"
)

// noAnimal is the Animal of a member who chose their own name.
const noAnimal = -1

// generateName makes a nickname that is new in the room: the colour of the seat
// and an animal. A teacher is called Teacher, a stage Stage.
func (p *roster) generateName(seat uint8, role string) (name string, animal int) {
	switch role {
	case RoleTeacher:
		return "Teacher", noAnimal
	case RoleStage:
		return "Stage", noAnimal
	}
	first := rand.IntN(len(names.Animals))
	for i := range names.Animals {
		animal = (first + i) % len(names.Animals)
		name = colours[Hue(seat)] + " " + names.Animals[animal]
		if !p.hasName(name) {
			break // some animal is free: a colour has six seats
		}
	}
	return name, animal
}

func (p *roster) hasName(name string) bool {
	for _, m := range p.byID {
		if m.Name == name {
			return true
		}
	}
	return false
}

// checkName cleans the name that a member asks for; m is nil for a new one.
// Only staff may be called Mr or Mrs. Two members who are online may not have
// the same name. The error wraps names.ErrName.
func (p *roster) checkName(m *seated, role, typed string) (string, error) {
	name, err := names.Clean(typed)
	if err != nil {
		return "", err
	}
	if !staff(role) && names.PassesForStaff(name) {
		return "", fmt.Errorf("%w: it passes for a grown-up", names.ErrName)
	}
	key := names.Key(name)
	for _, other := range p.byID {
		if other != m && other.conns > 0 && names.Key(other.Name) == key {
			return "", fmt.Errorf("%w: somebody has it", names.ErrName)
		}
	}
	return name, nil
}

// maxRoomName is the longest name of a room, in letters.
const maxRoomName = 60

// roomName cleans the name of a room, which a teacher gives.
func roomName(typed string) (string, error) {
	name, ok := names.Label(typed, maxRoomName)
	if !ok {
		return "", fmt.Errorf("%w: a room's name has 1 to %d letters", names.ErrName, maxRoomName)
	}
	return name, nil
}
