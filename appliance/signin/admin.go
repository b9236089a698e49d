package signin

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"downbeat.local/appliance/store"
)

// attributes are what an administrator says of a user. A field that is not
// there changes nothing.
type attributes struct {
	ID       string         `json:"id"` // of a new user; empty: a fresh one
	Email    string         `json:"email"`
	Phone    string         `json:"phone"`        // refused
	Ban      string         `json:"ban_duration"` // refused, but for none
	Password string         `json:"password"`
	Role     string         `json:"role"`
	App      map[string]any `json:"app_metadata"`
	Data     map[string]any `json:"user_metadata"`
}

// check reads the attributes of a request and makes of the password what is
// kept of it.
func (s *Server) check(w http.ResponseWriter, r *http.Request) (a attributes, hash string, err error) {
	if err := readBody(w, r, &a); err != nil {
		return a, "", err
	}
	if a.Phone != "" || a.Ban != "" && a.Ban != "none" {
		return a, "", errUnknownHere // to say yes and do nothing would be worse
	}
	if a.Email != "" {
		ok := false
		if a.Email, ok = normalEmail(a.Email); !ok {
			return a, "", errBadEmail
		}
	}
	if len(a.Role) > maxRole {
		return a, "", errTooMuchData
	}
	if a.Password != "" {
		hash, err = s.cfg.Accounts.Hash(r.Context(), a.Password)
	}
	return a, hash, err
}

// lay lays attributes over a user.
func (a attributes) lay(u *user, hash string) error {
	app, data := merge(u.App, a.App), merge(u.Data, a.Data)
	if app == nil || data == nil {
		return errTooMuchData
	}
	u.App, u.Data = app, data
	u.Email, u.Role, u.Hash = cmp.Or(a.Email, u.Email), cmp.Or(a.Role, u.Role), cmp.Or(hash, u.Hash)
	u.Anonymous = u.Anonymous && u.Email == ""
	return nil
}

// createUser makes a user.
func (s *Server) createUser(w http.ResponseWriter, r *http.Request) error {
	a, hash, err := s.check(w, r)
	if err != nil {
		return err
	}
	if a.Email == "" {
		return errNoEmail
	}
	if a.ID == "" {
		a.ID = uuid.NewString()
	}
	id, err := uuid.Parse(a.ID)
	if err != nil {
		return errBadID
	}
	out, err := s.keepUser(r.Context(), id.String(), a, hash)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, out)
}

func (s *Server) keepUser(ctx context.Context, id string, a attributes, hash string) (out publicUser, err error) {
	g := s.people
	err = g.change(ctx, id, func() ([]store.Op, error) {
		if g.takenLocked(a.Email, nil) || g.users[id] != nil {
			return nil, errEmailTaken
		}
		ops, err := g.placeLocked()
		if err != nil {
			return nil, err
		}
		now := g.now()
		u := &user{ID: id, Role: audience, Created: now, Updated: now, Used: now}
		if err := a.lay(u, hash); err != nil {
			return nil, err
		}
		g.users[id] = u
		out = u.public()
		ops = append(ops, g.returnedLocked(a.Email)...)
		return append(ops, put(store.Users, id, u)), nil
	})
	return out, err
}

// placeLocked makes sure that there is a place for another user: the traces of
// those deleted longest ago give way.
func (g *register) placeLocked() (ops []store.Op, err error) {
	var gone []*user
	made := 0
	for _, u := range g.users {
		if u.Gone != "" {
			gone = append(gone, u)
		}
		if !u.Anonymous {
			made++
		}
	}
	if made-len(gone) >= maxUsers {
		return nil, errTooManyUsers
	}
	slices.SortFunc(gone, func(a, b *user) int { return a.Created.Compare(b.Created) })
	for _, u := range gone[:max(0, made-maxUsers+1)] {
		ops = append(ops, g.forgetLocked(u)...)
	}
	return ops, nil
}

// takenLocked reports whether an email is somebody else's.
func (g *register) takenLocked(email string, than *user) bool {
	u, _ := g.byEmailLocked(email)
	return u != nil && u != than || email == TeacherEmail || email == g.users[g.teacher].Email
}

// returnedLocked forgets that a user with that email was deleted once.
func (g *register) returnedLocked(email string) (ops []store.Op) {
	hash := emailHash(email)
	for _, u := range g.users {
		if u.Gone == hash {
			ops = append(ops, g.forgetLocked(u)...)
		}
	}
	return ops
}

// editUser changes a user. Another password ends his sessions, as in Supabase
// Auth: whoever had the old one is out.
func (s *Server) editUser(w http.ResponseWriter, r *http.Request) error {
	a, hash, err := s.check(w, r)
	if err != nil {
		return err
	}
	var out publicUser
	err = s.changeOther(r, func(u *user) ([]store.Op, error) {
		if s.people.takenLocked(a.Email, u) {
			return nil, errEmailTaken
		}
		if err := a.lay(u, hash); err != nil {
			return nil, err
		}
		u.Updated = s.people.now()
		out = u.public()
		ops := []store.Op{put(store.Users, u.ID, u)}
		if hash != "" {
			ops = append(ops, s.people.endAllLocked(u.ID)...)
		}
		return ops, nil
	})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, out)
}

// deleteUser removes a user and ends his sessions. Of his email the hash is
// kept, so that it does not become the teacher's.
func (s *Server) deleteUser(w http.ResponseWriter, r *http.Request) error {
	g := s.people
	err := s.changeOther(r, func(u *user) ([]store.Op, error) {
		ops := g.forgetLocked(u)
		if u.Email == "" {
			return ops, nil
		}
		gone := &user{ID: u.ID, Gone: emailHash(u.Email), Created: g.now()}
		g.users[u.ID] = gone
		return append(ops, put(store.Users, u.ID, gone)), nil
	})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, struct{}{})
}

// changeOther changes the user that the path names, who is not the teacher.
func (s *Server) changeOther(r *http.Request, alter func(*user) ([]store.Op, error)) error {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return errBadID
	}
	return s.people.change(r.Context(), id.String(), func() ([]store.Op, error) {
		u := s.people.findLocked(id.String())
		switch {
		case u == nil:
			return nil, errUserGone
		case u.Teacher:
			return nil, errTeacher
		}
		return alter(u)
	})
}

func (s *Server) showUser(w http.ResponseWriter, r *http.Request) error {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return errBadID
	}
	var out publicUser
	err = s.people.view(func() error {
		u := s.people.findLocked(id.String())
		if u == nil {
			return errUserGone
		}
		out = u.public()
		return nil
	})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, out)
}

// The pages of a list of users, as Supabase Auth has them.
const (
	defaultPage = 50
	maxPage     = 1000
)

// listUsers lists the users, the newest first, a page at a time.
func (s *Server) listUsers(w http.ResponseWriter, r *http.Request) error {
	var all []publicUser
	_ = s.people.view(func() error {
		for id := range s.people.users {
			if u := s.people.findLocked(id); u != nil && (!u.Teacher || s.cfg.Accounts.Claimed()) {
				all = append(all, u.public())
			}
		}
		return nil
	})
	slices.SortFunc(all, func(a, b publicUser) int { return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID)) })
	page, size := number(r, "page", 1, len(all)+1), number(r, "per_page", defaultPage, maxPage)
	begin := min((page-1)*size, len(all))
	w.Header().Set("X-Total-Count", strconv.Itoa(len(all)))
	w.Header().Set("Link", links(page, size, len(all)))
	return writeJSON(w, http.StatusOK, map[string]any{
		"users": append([]publicUser{}, all[begin:min(begin+size, len(all))]...), "aud": audience,
	})
}

// number reads a number of the query from 1 to most.
func number(r *http.Request, name string, missing, most int) int {
	n, err := strconv.Atoi(r.URL.Query().Get(name))
	if err != nil || n < 1 {
		return min(missing, most)
	}
	return min(n, most)
}

// links name the next page and the last (RFC 8288), as auth-js reads them.
func links(page, size, total int) string {
	last := max(1, (total+size-1)/size)
	link := func(n int, rel string) string {
		return fmt.Sprintf(`<%sadmin/users?page=%d&per_page=%d>; rel="%s"`, Prefix, n, size, rel)
	}
	var all []string
	if page < last {
		all = append(all, link(page+1, "next"))
	}
	return strings.Join(append(all, link(last, "last")), ", ")
}
