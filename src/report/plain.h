// Text from images made fit to stand in a line of output for people.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll::report {

// `text` in valid UTF-8 with every character that moves the cursor, breaks the line or turns the direction of writing
// (C0, C1, DEL, U+2028/9, bidi marks and overrides, zero-width ones, BOM) written as "\u{202e}".
std::string printable(std::string_view text);
// Code points: a near enough count of terminal columns.
std::size_t columns(std::string_view utf8);
// At most `width` columns of printable(text): cut at the end, or for paths in front, marked by an ellipsis.
std::string fit(std::string_view text, std::size_t width);
std::string fit_path(std::string_view path, std::size_t width);
// "1 finding", "2 findings".
std::string counted(std::size_t count, std::string_view one, std::string_view many = {});
// Items in lines of at most `width` columns, separated by ", "; at most `lines` lines, the rest told as "and 12 more".
std::vector<std::string> wrap_list(const std::vector<std::string>& items, std::size_t width, std::size_t lines);
// Words in lines of at most `width` columns (a longer word is cut).
std::vector<std::string> wrap_words(std::string_view text, std::size_t width);
// For XML and HTML text and attribute values: printable, with & < > " ' as entities.
std::string escape_markup(std::string_view text);
// For a line or table cell of Markdown: printable, with every character that could begin markup or HTML escaped.
std::string markdown_text(std::string_view text);
// "sha256:0123456789ab…" is what people compare.
std::string short_digest(std::string_view digest);

}  // namespace plimsoll::report
