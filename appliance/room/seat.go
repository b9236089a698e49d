package room

// Seats is how many seats there are: 12 hues by 6 shapes, each pair once.
const Seats = hues * shapes

const (
	hues   = 12
	shapes = 6
)

// staffSeats is the first seat of those that teachers and the stage take.
const staffSeats = MaxMembers

// Hue is the colour of a seat, 0-11 around the circle. Neighbours are five
// twelfths apart.
func Hue(seat uint8) int { return int(seat) * 5 % hues }

// Shape is the shape of a seat, 0-5: circle, triangle, square, diamond, star,
// hexagon. It moves on by one more with each turn of the hues, so that no pair
// comes twice and neighbours differ.
func Shape(seat uint8) int { return (int(seat) + int(seat)/hues) % shapes }

// colours are the English names of the hues, the first word of generated
// nicknames. The web app's palette (ui/seats.ts) is in the same order.
var colours = [hues]string{
	"Red", "Orange", "Amber", "Yellow", "Lime", "Green", "Teal", "Cyan", "Blue", "Indigo", "Violet", "Pink",
}

// staff reports whether a role is one of the two that come with a seat of
// their own.
func staff(role string) bool { return role == RoleTeacher || role == RoleStage }

// freeSeatLocked is the seat for somebody new: students fill the ring from
// the front, staff from the back.
func (p *people) freeSeatLocked(role string) (seat uint8, ok bool) {
	if staff(role) {
		for i := Seats - 1; i >= staffSeats; i-- {
			if p.seats[i] == nil {
				return uint8(i), true
			}
		}
		return 0, false
	}
	for i := range staffSeats {
		if p.seats[i] == nil {
			return uint8(i), true
		}
	}
	return 0, false
}
