package gateway

import (
	"testing"

	"downbeat.local/appliance/auth"
	"downbeat.local/appliance/transport"
)

func TestCallerOf(t *testing.T) {
	const here = "192.0.2.7:4000"
	app := func(role string) auth.AppMetadata { return auth.AppMetadata{Role: role} }
	for name, tt := range map[string]struct {
		claims auth.Claims
		want   transport.Caller
	}{
		"a program":               {auth.Claims{Role: auth.Anon}, transport.Caller{Key: "address 192.0.2.7", Many: true}},
		"a program with a user":   {auth.Claims{Role: auth.Authenticated}, transport.Caller{Key: "address 192.0.2.7", Many: true}},
		"a student":               {auth.Member("ana", "MUSIC-2024", "student"), transport.Caller{Key: "member ana"}},
		"a user who signed in":    {auth.Claims{Role: auth.Authenticated, Subject: "ana"}, transport.Caller{Key: "member ana"}},
		"a student with a part":   {auth.Member("ana", "MUSIC-2024", "bass"), transport.Caller{Key: "member ana"}},
		"a teacher in her room":   {auth.Member("bea", "MUSIC-2024", "teacher"), transport.Caller{Key: "member bea", Staff: true}},
		"a stage in its room":     {auth.Member("screen", "MUSIC-2024", "stage"), transport.Caller{Key: "member screen", Staff: true}},
		"a teacher":               {auth.Claims{Role: auth.Authenticated, App: app("teacher")}, transport.Caller{Key: "staff at 192.0.2.7", Many: true, Staff: true}},
		"a stage":                 {auth.Claims{Role: auth.Authenticated, App: app("stage")}, transport.Caller{Key: "staff at 192.0.2.7", Many: true, Staff: true}},
		"a service key":           {auth.Claims{Role: auth.Service}, transport.Caller{Key: "staff at 192.0.2.7", Many: true, Staff: true}},
		"a service key of a user": {auth.Claims{Role: auth.Service, Subject: "bea"}, transport.Caller{Key: "member bea", Staff: true}},
	} {
		tt.want.Address, tt.want.Network, tt.want.Seated = "192.0.2.7", "192.0.2.7", tt.claims.App.Room != ""
		tt.want.Subject = tt.claims.Subject
		if got := callerOf(tt.claims, here); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", name, got, tt.want)
		}
	}
}
