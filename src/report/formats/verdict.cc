// verdict: what a standard says, in as few lines as a developer needs: what blocks, which change fixes it, who can grant
// an exception and for how long. Written for the log of a pipeline.
//
// Output  the image, the verdict, its reasons and the shortest way to pass; without a verdict, a line that says so.
// Cost    O(reasons).
#include "base/text.h"
#include "report/format.h"
#include "report/judgement_text.h"
#include "report/plain.h"

namespace plimsoll::report {
namespace {

std::string_view color_of(TextLine::Kind kind) {
  switch (kind) {
    case TextLine::Kind::Bad: return "1;31";
    case TextLine::Kind::Warning: return "33";
    case TextLine::Kind::Strong: return "1";
    case TextLine::Kind::Faint: return "2";
    default: return {};
  }
}

Result<std::string> write(const Report& report, const WriteOptions& options) {
  const std::size_t width = std::max(options.width, 60u);
  std::string out = cat(fit(report.image.reference, width), "\n");
  if (report.score) out += cat(fit(score_line(*report.score), width), "\n");
  if (!report.verdict) return out + "no standard was applied: there is no verdict (plimsoll gate --standard S)\n";
  for (const TextLine& line : verdict_lines(*report.verdict, width, options.all)) {
    const std::string_view color = options.color ? color_of(line.kind) : std::string_view();
    out += color.empty() ? cat(line.text, "\n") : cat("\x1b[", color, "m", line.text, "\x1b[0m\n");
  }
  return out;
}

}  // namespace

Format verdict() { return {.name = "verdict", .extension = "verdict.txt", .description = "what a standard says, short: what blocks and the shortest way to pass", .write = write}; }

}  // namespace plimsoll::report
