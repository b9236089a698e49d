package auth

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The callers of the tests.
var (
	anonymous   = Claims{Role: Anon}
	service     = Claims{Role: Service}
	signedIn    = Claims{Role: Authenticated, Subject: "u-1"}
	teacher     = Claims{Role: Authenticated, App: AppMetadata{Role: "teacher"}}
	student     = Member("s-1", "MUSIC-2024", "student")
	roomTeacher = Member("t-1", "MUSIC-2024", "teacher")
)

// abbreviate writes rights as four letters: broadcast read and write, presence
// read and write.
func abbreviate(r Rights) string {
	text := ""
	for i, has := range []bool{r.BroadcastRead, r.BroadcastWrite, r.PresenceRead, r.PresenceWrite} {
		if has {
			text += "rwRW"[i : i+1]
		} else {
			text += "-"
		}
	}
	return text
}

func parse(t testing.TB, text string) *Policy {
	t.Helper()
	p, err := ParsePolicy(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDefaultPolicy(t *testing.T) {
	tests := []struct {
		topic string
		want  map[string]string
	}{
		{"lobby", map[string]string{"anon": "----", "signed in": "rwRW", "student": "----", "roomTeacher": "----", "teacher": "rwRW", "service": "rwRW"}},
		{"lobby:control", map[string]string{"anon": "----", "signed in": "r-R-", "student": "----", "roomTeacher": "----", "teacher": "rwRW", "service": "rwRW"}},
		{"music_room:MUSIC-2024", map[string]string{"anon": "----", "signed in": "----", "student": "rwRW", "roomTeacher": "rwRW", "teacher": "rwRW", "service": "rwRW"}},
		{"music_room:MUSIC-2024:chat", map[string]string{"anon": "----", "signed in": "----", "student": "rwRW", "roomTeacher": "rwRW", "teacher": "rwRW", "service": "rwRW"}},
		{"music_room:MUSIC-2024:a:control", map[string]string{"anon": "----", "signed in": "----", "student": "r-R-", "roomTeacher": "rwRW", "teacher": "rwRW", "service": "rwRW"}},
		{"music_room:MUSIC-20245:chat", map[string]string{"signed in": "----", "student": "----", "roomTeacher": "----", "teacher": "rwRW"}},
		{"music_room:CHOIR-1000:control", map[string]string{"signed in": "----", "student": "----", "roomTeacher": "----", "teacher": "rwRW"}},
		{"table:lesson_plans", map[string]string{"anon": "----", "signed in": "----", "student": "----", "roomTeacher": "r-R-", "teacher": "r-R-", "service": "rwRW"}},
	}
	people := map[string]Claims{"anon": anonymous, "signed in": signedIn, "student": student, "roomTeacher": roomTeacher, "teacher": teacher, "service": service}
	for text, policy := range map[string]string{"asked for": DefaultPolicy, "by default": " \n"} {
		p := parse(t, policy)
		for _, tt := range tests {
			for who, want := range tt.want {
				if got := abbreviate(p.Rights(people[who], tt.topic)); got != want {
					t.Errorf("%s, %s in %s: got %s, want %s", text, who, tt.topic, got, want)
				}
			}
		}
	}
}

func TestPolicyRows(t *testing.T) {
	tests := []struct {
		name, policy, topic string
		claims              Claims
		want                string
	}{
		{"words add up", "a everyone broadcast:read presence", "a", anonymous, "r-RW"},
		{"the first row decides", "a everyone none; * everyone all", "a", anonymous, "----"},
		{"a later row for others", "a service none\n* everyone all", "a", anonymous, "rwRW"},
		{"no row", "b everyone all", "a", service, "----"},
		{"a role of one's own", "* role:choir write", "a", Claims{Role: "choir"}, "-w-W"},
		{"another role", "* role:choir write", "a", anonymous, "----"},
		{"the subject", "user:{sub} everyone all", "user:u-1", signedIn, "rwRW"},
		{"another's subject", "user:{sub} everyone all", "user:u-2", signedIn, "----"},
		{"a longer subject", "user:{sub}* everyone all", "user:u-12", signedIn, "----"},
		{"no subject", "user:{sub}* everyone all", "user:", anonymous, "----"},
		{"no room", "room:{room}* everyone all", "room::x", signedIn, "----"},
		{"several stars", "*a*b*c everyone all", "xxaxabxbxc", anonymous, "rwRW"},
		{"stars that fail", "*a*b*c everyone all", "xxaxabxbxcx", anonymous, "----"},
		{"a star before a name", "*:{room}:* member all", "x:MUSIC-20245:MUSIC-2024:y", student, "rwRW"},
		{"comments", "# * everyone all\nb everyone all # a everyone all", "a", anonymous, "----"},
		{"only comments", "# nobody", "a", service, "----"},
		{"a star in a topic is no pattern", "abc everyone all", "*", anonymous, "----"},
		{"beyond ASCII", "café* everyone all", "café:é", anonymous, "rwRW"},
		{"case counts", "a everyone all", "A", anonymous, "----"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := abbreviate(parse(t, tt.policy).Rights(tt.claims, tt.topic)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestParsePolicyRefuses(t *testing.T) {
	for policy, want := range map[string]string{
		"* everyone":                         "line 1",
		"* everyone all\n\nx nobody all":     `line 3: "nobody" names no callers`,
		"* everyone alles":                   `"alles" is no right`,
		"* role: all":                        "names no callers",
		"room:{code} member all":             "only {room} and {sub}",
		"realtime:x everyone all":            "leave out realtime:",
		strings.Repeat("x", 300) + " anon a": "at most 255",
		strings.Repeat("* anon all\n", 300):  "at most 256",
		strings.Repeat("x", 70_000):          "token too long",
	} {
		if _, err := ParsePolicy(policy); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: got %v, want it to say %q", policy, err, want)
		}
	}
}

func TestRightsRead(t *testing.T) {
	got := map[string]bool{}
	for _, r := range []Rights{{}, AllRights, {BroadcastRead: true}, {PresenceRead: true}, {BroadcastWrite: true, PresenceWrite: true}} {
		got[abbreviate(r)] = r.Read()
	}
	want := map[string]bool{"----": false, "rwRW": true, "r---": true, "--R-": true, "-w-W": false}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// FuzzPolicy looks for a table that cannot be queried, and for one that admits
// a member to another room though it names their own only.
func FuzzPolicy(f *testing.F) {
	f.Add(DefaultPolicy, "music_room:MUSIC-2024:control", "MUSIC-2024")
	f.Add("*{room}*{sub}* member read;", "xMUSIC-1y", "MUSIC-1")
	f.Add("{room} everyone all", "", "")
	f.Fuzz(func(t *testing.T, table, topic, room string) {
		c := Member("s-1", room, "student")
		if p, err := ParsePolicy(table); err == nil {
			p.Rights(c, topic)
			if _, err := ParsePolicy(strings.ReplaceAll(table, ";", "\n")); err != nil && !strings.Contains(table, "#") {
				t.Errorf("%q parses only with semicolons: %v", table, err)
			}
		}
		own := parse(t, "{room} everyone all; {room}:* everyone all")
		inside := room != "" && (topic == room || strings.HasPrefix(topic, room+":"))
		if got := own.Rights(c, topic).Read(); got != inside {
			t.Errorf("room %q, topic %q: got %v, want %v", room, topic, got, inside)
		}
	})
}

func BenchmarkRights(b *testing.B) {
	p := parse(b, DefaultPolicy)
	topic := fmt.Sprint("music_room:MUSIC-2024:", strings.Repeat("x", 100))
	b.ReportAllocs()
	for b.Loop() {
		if !p.Rights(student, topic).BroadcastRead {
			b.Fatal("no rights")
		}
	}
}
