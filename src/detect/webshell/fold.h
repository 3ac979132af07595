// Text functions worked out on constants: what obfuscated code computes is seen as the text that it computes.
//
// Pure; O(size of the texts); no result is longer than kMaxText (then it is not known).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detect/webshell/value.h"

namespace plimsoll::detect::web {

// The result on these arguments when it is a constant; nullopt when the arguments are not or the function is none of text.
std::optional<Value> fold(Does does, const std::vector<Value>& args);

// PHP's base_convert of whole numbers below 2^63.
std::optional<std::string> convert_base(std::string_view text, std::string_view from, std::string_view to);
std::string bitwise_not(std::string_view text);
std::string bitwise_xor(std::string_view a, std::string_view b);  // as long as the shorter, as PHP does
std::string increment(std::string_view text);                     // PHP: "az" -> "ba"
// PHP and .NET formats: %s %1$s %d %c {0}; nullopt for others.
std::optional<std::string> format_text(std::string_view format, const std::vector<std::string>& args);
// zlib, gzip or raw deflate; at most kMaxText out.
std::optional<std::string> inflate_text(std::string_view packed);
// Whether a decoding hides text (base64, hex, deflate, rot13, reversal...), as opposed to cutting and joining it.
bool is_decoding(Does does);
std::optional<long long> to_number(std::string_view text);

}  // namespace plimsoll::detect::web
