package auth

import (
	"bufio"
	"fmt"
	"strings"
)

// DefaultPolicy is what a classroom needs. Signed-in users may use private
// channels, except those of a room, which are for its members and the teacher.
// Members have no other channels. Topics that end in :control are the
// teacher's to write. Changes of tables, drafts included, are the teacher's to
// read. Anon is in no row: a first join without a token is refused, and the
// client comes back with its token.
const DefaultPolicy = `
# topic                     who        rights
*                           service    all
table:*                     teacher    read
table:*                     everyone   none
music_room:{room}*:control  teacher    all
music_room:{room}*:control  member     read
music_room:{room}*          member     all
*                           member     none
music_room:*                teacher    all
music_room:*                everyone   none
*:control                   teacher    all
*:control                   signed-in  read
*                           signed-in  all
`

// Bounds of a policy, far above any that is written by hand.
const (
	maxRules   = 256
	maxPattern = 255 // bytes, as many as a topic may have
)

// Rights are what a caller may do in a private channel.
type Rights struct {
	BroadcastRead, BroadcastWrite bool
	PresenceRead, PresenceWrite   bool
}

// AllRights are the rights in a public channel.
var AllRights = Rights{BroadcastRead: true, BroadcastWrite: true, PresenceRead: true, PresenceWrite: true}

// Read reports whether a caller may read anything, and so has a reason to
// join.
func (r Rights) Read() bool { return r.BroadcastRead || r.PresenceRead }

// or combines the rights of both.
func (r Rights) or(o Rights) Rights {
	return Rights{
		r.BroadcastRead || o.BroadcastRead, r.BroadcastWrite || o.BroadcastWrite,
		r.PresenceRead || o.PresenceRead, r.PresenceWrite || o.PresenceWrite,
	}
}

// rightWords are the words for rights in a table. Several words add up.
var rightWords = map[string]Rights{
	"none":            {},
	"all":             AllRights,
	"read":            {BroadcastRead: true, PresenceRead: true},
	"write":           {BroadcastWrite: true, PresenceWrite: true},
	"broadcast":       {BroadcastRead: true, BroadcastWrite: true},
	"presence":        {PresenceRead: true, PresenceWrite: true},
	"broadcast:read":  {BroadcastRead: true},
	"broadcast:write": {BroadcastWrite: true},
	"presence:read":   {PresenceRead: true},
	"presence:write":  {PresenceWrite: true},
}

// whoWords are the words for callers in a table.
var whoWords = map[string]func(Claims) bool{
	"everyone":  func(Claims) bool { return true },
	"anon":      func(c Claims) bool { return c.Role == Anon },
	"signed-in": func(c Claims) bool { return c.Role == Authenticated || c.Role == Service },
	"member":    func(c Claims) bool { return c.App.Room != "" && c.Role != Service },
	"teacher":   func(c Claims) bool { return c.App.Role == "teacher" && c.Role != Service },
	"service":   func(c Claims) bool { return c.Role == Service },
}

// Policy says what each caller may do in private channels. It is a table of
// rows
//
//	topic-pattern  who  rights
//
// of which the first that fits decides. Without one there are no rights. Rows
// stand on lines of their own or between semicolons; # begins a comment.
//
// A pattern is a topic without "realtime:". In it * stands for any text,
// {room} for the room that the token names, and {sub} for its subject. Both
// names are matched whole: no letter or digit follows. If the token does not
// name what a pattern needs, the row does not fit.
//
// Who is everyone, anon, signed-in (authenticated or service_role), member (a
// token for one room), teacher, service, or role:NAME for a project's own
// role.
//
// Rights are one or more of read, write, broadcast, presence, broadcast:read
// and so on, or all, or none.
//
// A Policy does not change once it is parsed.
type Policy struct{ rules []rule }

type rule struct {
	topic  string
	fits   func(Claims) bool
	rights Rights
}

// ParsePolicy reads a table. Empty text is DefaultPolicy. The error names the
// row and says what is wrong with it.
func ParsePolicy(text string) (*Policy, error) {
	if strings.TrimSpace(text) == "" {
		text = DefaultPolicy
	}
	p := &Policy{}
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(lines.Text(), "#")
		for row := range strings.SplitSeq(line, ";") {
			if strings.TrimSpace(row) == "" {
				continue
			}
			r, err := parseRule(strings.Fields(row))
			if err != nil {
				return nil, fmt.Errorf("policy line %d: %w", n, err)
			}
			p.rules = append(p.rules, r)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	if len(p.rules) > maxRules {
		return nil, fmt.Errorf("policy: %d rows, at most %d are allowed", len(p.rules), maxRules)
	}
	return p, nil
}

func parseRule(words []string) (rule, error) {
	if len(words) < 3 {
		return rule{}, fmt.Errorf("%q is not of the form `topic who rights`", strings.Join(words, " "))
	}
	r := rule{topic: words[0]}
	if err := checkPattern(r.topic); err != nil {
		return rule{}, err
	}
	name, isRole := strings.CutPrefix(words[1], "role:")
	if r.fits = whoWords[words[1]]; isRole && name != "" {
		r.fits = func(c Claims) bool { return c.Role == name }
	}
	if r.fits == nil {
		return rule{}, fmt.Errorf("%q names no callers: write everyone, anon, signed-in, member, teacher, service or role:NAME", words[1])
	}
	for _, word := range words[2:] {
		rights, ok := rightWords[word]
		if !ok {
			return rule{}, fmt.Errorf("%q is no right: write read, write, broadcast, presence, all, none or broadcast:read and the like", word)
		}
		r.rights = r.rights.or(rights)
	}
	return r, nil
}

// checkPattern refuses patterns that are likely mistakes.
func checkPattern(pattern string) error {
	if len(pattern) > maxPattern {
		return fmt.Errorf("a topic of %d bytes, at most %d are allowed", len(pattern), maxPattern)
	}
	if strings.HasPrefix(pattern, "realtime:") {
		return fmt.Errorf("%q: leave out realtime: at the beginning", pattern)
	}
	if strings.ContainsAny(strings.NewReplacer("{room}", "", "{sub}", "").Replace(pattern), "{}") {
		return fmt.Errorf("%q: only {room} and {sub} stand in braces", pattern)
	}
	return nil
}

// Rights returns what the bearer of claims may do in the private channel of a
// topic, without "realtime:".
func (p *Policy) Rights(c Claims, topic string) Rights {
	names := names{room: c.App.Room, sub: c.Subject}
	for _, r := range p.rules {
		if r.fits(c) && names.match(r.topic, topic) {
			return r.rights
		}
	}
	return Rights{}
}

// names are the values of the words in braces.
type names struct{ room, sub string }

// match reports whether a topic fits the pattern. A * takes as little as it
// can, and more if the rest does not fit. As in every glob only the last * is
// tried again, so the time is at most the product of both lengths.
func (n names) match(pattern, topic string) bool {
	retryPattern, retryTopic := "", ""
	canRetry := false
	for pattern != "" || topic != "" {
		if rest, ok := strings.CutPrefix(pattern, "*"); ok {
			pattern, retryPattern, retryTopic, canRetry = rest, rest, topic, true
			continue
		}
		if p, t, ok := n.step(pattern, topic); ok {
			pattern, topic = p, t
			continue
		}
		if !canRetry || retryTopic == "" {
			return false
		}
		retryTopic = retryTopic[1:]
		pattern, topic = retryPattern, retryTopic
	}
	return true
}

// step takes one letter or one name off both.
func (n names) step(pattern, topic string) (string, string, bool) {
	if rest, ok := strings.CutPrefix(pattern, "{room}"); ok {
		topic, ok = cutName(topic, n.room)
		return rest, topic, ok
	}
	if rest, ok := strings.CutPrefix(pattern, "{sub}"); ok {
		topic, ok = cutName(topic, n.sub)
		return rest, topic, ok
	}
	if pattern == "" || topic == "" || pattern[0] != topic[0] {
		return pattern, topic, false
	}
	return pattern[1:], topic[1:], true
}

// cutName takes a whole name off the start of a topic: MUSIC-1 is not in
// MUSIC-12.
func cutName(topic, name string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(topic, name)
	if !ok || name == "" {
		return topic, false
	}
	return rest, rest == "" || !letterOrDigit(rest[0])
}

// letterOrDigit counts every byte beyond ASCII as part of a letter.
func letterOrDigit(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || b >= 0x80
}
