package people

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	start := time.Unix(1_800_000_000, 0)
	f := newFamily("u", start)
	tokens := []string{f.refreshToken()}
	for range 3 {
		f.rotate(start)
		tokens = append(tokens, f.refreshToken())
	}
	stranger := newFamily("u", start)
	stranger.ID = f.ID
	ahead := *f
	ahead.rotate(start)
	for name, tt := range map[string]struct {
		token string
		after time.Duration
		want  outcome
	}{
		"the good one":            {tokens[3], time.Hour, current},
		"the last, at once":       {tokens[2], 0, repeated},
		"the last, a moment late": {tokens[2], reuseInterval - 1, repeated},
		"the last, too late":      {tokens[2], reuseInterval, stolen},
		"an older one, at once":   {tokens[1], 0, stolen},
		"the first":               {tokens[0], 0, stolen},
		"another key":             {stranger.refreshToken(), 0, forged},
		"one to come":             {ahead.refreshToken(), 0, forged},
	} {
		p, ok := parseRefreshToken(tt.token)
		if !ok || p.family != f.ID {
			t.Fatalf("%s: not parsed: %+v", name, p)
		}
		if got := f.judge(p, start.Add(tt.after)); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}

// FuzzParseRefreshToken looks for two texts of one token, and for a good token
// that was never issued.
func FuzzParseRefreshToken(f *testing.F) {
	family := newFamily("u", time.Now())
	made := family.refreshToken()
	for _, seed := range []string{made, "", made[1:], made + "=", "====", base64.RawURLEncoding.EncodeToString(make([]byte, 36))} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, ok := parseRefreshToken(text)
		if ok && family.judge(p, time.Now()) != forged && text != made {
			t.Errorf("%q is good", text)
		}
	})
}

func TestNormalEmail(t *testing.T) {
	for typed, want := range map[string]string{
		" A@B.c\n": "a@b.c", "a@b": "a@b", "a.b+c/d_e'f@x-1.example": "a.b+c/d_e'f@x-1.example", ".a.@b": ".a.@b",
		"": "", "a": "", "@b": "", "a@": "", "a@b@c": "", "a b@c": "", "a\x00@b": "", "é@ö.de": "", "a@b.": "", "a@.b": "",
		"a@b..c": "", "a@-b": "", "a@b-": "", "a@b_c": "", "a@[127.0.0.1]": "", "a,b@c": "", "<a@b>": "", `"a b"@c`: "",
		"a@" + strings.Repeat("x", 64): "", "a@" + strings.Repeat("x", 63): "a@" + strings.Repeat("x", 63), strings.Repeat("x", maxEmail) + "@b": "",
	} {
		got, ok := normalEmail(typed)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: got %q, %v, want %q", typed, got, ok, want)
		}
	}
}
