package wire_test

import (
	"fmt"
	"testing"

	"downbeat.local/appliance/wire"
)

// TestRefsComeBackAsTheyWereSent decodes a push with a ref, and encodes the reply.
func TestRefsComeBackAsTheyWereSent(t *testing.T) {
	for _, ref := range []string{
		`null`, `""`, `"6"`, `7`, `-1`, `7.0`, `1e3`, `12345678901234567890`, `true`, `"a\"b"`, `"\u0041"`, `"\ud800"`, `"é"`, `" "`, `{"n":1}`, `[]`,
	} {
		m, err := wire.DecodeText(wire.V2, fmt.Appendf(nil, `[%s,%s,"t","e",{}]`, ref, ref))
		if err != nil {
			t.Errorf("%s: %v", ref, err)
			continue
		}
		want := fmt.Sprintf(`[%s,%s,"t","phx_reply",{"status":"ok","response":{}}]`, ref, ref)
		if got := wire.Reply(wire.V2, m.JoinRef, m.Ref, "t", "ok", wire.Nothing).Payload(); string(got) != want {
			t.Errorf("%s comes back in %s", ref, got)
		}
		m, err = wire.DecodeText(wire.V1, fmt.Appendf(nil, `{"topic":"t","event":"e","payload":{},"ref":%s}`, ref))
		want = fmt.Sprintf(`{"topic":"t","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":%s}`, ref)
		if got := wire.Reply(wire.V1, m.JoinRef, m.Ref, "t", "ok", wire.Nothing).Payload(); string(got) != want || err != nil {
			t.Errorf("vsn 1: %s comes back in %s, %v", ref, got, err)
		}
	}
}

func TestRefsThatAreTheSame(t *testing.T) {
	ref := func(text string) wire.Ref {
		t.Helper()
		m, err := wire.DecodeText(wire.V2, fmt.Appendf(nil, `[null,%s,"t","e",{}]`, text))
		if err != nil {
			t.Fatal(err)
		}
		return m.Ref
	}
	for _, tt := range []struct {
		a, b string
		same bool
	}{{`"1"`, `"1"`, true}, {`"1"`, `1`, true}, {`"A"`, `"\u0041"`, true}, {`"1"`, `"2"`, false}, {`null`, `"1"`, false}, {`1`, `1.0`, false}} {
		if got := ref(tt.a).Same(ref(tt.b)); got != tt.same {
			t.Errorf("%s and %s: same is %v", tt.a, tt.b, got)
		}
	}
	if !ref(`null`).IsNull() || ref(`""`).IsNull() || !wire.TextRef("").IsNull() {
		t.Error("null is only null, or an empty field of a binary frame")
	}
}

// A V2 array may have more items than five.
func TestExtraItemsAreIgnored(t *testing.T) {
	m, err := wire.DecodeText(wire.V2, []byte(`["1","2","t","e",{"a":1},"more",{},null]`))
	if err != nil || m.Topic != "t" || m.Ref != wire.TextRef("2") || string(m.Payload) != `{"a":1}` {
		t.Errorf("got %+v, %v", m, err)
	}
}
