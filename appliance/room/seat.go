package room

// Seats is how many seats there are: 12 hues by 6 shapes, each pair once.
const Seats = hues * shapes

const (
	hues   = 12
	shapes = 6
)

// staffSeats is the first of the seats for teachers and the stage.
const staffSeats = MaxMembers

// Hue is the colour of a seat, 0-11 around the circle. Neighbours are five
// twelfths apart.
func Hue(seat uint8) int { return int(seat) * 5 % hues }

// Shape is the shape of a seat, 0-5: circle, triangle, square, diamond, star,
// hexagon. Each round of the hues shifts it by one, so that no pair repeats and
// neighbours differ.
func Shape(seat uint8) int { return (int(seat) + int(seat)/hues) % shapes }

// colours are the English names of the hues, and the first words of generated
// nicknames. The palette of the web app (ui/kit/seats.ts) has the same order.
var colours = [hues]string{
	"Red", "Orange", "Amber", "Yellow", "Lime", "Green", "Teal", "Cyan", "Blue", "Indigo", "Violet", "Pink",
}

// staff reports whether a role is one of the two with seats of their own.
func staff(role string) bool { return role == RoleTeacher || role == RoleStage }
