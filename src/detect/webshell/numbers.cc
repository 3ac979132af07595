// Functions that give a number of constants: ord, length, parseInt. See interpreter.h.
#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/text.h"
#include "detect/webshell/fold.h"
#include "detect/webshell/interpreter.h"

namespace plimsoll::detect::web {

// The number that the function `name` gives of these constants; nothing when it is not one of text, or they are not known.
std::optional<Value> Interpreter::number_of(std::string_view name, const Callee& callee, const std::vector<Value>& args) const {
  const std::uint8_t from = static_cast<std::uint8_t>((callee.has_receiver ? callee.receiver.origin : 0) | (args.empty() ? 0 : args[0].origin));
  const Value* text = callee.has_receiver && callee.receiver.known ? &callee.receiver : !args.empty() && args[0].known ? &args[0] : nullptr;
  if (!text && !(from & kDecoded)) return std::nullopt;
  const std::size_t dot = name.rfind('.');
  const std::string last = lower(dot == std::string_view::npos ? name : name.substr(dot + 1));
  static constexpr std::string_view kLengths[] = {"length", "strlen", "len", "lenb", "mb_strlen"}, kOrds[] = {"ord", "asc", "ascw", "ascb"};
  static constexpr std::string_view kCharacters[] = {"charcodeat", "codepointat"}, kHexes[] = {"hexdec", "hex"};
  static constexpr std::string_view kNumbers[] = {"parseint", "int", "intval", "clng", "cint", "number", "valueof", "toint32"};
  const auto one_of = [&](const auto& names) { return std::find(std::begin(names), std::end(names), last) != std::end(names); };
  if (!text) {  // of hidden text: a number that may become text again
    const bool of_text = one_of(kOrds) || one_of(kCharacters) || one_of(kHexes) || one_of(kNumbers);
    if (!of_text) return std::nullopt;
    Value v;
    v.origin = kDecoded;
    return v;
  }
  if (one_of(kLengths)) return Value::number(static_cast<long long>(text->text.size()));
  if (one_of(kOrds)) return text->text.empty() ? std::nullopt : std::optional(Value::number(static_cast<unsigned char>(text->text[0])));
  if (one_of(kCharacters)) {
    const auto at_index = args.empty() ? std::optional<long long>(0) : args[0].known ? to_number(args[0].text) : std::nullopt;
    if (!at_index || *at_index < 0 || static_cast<std::size_t>(*at_index) >= text->text.size()) return std::nullopt;
    return Value::number(static_cast<unsigned char>(text->text[static_cast<std::size_t>(*at_index)]));
  }
  int base = one_of(kHexes) ? 16 : one_of(kNumbers) ? 10 : 0;
  if (base == 0) return std::nullopt;
  std::string digits(trim(text->text));
  if (args.size() > 1 && args[1].known && text == &args[0])
    if (const auto given = to_number(args[1].text); given && *given >= 2 && *given <= 36) base = static_cast<int>(*given);
  if (lower(digits).starts_with("&h") || lower(digits).starts_with("0x")) {
    digits.erase(0, 2);
    base = 16;
  }
  long long n = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n, base);
  return error == std::errc() && end != digits.data() ? std::optional(Value::number(n)) : std::nullopt;
}

}  // namespace plimsoll::detect::web
