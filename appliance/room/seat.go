package room

// Seats is how many seats there are: 12 hues by 6 shapes, each pair once.
const Seats = hues * shapes

const (
	hues   = 12
	shapes = 6
)

// Hue is the colour of a seat, 0-11 around the circle. Neighbours are five
// twelfths apart.
func Hue(seat uint8) int { return int(seat) * 5 % hues }

// Shape is the shape of a seat, 0-5: circle, triangle, square, diamond, star,
// hexagon. It moves on by one with each turn of the hues, so that no pair
// comes twice and neighbours differ.
func Shape(seat uint8) int { return (int(seat) + int(seat)/hues) % shapes }

// colours are the English names of the hues, the first word of generated
// nicknames.
var colours = [hues]string{
	"Red", "Orange", "Amber", "Yellow", "Lime", "Green", "Teal", "Cyan", "Blue", "Indigo", "Violet", "Pink",
}

// freeSeatLocked is the seat for somebody new: students fill the ring from
// the front, teachers and the stage from the back.
func (p *people) freeSeatLocked(role string) (uint8, bool) {
	for i := range Seats {
		seat := i
		if role == RoleTeacher || role == RoleStage {
			seat = Seats - 1 - i
		}
		if p.seats[seat] == nil {
			return uint8(seat), true
		}
	}
	return 0, false
}
