// report open: the HTML page of a stored report, in the browser.
#include <spawn.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "cli/result_files.h"
#include "cli/stored_reports.h"
#include "cli/verb.h"

extern char** environ;

namespace plimsoll::cli {
namespace {

// Waits for the opener, which hands the page over and ends. False when it is not there or says no.
bool open_in_browser(const std::string& opener, const std::string& page) {
  const char* const arguments[] = {opener.c_str(), page.c_str(), nullptr};
  pid_t child = 0;
  if (posix_spawnp(&child, opener.c_str(), nullptr, nullptr, const_cast<char* const*>(arguments), environ) != 0) return false;
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return false;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

Exit run_open(Context& context, const std::string& path, std::string output, bool no_browser) {
  const auto report = load_report(path);
  if (!report) return context.fail(report.error(), "report open reads what `plimsoll scan --format json` wrote");
  const auto page = report::find_format("html")->write(*report, {});
  if (!page) return context.fail(page.error());
  if (output.empty()) {
    const std::string folder = Context::cache_directory() + "/pages";
    if (const Status made = make_directories(folder, 0700); !made) return context.fail(made.error());
    output = cat(folder, "/", hash_hex(HashKind::Sha256, as_bytes(*page)).substr(0, 16), ".html");
  }
  if (const Status written = replace_file(output, as_bytes(*page), 0600); !written) return context.fail(written.error());
  context.out(cat(output, "\n"));
  if (no_browser) return Exit::Pass;
  const std::string opener = environment("BROWSER").value_or("xdg-open");
  if (!open_in_browser(opener, output)) context.hint(cat("no browser could be started with ", opener, "; open the file above"));
  return Exit::Pass;
}

}  // namespace

Verb report_open() {
  return {.name = "report open",
          .summary = "The HTML page of a stored report, in the browser; prints where it lies",
          .examples = {"plimsoll report open report.json", "plimsoll report open report.json --output page.html --no-browser"},
          .declare = [](Options& options) -> Action {
            const auto path = std::make_shared<std::string>(), output = std::make_shared<std::string>();
            const auto no_browser = std::make_shared<bool>(false);
            options.argument("REPORT", *path, "a JSON report, - for standard input")
                .value("-o,--output", *output, "where to put the page (default: a private folder of the cache)")
                .flag("--no-browser", *no_browser, "only write the page");
            return [=](Context& context) { return run_open(context, *path, *output, *no_browser); };
          }};
}

}  // namespace plimsoll::cli
