// Telling what somebody wrote as an example from what opens a door.
//
// Cost  linear in the secret; no allocation worth mentioning. Thread-safe.
#pragma once
#include <cstdint>
#include <string_view>

namespace plimsoll::detect {

// Shannon entropy in bits a byte; 0 for an empty text.
double entropy_bits(std::string_view text);

// Whether a token of a known shape is a dummy: "xxxx", "EXAMPLE", "your-token", "1234567890", "<token>", "${TOKEN}", one
// character over and over, a run of the alphabet.
bool is_dummy_token(std::string_view secret);

// Whether it is one of the tokens of a live shape that their owners print in documentation, emulators and samples
// (rules/published-examples/).
bool is_published_example(std::string_view secret);
// Of the list, for the digest of the rules.
std::string_view published_examples();

// Whether the value of a key like `password` is no password: empty, a placeholder, a variable, a reference to another
// place ("vault:", "{cipher}", "file:/run/secrets/x"), a word that says what should stand there ("changeme" is one that
// does work somewhere, so it is not a dummy of this kind; "your_password" is).
bool is_placeholder_value(std::string_view value);

}  // namespace plimsoll::detect
