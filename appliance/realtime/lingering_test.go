package realtime

import (
	"strings"
	"testing"
	"time"

	"downbeat.local/appliance/wire"
)

// seen is a hub with a grace, a client that is present under a key, and a
// witness.
func seen(t *testing.T, key string) (h *Hub, ana, witness *client) {
	t.Helper()
	h = testHub(nil)
	h.cfg.Grace = DefaultGrace
	ana, witness = connect(t, h, wire.V2), connect(t, h, wire.V2)
	ana.present(key, `{"name":"Ana"}`)
	witness.join(lobby, `{"presence":{"enabled":true}}`)
	return h, ana, witness
}

// present joins the lobby and tracks something under a key.
func (c *client) present(key, tracked string) {
	c.t.Helper()
	c.send("1", lobby, "phx_join", `{"config":{"presence":{"key":"`+key+`","enabled":true}}}`)
	c.send("1", lobby, "presence", `{"event":"track","payload":`+tracked+`}`)
}

func TestOthersDoNotSeeAShortLoss(t *testing.T) {
	h, ana, witness := seen(t, "ana")
	ana.session.Closed(false)
	back := connect(t, h, wire.V2)
	back.present("ana", `{"name":"Ana"}`)
	h.expireLingering(time.Now().Add(time.Hour))
	want(t, "what others see of a short loss", witness.take())
	late := connect(t, h, wire.V2)
	late.send("1", lobby, "phx_join", `{"config":{"presence":{"enabled":true}}}`)
	if got := late.take(); len(got) != 2 || strings.Count(got[1], "phx_ref") != 1 {
		t.Errorf("a later member sees %v", got)
	}
}

func TestComingBackWithOtherMetaIsOneDiff(t *testing.T) {
	h, ana, witness := seen(t, "ana")
	ana.session.Closed(false)
	connect(t, h, wire.V2).present("ana", `{"name":"Bea"}`)
	if got := witness.take(); len(got) != 1 || !strings.Contains(got[0], "phx_ref_prev") || !strings.Contains(got[0], `"leaves":{"ana"`) {
		t.Errorf("others see %v", got)
	}
}

func TestStayingAwayEndsPresence(t *testing.T) {
	h, ana, witness := seen(t, "ana")
	ana.session.Closed(false)
	h.expireLingering(time.Now())
	want(t, "what others see at first", witness.take())
	h.expireLingering(time.Now().Add(2 * DefaultGrace))
	if got := witness.take(); len(got) != 1 || !strings.Contains(got[0], `"leaves":{"ana"`) {
		t.Errorf("others see %v", got)
	}
	witness.session.Closed(true)
	h.expireLingering(time.Now())
	if len(h.channels.all()) != 0 {
		t.Error("the channel stays")
	}
}

func TestLeavingOrHavingNoKeyEndsPresenceAtOnce(t *testing.T) {
	for _, try := range []struct {
		key  string
		left bool
	}{{"ana", true}, {"", false}} {
		_, ana, witness := seen(t, try.key)
		ana.session.Closed(try.left)
		if got := witness.take(); len(got) != 1 || !strings.Contains(got[0], "leaves") {
			t.Errorf("%+v: others see %v", try, got)
		}
	}
}

func TestAChannelOutlivesLingeringMembers(t *testing.T) {
	h, ana, witness := seen(t, "ana")
	witness.session.Closed(true)
	ana.session.Closed(false)
	if len(h.channels.all()) != 1 {
		t.Fatal("the channel is gone before the member can be back")
	}
	h.expireLingering(time.Now().Add(time.Hour))
	if len(h.channels.all()) != 0 {
		t.Error("the channel stays")
	}
}
