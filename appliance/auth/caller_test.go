package auth

import (
	"testing"

	"downbeat.local/appliance/table"
)

func TestCaller(t *testing.T) {
	tests := []struct {
		name   string
		claims Claims
		want   table.Caller
	}{
		{"anon", Claims{Role: Anon}, table.Caller{Role: "anon"}},
		{"service key", Claims{Role: Service}, table.Caller{Role: "service_role", Teacher: true}},
		{"student", Member("id", "MUSIC-2024", "student"), table.Caller{Role: "authenticated", Subject: "id", Room: "MUSIC-2024"}},
		{"stage", Member("id", "MUSIC-2024", "stage"), table.Caller{Role: "authenticated", Subject: "id", Room: "MUSIC-2024"}},
		{"teacher of a room", Member("id", "MUSIC-2024", "teacher"), table.Caller{Role: "authenticated", Teacher: true, Subject: "id", Room: "MUSIC-2024"}},
		{"teacher", Member("", "", "teacher"), table.Caller{Role: "authenticated", Teacher: true}},
	}
	for _, tt := range tests {
		if got := tt.claims.Caller(); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
}
