#include <algorithm>
#include <string>

#include "base/http_message.h"

// The same bytes as a response head, a chunked body (whole and byte by byte: both must agree), and an address.
void fuzz_base_http_message(plimsoll::Bytes input) {
  using namespace plimsoll;
  (void)parse_response_head(as_text(input));
  const auto decode = [&](std::size_t step_size) {
    ChunkDecoder decoder;
    std::string body;
    std::size_t start = 0, end = 0;
    for (;;) {
      const auto step = decoder.next(input.subspan(start, end - start));
      if (!step) return std::string("error");
      body += as_text(input.subspan(start + step->skip, step->body));
      start += step->skip + step->body;
      if (decoder.done()) return body;
      if (step->skip + step->body > 0) continue;
      if (end == input.size()) return std::string("short");
      end = std::min(input.size(), end + step_size);
    }
  };
  PLIM_ASSERT(decode(1) == decode(input.size() + 1));
  if (const auto url = Url::parse(as_text(input))) {
    const auto again = Url::parse(url->text());
    PLIM_ASSERT(again.has_value() && again->text() == url->text());
  }
  const auto base = Url::parse("https://registry.example/v2/a/blobs/x?y=z");
  if (const auto url = base->resolve(as_text(input))) {
    PLIM_ASSERT(Url::parse(url->text()).has_value());
    PLIM_ASSERT(url->text().find_first_of("\r\n ") == std::string::npos);
  }
}
