package appliance

import (
	"net/http"

	"downbeat.local/appliance/rest"
	"downbeat.local/appliance/signin"
	"downbeat.local/appliance/table"
)

// tables are those that every box has.
var tables = []*table.Table{table.LessonPlans}

// supabase routes the paths that Supabase's clients know.
func (a *Appliance) supabase() (http.Handler, error) {
	rows, err := rest.New(rest.Config{Store: a.store, Tables: tables, Verify: a.signer.Verify, Log: a.log})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle(signin.Prefix, a.signin)
	mux.Handle(rest.Prefix, rows)
	newPosts(a.hub, a.limits, a.signer.Verify, a.log).routes(mux)
	mux.Handle("POST "+OfferPath, newOffers(a.sockets))
	for _, path := range []string{"/realtime/v1/websocket", "/socket/websocket"} { // of Supabase, and of Phoenix
		mux.Handle(path, a.sockets)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusNotFound, map[string]any{"message": "There is no such page on this box."})
	})
	return mux, nil
}
