// version match: whether a version lies in a range.
#include "base/text.h"
#include "cli/lines.h"
#include "cli/schemes.h"
#include "cli/verb.h"
#include "version/line_protocol.h"

namespace plimsoll::cli {
namespace {

Exit match_lines(Context& context, const version::Scheme& scheme) {
  const Status read = each_input_line([&](std::string_view line) {
    const version::LineAnswer answer = version::match_line(scheme, line);
    if (!answer.problem.empty()) context.warn(answer.problem);
    context.out(cat(answer.text, "\n"));
  });
  return read ? Exit::Pass : context.fail(read.error());
}

}  // namespace

Verb version_match() {
  return {.name = "version match",
          .summary = "Exit 0 when a version lies in a range, 1 when it does not",
          .examples = {"plimsoll version match npm 1.4.0 '^1.2.3 || >=2.0.0'", "printf '1.0\\t<2.0\\n' | plimsoll version match deb -"},
          .declare = [](Options& options) -> Action {
            const auto words = std::make_shared<std::vector<std::string>>();
            options.arguments("SCHEME VERSION RANGE", *words, "scheme, version and range; SCHEME - reads lines VERSION<TAB>RANGE");
            return [words](Context& context) {
              const version::Scheme* scheme = version::find_scheme(words->front());
              if (!scheme) return context.usage(unknown_scheme(words->front()));
              if (words->size() == 2 && words->back() == "-") return match_lines(context, *scheme);
              if (words->size() != 3) return context.usage("version match: give SCHEME VERSION RANGE, or SCHEME - and lines on standard input");
              const auto range = version::parse_range(*scheme, (*words)[2]);
              if (!range) return context.usage(range.error().message());
              return version::contains(*range, version::parse(*scheme, (*words)[1])) ? Exit::Pass : Exit::No;
            };
          }};
}

}  // namespace plimsoll::cli
