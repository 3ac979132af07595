// version compare: the order of two versions, as their ecosystem has it.
#include "base/text.h"
#include "cli/lines.h"
#include "cli/schemes.h"
#include "cli/verb.h"
#include "version/line_protocol.h"

namespace plimsoll::cli {
namespace {

Exit compare_lines(Context& context, const version::Scheme& scheme) {
  std::string out;
  const Status read = each_input_line([&](std::string_view line) {
    const version::LineAnswer answer = version::compare_line(scheme, line);
    if (!answer.problem.empty()) context.warn(answer.problem);
    out.append(answer.text).push_back('\n');
    if (out.size() > 1u << 16) {
      context.out(out);
      out.clear();
    }
  });
  context.out(out);
  return read ? Exit::Pass : context.fail(read.error());
}

}  // namespace

Verb version_compare() {
  return {.name = "version compare",
          .summary = "Print -1, 0 or 1: the order of two versions",
          .examples = {"plimsoll version compare deb 1.0~rc1 1.0", "printf '1.0\\t1.1\\n' | plimsoll version compare pep440 -"},
          .declare = [](Options& options) -> Action {
            const auto words = std::make_shared<std::vector<std::string>>();
            options.arguments("SCHEME A B", *words, "scheme and two versions; SCHEME - reads lines A<TAB>B");
            return [words](Context& context) {
              const version::Scheme* scheme = version::find_scheme(words->front());
              if (!scheme) return context.usage(unknown_scheme(words->front()));
              if (words->size() == 2 && words->back() == "-") return compare_lines(context, *scheme);
              if (words->size() != 3) return context.usage("version compare: give SCHEME A B, or SCHEME - and lines on standard input");
              context.out(cat(version::compare(*scheme, (*words)[1], (*words)[2]), "\n"));
              return Exit::Pass;
            };
          }};
}

}  // namespace plimsoll::cli
