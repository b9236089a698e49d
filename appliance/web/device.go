package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"downbeat.local/appliance/ratelimit"
)

// deviceCookie tells browsers behind one address apart, so that one of them that
// guesses, or takes many seats, shuts out no other, and so that a student who was
// muted or removed is so under another name too. It holds a random number and
// nothing else.
const deviceCookie = "downbeat_device"

// How many new devices of one address are told apart: a class at once, and then
// few. A guesser could take another cookie for each guess.
const (
	devicesPerSecond = 0.2
	devicesBurst     = 48
)

// New seats of one device that are not charged to its address: a student's own, and
// one more for whoever has it next.
const (
	deviceSeatsPerSecond = 1.0 / 60
	deviceSeatsBurst     = 2
)

// devices gives browsers their cookies. The kinds are signed with the number, so
// that no browser can make one up.
type devices struct {
	key     []byte            // signs the cookies
	budget  *ratelimit.Budget // of new devices, by address
	guesses *ratelimit.Throttle
	seats   *ratelimit.Budget // of new seats, by device
}

// The kinds of devices.
const (
	kindBrowser = "b"
	kindTeacher = "t" // the teacher has signed in there
)

// deviceGuesses is one, made while the address has to wait. Then the device waits with
// its address. A guesser can have as many devices as its address gets cookies, so a
// second guess of each would double what the guesser has.
func deviceGuesses() ratelimit.ThrottleConfig {
	const quiet = 10 * time.Minute
	return ratelimit.ThrottleConfig{Free: 0, Window: quiet, Base: quiet, Max: quiet}
}

// deviceLife is how long a browser keeps its cookie: the holidays, and some.
const deviceLife = 90 * 24 * time.Hour

func newDevices(key []byte) *devices {
	if len(key) == 0 {
		key = make([]byte, sha256.Size)
		_, _ = rand.Read(key) // never fails since Go 1.24: it ends the program instead
	}
	return &devices{
		key: key, budget: ratelimit.NewBudget(devicesPerSecond, devicesBurst),
		guesses: ratelimit.NewThrottle(deviceGuesses()),
		seats:   ratelimit.NewBudget(deviceSeatsPerSecond, deviceSeatsBurst),
	}
}

// of returns the number of a request's device and its kind; both are empty for
// one that is not known.
func (d *devices) of(r *http.Request) (id, kind string) {
	cookie, err := r.Cookie(deviceCookie)
	if err != nil || len(cookie.Value) > 128 {
		return "", ""
	}
	kind, rest, _ := strings.Cut(cookie.Value, ".")
	id, sum, ok := strings.Cut(rest, ".")
	if !ok || !hmac.Equal([]byte(sum), []byte(d.sign(kind, id))) {
		return "", ""
	}
	return id, kind
}

func (d *devices) sign(kind, id string) string {
	mac := hmac.New(sha256.New, d.key)
	_, _ = mac.Write([]byte(kind + "." + id)) // never fails
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// meet gives a browser that opens a page a cookie, if its address has not had
// many.
func (d *devices) meet(w http.ResponseWriter, r *http.Request) {
	id, _ := d.of(r)
	if id == "" && d.budget.Spend(ratelimit.AddressKey(r.RemoteAddr), 1) == nil {
		d.give(w, r, kindBrowser)
	}
}

func (d *devices) give(w http.ResponseWriter, r *http.Request, kind string) {
	id := rand.Text()
	http.SetCookie(w, &http.Cookie{
		Name: deviceCookie, Value: kind + "." + id + "." + d.sign(kind, id), Path: "/",
		MaxAge: int(deviceLife.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.TLS != nil,
	})
}

// maySit takes one of the seats that a device has for itself. It reports false if
// there is none left, or if the device is not known.
func (d *devices) maySit(device string) bool {
	return device != "" && d.seats.Spend(device, 1) == nil
}

// mayGuess takes one of a device's own guesses. It reports false if there is none
// left, or if the device is not known.
func (d *devices) mayGuess(r *http.Request) bool {
	id, _ := d.of(r)
	if id == "" {
		return false
	}
	_, err := d.guesses.Try(id)
	return err == nil
}

// trusted reports whether a device is known and has a guess left.
func (d *devices) trusted(r *http.Request) bool {
	id, _ := d.of(r)
	return id != "" && d.guesses.Wait(id) == 0
}

// guesser is the address that a password is charged to. A browser in which the
// teacher has signed in before has a charge of its own.
func (d *devices) guesser(r *http.Request) string {
	if id, kind := d.of(r); kind == kindTeacher {
		return ratelimit.AddressKey(r.RemoteAddr) + " " + id
	}
	return r.RemoteAddr
}
