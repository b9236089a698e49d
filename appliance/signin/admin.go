package signin

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"downbeat.local/appliance/people"
)

// attributes are the body of a request about a user. A missing field changes
// nothing.
type attributes struct {
	ID       string         `json:"id"` // of a new user; empty: a fresh one
	Email    string         `json:"email"`
	Phone    string         `json:"phone"`        // refused
	Ban      string         `json:"ban_duration"` // refused, but for none
	Password string         `json:"password"`
	Role     string         `json:"role"`
	App      map[string]any `json:"app_metadata"`
	Data     map[string]any `json:"user_metadata"`
	Confirm  *bool          `json:"email_confirm"`
}

// read reads the attributes of a request.
func (a *attributes) read(w http.ResponseWriter, r *http.Request) (people.Attributes, error) {
	if err := readBody(w, r, a); err != nil {
		return people.Attributes{}, err
	}
	if a.Phone != "" || a.Ban != "" && a.Ban != "none" {
		return people.Attributes{}, errUnknownHere // an answer of success would be a lie
	}
	return people.Attributes{
		Email: a.Email, Role: a.Role, Password: a.Password, App: a.App, Data: a.Data, Confirmed: a.Confirm,
	}, nil
}

// createUser makes a user.
func (s *Server) createUser(w http.ResponseWriter, r *http.Request) error {
	var req attributes
	a, err := req.read(w, r)
	switch {
	case err != nil:
		return err
	case a.Email == "":
		return errNoEmail
	}
	id, err := uuid.Parse(cmp.Or(req.ID, uuid.NewString()))
	if err != nil {
		return errBadID
	}
	u, err := s.cfg.People.Create(r.Context(), id.String(), a)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, public(u))
}

// pathID returns the user that the path names.
func pathID(r *http.Request) (string, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return "", errBadID
	}
	return id.String(), nil
}

// editUser changes a user.
func (s *Server) editUser(w http.ResponseWriter, r *http.Request) error {
	a, err := new(attributes).read(w, r)
	if err != nil {
		return err
	}
	if a.Confirmed != nil && !*a.Confirmed {
		a.Confirmed = nil // Supabase Auth takes no confirmation back
	}
	id, err := pathID(r)
	if err != nil {
		return err
	}
	u, err := s.cfg.People.Edit(r.Context(), id, a)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, public(u))
}

// deleteUser removes a user.
func (s *Server) deleteUser(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := s.cfg.People.Delete(r.Context(), id); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, struct{}{})
}

func (s *Server) showUser(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	u, err := s.cfg.People.Get(id)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, public(u))
}

// The sizes of a page of users. The default is that of Supabase Auth.
const (
	defaultPage = 50
	maxPage     = 10_000 // more than the box holds
)

// listUsers answers a page of users, the newest first.
func (s *Server) listUsers(w http.ResponseWriter, r *http.Request) error {
	all := s.cfg.People.List()
	page, err := number(r, "page", 1, len(all)+1)
	if err != nil {
		return err
	}
	size, err := number(r, "per_page", defaultPage, maxPage)
	if err != nil {
		return err
	}
	begin := min((page-1)*size, len(all))
	w.Header().Set("X-Total-Count", strconv.Itoa(len(all)))
	w.Header().Set("Link", links(page, size, len(all)))
	users := []publicUser{}
	for _, u := range all[begin:min(begin+size, len(all))] {
		users = append(users, public(u))
	}
	return writeJSON(w, http.StatusOK, map[string]any{"users": users, "aud": audience})
}

// number reads a number of the query, from 1 to most. A larger one counts as
// most.
func number(r *http.Request, name string, missing, most int) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return min(missing, most), nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return most, nil
	case err != nil || n < 1:
		return 0, errPage
	}
	return int(min(n, uint64(most))), nil
}

// links returns the links to the next page and the last (RFC 8288), as auth-js
// reads them.
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
