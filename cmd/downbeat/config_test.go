package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseConfig(t *testing.T) {
	want := config{"listen": "0.0.0.0:80", "jwt-secret": "a: # b", "mdns": "true", "rtc-port": "5000"}
	for name, text := range map[string]string{
		"lines":   "# a box\n\nlisten: 0.0.0.0:80 # every interface\njwt_secret: \"a: # b\"\n  mdns:true\r\nrtc-port: '5000'",
		"JSON":    `{"listen":"0.0.0.0:80","jwt_secret":"a: # b","mdns":true,"rtc-port":5000}`,
		"Windows": "\ufefflisten: 0.0.0.0:80\r\njwt-secret: 'a: # b'\r\nmdns: true\r\nrtc-port: 5000\r\n",
	} {
		got, err := parseConfig([]byte(text))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestParseConfigTakesATable(t *testing.T) {
	want := config{"policy": "lobby* everyone read\n* signed-in all\n", "listen": "x", "data": "d"}
	for name, text := range map[string]string{
		"spaces": "listen: x\npolicy:\n  lobby* everyone read\n\n  # the rest\n  * signed-in all\ndata: d",
		"tabs":   "policy:\r\n\tlobby* everyone read\r\n\t* signed-in all\r\nlisten: x\r\ndata: d\r\n",
	} {
		got, err := parseConfig([]byte(text))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	got, err := parseConfig([]byte("policy: a b c; d e f\n  listen: x"))
	if diff := cmp.Diff(config{"policy": "a b c; d e f", "listen": "x"}, got); diff != "" || err != nil {
		t.Errorf("on one line: %v (-want +got):\n%s", err, diff)
	}
}

func TestParseConfigRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"listen 0.0.0.0:80":        "line 1",
		"\n[serve]\n":              "line 2",
		"data: a\ndata: b":         "again",
		": x":                      "line 1",
		"two words: x":             "line 1",
		`{"listen":`:               "not JSON",
		`{"listen":{"port":80}}`:   "must be text",
		`{"host":["a","b"]}`:       "must be text",
		strings.Repeat("x", 1<<17): "too long",
	} {
		if _, err := parseConfig([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: got %v, want it to say %q", text, err, want)
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	for _, seed := range []string{"listen: x", `{"a":1}`, "a: \"", "#", "{", "\ufeff", "policy:\n * a b\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := parseConfig(raw)
		if (c == nil) == (err == nil) {
			t.Errorf("%q: got %v and %v", raw, c, err)
		}
	})
}
