package musicroom

import (
	"sync"
	"time"

	"downbeat.local/appliance/realtime"
)

// unkept is the answer to a command that is carried out and not in the store. It
// ends with the next start of the box if the store does not take it until then.
var unkept = []byte(`{"kept":false}`)

// kept is the answer to a command that outlives a power cut.
var kept = []byte(`{}`)

// savedAnswer is the answer to a command, which waits for the store. A store that
// is slow or broken does not stop the class: the answer leaves after saveWithin
// and says so.
type savedAnswer struct {
	member *realtime.Member // nil if nobody waits for the answer
	send   func(response []byte)
	once   sync.Once
	late   *time.Timer
}

func newSavedAnswer(m *realtime.Member) *savedAnswer { return &savedAnswer{member: m} }

// wait makes the answer wait for give. The goroutine that handles the command
// calls it, before give.
func (a *savedAnswer) wait() {
	if a.member == nil {
		return
	}
	a.send = a.member.AnswerLater()
	a.late = time.AfterFunc(saveWithin, func() { a.sendOnce(unkept) })
}

// give sends the answer.
func (a *savedAnswer) give(isKept bool) {
	if a.send == nil {
		return
	}
	a.late.Stop()
	if isKept {
		a.sendOnce(kept)
		return
	}
	a.sendOnce(unkept)
}

func (a *savedAnswer) sendOnce(response []byte) {
	a.once.Do(func() { a.send(response) })
}
