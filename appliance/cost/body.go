package cost

import (
	"io"
	"net/http"
	"time"
)

// firstRead is how much of a body is read at first, in bytes. What holds more is
// charged as it grows, so a body that does not come costs little.
const firstRead = 4 << 10

// ReadBody reads a request's body of at most so many bytes, and charges the payer
// for what is held as it arrives. release gives that back, when the caller has
// done with the body. Errors: *http.MaxBytesError, *RefusedError, and those of
// the connection.
func (l *Ledger) ReadBody(w http.ResponseWriter, r *http.Request, p Payer, most int64) (body []byte, release func(), err error) {
	release = func() { l.Free(Bodies, p, int64(cap(body))) }
	from := http.MaxBytesReader(w, r.Body, most)
	for err == nil {
		if len(body) == cap(body) {
			if body, err = l.grow(p, body); err != nil {
				break
			}
		}
		var n int
		n, err = from.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
	}
	if err == io.EOF {
		return body, release, nil
	}
	release()
	return nil, func() {}, err
}

// grow returns a body with twice the room, which the payer pays for. Without an
// error the old one is free.
func (l *Ledger) grow(p Payer, body []byte) ([]byte, error) {
	room := max(firstRead, 2*cap(body))
	if err := l.Hold(Bodies, p, int64(room)); err != nil {
		return body, err
	}
	grown := append(make([]byte, 0, room), body...)
	l.Free(Bodies, p, int64(cap(body)))
	return grown, nil
}

// unreadTimeout is how long the rest of a refused body may take, so that a client
// that sends it at once keeps its connection.
const unreadTimeout = time.Second

// Unread leaves a body that the caller may not send. The box does not wait for
// it, and holds nothing of it.
func Unread(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(unreadTimeout)) // an error means there is no connection
}
