package signin

import (
	"net/http"

	"downbeat.local/appliance/store"
)

// user answers who the bearer is.
func (s *Server) user(w http.ResponseWriter, r *http.Request) error {
	claims, err := s.bearer(r)
	if err != nil {
		return err
	}
	var out publicUser
	err = s.people.view(func() error {
		u, err := s.whoLocked(claims)
		if err == nil {
			out = u.public()
		}
		return err
	})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, out)
}

// changeUser changes what the bearer says of himself. Emails and passwords are
// an administrator's to change, and the teacher's on her own page.
func (s *Server) changeUser(w http.ResponseWriter, r *http.Request) error {
	claims, err := s.bearer(r)
	if err != nil {
		return err
	}
	var req struct {
		Email    string         `json:"email"`
		Phone    string         `json:"phone"`
		Password string         `json:"password"`
		Data     map[string]any `json:"data"`
	}
	if err := readBody(w, r, &req); err != nil {
		return err
	}
	if req.Email != "" || req.Phone != "" || req.Password != "" {
		return errOnlyData
	}
	var out publicUser
	err = s.people.change(r.Context(), claims.Subject, func() ([]store.Op, error) {
		u, err := s.whoLocked(claims)
		if err != nil {
			return nil, err
		}
		data := merge(u.Data, req.Data)
		if data == nil {
			return nil, errTooMuchData
		}
		u.Data, u.Updated = data, s.people.now()
		out = u.public()
		return []store.Op{put(store.Users, u.ID, u)}, nil
	})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, out)
}
