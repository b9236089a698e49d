// Package boxtest tests whole boxes from outside. Each test opens an
// [appliance.Appliance] with its own port and data folder, and talks to it over
// HTTP, WebSocket and WebRTC, as programs and browsers do.
//
// No test looks into a box. box_test.go runs a box, client_test.go is a Supabase
// client that keeps messages until a test asks for them, and claim_test.go gives
// a box its teacher. The tests of the parts are beside their code.
package boxtest
