// Package web is the box's HTTP: the web app's files, the box's own JSON API
// under /box/v1, and the one place that turns errors into status codes and
// sentences that a ten-year-old can read.
//
// Two kinds of path are guarded in two ways. The pages and /box/v1 are for
// browsers with cookies: they answer only to the names this box goes by, and
// refuse requests that another site's page makes. The Supabase paths are
// guarded by tokens and answer any origin, as Supabase does; the package only
// hands them on.
//
// It keeps no rooms and no accounts: those come in through [Config].
package web
