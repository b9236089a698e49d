// Package names decides what children and teachers may call things: nicknames,
// rooms' names, and join codes such as MUSIC-2024.
//
// [Nickname] refuses a name that is too long, hides something, hurts, or
// passes for a grown-up. [ParseCode] reads a join code as a child types it,
// and [FindCode] looks it up among the open rooms. All are bounded: they read
// a few hundred bytes of any text.
//
// The package keeps no state and knows no rooms. The caller checks whether
// another member has a name.
package names
