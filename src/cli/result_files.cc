#include "cli/result_files.h"

#include "base/text.h"

namespace plimsoll::cli {

Result<std::vector<ResultFile>> result_files(const std::vector<std::string>& formats, const std::string& output, std::string_view default_format) {
  std::vector<ResultFile> files;
  std::size_t without_file = 0;
  const auto add = [&](std::string_view text) -> Status {
    const auto [name, path] = cut(text, '=');
    const report::Format* format = report::find_format(name);
    if (!format) {
      std::string known;
      for (const report::Format& each : report::formats()) known += (known.empty() ? "" : ", ") + each.name;
      for (char& c : known)
        if (c == '_') c = '-';
      return malformed(cat("no format \"", to_utf8(name), "\"; there are ", known));
    }
    files.push_back({format, std::string(path)});
    if (path.empty()) {
      ++without_file;
      files.back().path = output;
    }
    return Ok{};
  };
  for (const std::string& text : formats) PLIM_CHECK(add(text));
  if (formats.empty()) PLIM_CHECK(add(default_format));
  if (without_file > 1) return malformed("only one --format can go to one place; give the others a file: --format FORMAT=FILE");
  if (without_file == 0 && !output.empty()) return malformed("--output needs a --format that names no file");
  return files;
}

Status write_results(Context& context, const std::vector<ResultFile>& files, const Report& report, report::WriteOptions options) {
  for (const ResultFile& file : files) {
    const bool to_terminal = file.path.empty();
    options.color = to_terminal && context.color();
    options.width = to_terminal ? context.width() : 80;
    PLIM_TRY(const std::string text, file.format->write(report, options));
    PLIM_CHECK(context.write_result(file.path, text));
  }
  return Ok{};
}

}  // namespace plimsoll::cli
