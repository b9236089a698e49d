package gateway

import "net/http"

// The services of Supabase that the box does not offer. Each answers with an
// error in its own shape, so that clients show the sentence.

// noStorage answers for Supabase Storage (storage-js shows message).
func noStorage(w http.ResponseWriter, _ *http.Request) {
	respond(w, http.StatusNotImplemented, map[string]string{
		"statusCode": "501", "error": "not_implemented", "message": "The box has no Storage: it keeps no files.",
	})
}

// noFunctions answers for Edge Functions. functions-js hands programs the
// response with the error.
func noFunctions(w http.ResponseWriter, _ *http.Request) {
	respond(w, http.StatusNotImplemented, map[string]string{
		"code": "NOT_IMPLEMENTED", "message": "The box has no Edge Functions: it runs no programs.",
	})
}

// noGraphQL answers for pg_graphql, in GraphQL's shape of errors.
func noGraphQL(w http.ResponseWriter, _ *http.Request) {
	const sentence = "The box has no GraphQL: read its tables under /rest/v1."
	respond(w, http.StatusNotImplemented, map[string]any{
		"message": sentence, "errors": []map[string]string{{"message": sentence}},
	})
}
