#include <unistd.h>

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <optional>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/help.h"
#include "cli/verb.h"

namespace plimsoll::cli {

// One option as the precedence rule sees it.
struct Setting {
  CLI::Option* option;
  std::string key;  // "fail-on"
  std::function<Status(const std::string&)> assign;
  bool is_list = false;
};

struct Options::State {
  CLI::App* app;
  std::vector<Setting> settings;
};

namespace {

std::string long_name(const std::string& names) {
  const std::size_t dashes = names.find("--");
  return dashes == std::string::npos ? std::string() : names.substr(dashes + 2);
}

std::string variable_of(std::string_view key) {
  std::string name = "PLIMSOLL_";
  for (const char c : key) name += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return name;
}

Status assign_bool(bool& into, const std::string& text) {
  if (text == "true" || text == "1" || text == "yes" || text == "on") into = true;
  else if (text == "false" || text == "0" || text == "no" || text == "off") into = false;
  else return malformed(cat("\"", text, "\" is neither true nor false"));
  return Ok{};
}

Status assign_choice(std::string& into, const std::vector<std::string>& choices, const std::string& text) {
  std::string all;
  for (const std::string& choice : choices) {
    if (choice == text) {
      into = text;
      return Ok{};
    }
    all += all.empty() ? choice : ", " + choice;
  }
  return malformed(cat("\"", text, "\" is none of ", all));
}

}  // namespace

Options& Options::flag(const std::string& names, bool& into, const std::string& help) {
  state_.settings.push_back({state_.app->add_flag(names, into, help), long_name(names), [&into](const std::string& text) { return assign_bool(into, text); }});
  return *this;
}

Options& Options::value(const std::string& names, std::string& into, const std::string& help) {
  state_.settings.push_back({state_.app->add_option(names, into, help)->type_name("VALUE"), long_name(names), [&into](const std::string& text) -> Status {
                               into = text;
                               return Ok{};
                             }});
  return *this;
}

Options& Options::values(const std::string& names, std::vector<std::string>& into, const std::string& help) {
  CLI::Option* option = state_.app->add_option(names, into, help)->type_name("VALUE")->delimiter(',')->allow_extra_args(false);
  const auto assign = [&into](const std::string& text) -> Status {
    for (const std::string_view part : split(text, ',')) into.emplace_back(trim(part));
    return Ok{};
  };
  state_.settings.push_back({option, long_name(names), assign, true});
  return *this;
}

Options& Options::number(const std::string& names, std::uint64_t& into, const std::string& help) {
  state_.settings.push_back({state_.app->add_option(names, into, help)->type_name("N"), long_name(names), [&into](const std::string& text) -> Status {
                               const auto value = parse_u64(text);
                               if (!value) return malformed(cat("\"", text, "\" is not a number"));
                               into = *value;
                               return Ok{};
                             }});
  return *this;
}

Options& Options::choice(const std::string& names, std::string& into, const std::vector<std::string>& choices, const std::string& help) {
  CLI::Option* option = state_.app->add_option(names, into, help)->type_name("{" + CLI::detail::join(choices, "|") + "}");
  option->check([choices](const std::string& text) {
    std::string ignored;
    const Status status = assign_choice(ignored, choices, text);
    return status ? std::string() : status.error().message();
  });
  state_.settings.push_back({option, long_name(names), [&into, choices](const std::string& text) { return assign_choice(into, choices, text); }});
  return *this;
}

Options& Options::argument(const std::string& name, std::string& into, const std::string& help, bool required) {
  state_.app->add_option(name, into, help)->type_name("")->required(required);
  return *this;
}

Options& Options::arguments(const std::string& name, std::vector<std::string>& into, const std::string& help, bool required) {
  state_.app->add_option(name, into, help)->type_name("")->required(required);
  return *this;
}

namespace {

// plimsoll.yaml of the project (this folder or the nearest one above that has it), then of the user.
struct ConfigFile {
  std::string path;
  std::unique_ptr<JsonDocument> document;
};

Result<std::vector<ConfigFile>> read_config(const std::string& named) {
  std::vector<std::string> paths;
  if (!named.empty()) {
    paths.push_back(named);
  } else {
    char buffer[4096];
    if (::getcwd(buffer, sizeof(buffer))) {
      for (std::string folder = buffer;; folder.resize(folder.rfind('/'))) {
        if (exists(folder + "/plimsoll.yaml")) {
          paths.push_back(folder + "/plimsoll.yaml");
          break;
        }
        if (folder.empty()) break;
      }
    }
    const std::string user = environment("XDG_CONFIG_HOME").value_or(environment("HOME").value_or("/root") + "/.config") + "/plimsoll/plimsoll.yaml";
    if (exists(user) && (paths.empty() || paths.front() != user)) paths.push_back(user);
  }
  std::vector<ConfigFile> files;
  for (const std::string& path : paths) {
    PLIM_TRY(const std::string text, read_file(path));
    PLIM_TRY(JsonDocument document, JsonDocument::parse_yaml(text).context("configuration", path));
    if (!document.root().is_object()) return malformed(cat("configuration ", path, " is not a mapping of names to values"));
    files.push_back({path, std::make_unique<JsonDocument>(std::move(document))});
  }
  return files;
}

std::optional<std::string> as_setting(JsonValue value) {
  if (value.is_string()) return std::string(value.text());
  if (value.kind() == JsonValue::Kind::Bool || value.kind() == JsonValue::Kind::Number) return value.dump();
  if (!value.is_array()) return std::nullopt;
  std::string joined;
  for (const JsonValue item : value.items()) joined += (joined.empty() ? "" : ",") + std::string(item.text());
  return joined;
}

// Fills what the line did not set: environment, then the verb's own key in each file, then the file's top.
Status apply_defaults(const std::vector<Setting>& settings, const std::string& verb, const std::vector<ConfigFile>& files) {
  for (const Setting& setting : settings) {
    if (setting.option->count() > 0 || setting.key.empty()) continue;
    if (const auto value = environment(variable_of(setting.key).c_str())) {
      PLIM_CHECK(setting.assign(*value).context("environment", variable_of(setting.key)));
      continue;
    }
    for (const ConfigFile& file : files) {
      JsonValue section = file.document->root();
      JsonValue value;
      for (const std::string_view part : split(verb, ' ')) {
        section = section[part];
        if (section[setting.key].exists()) value = section[setting.key];
      }
      if (!value.exists() && !file.document->root()[setting.key].is_object()) value = file.document->root()[setting.key];
      if (!value.exists()) continue;
      const auto text = as_setting(value);
      if (!text) return malformed(cat("configuration ", file.path, ": ", setting.key, " is not a value"));
      PLIM_CHECK(setting.assign(*text).context("configuration", cat(file.path, ", ", setting.key)));
      break;
    }
  }
  return Ok{};
}

struct Global {
  std::string config, log_level = "info", log_format = "text", color = "auto";
  bool quiet = false;
};

void declare_global(Options& options, Global& global) {
  options.flag("-q,--quiet", global.quiet, "errors only on stderr")
      .choice("--log-level", global.log_level, {"debug", "info", "warning", "error"}, "what goes to stderr")
      .choice("--log-format", global.log_format, {"text", "json"}, "form of the lines on stderr")
      .choice("--color", global.color, {"auto", "always", "never"}, "colour in tables (NO_COLOR is honoured)")
      .value("--config", global.config, "configuration file instead of plimsoll.yaml");
}

}  // namespace

Exit run(int argc, const char* const* argv) {
  Context context;
  context.set_up("info", "text", "auto", false);

  // The verb is known from the words before the first option; only its options are built, so that start-up stays small.
  std::vector<std::string> words;
  for (int i = 1; i < argc && argv[i][0] != '-'; ++i) words.emplace_back(argv[i]);
  if (words.empty()) {
    const std::string first = argc > 1 ? argv[1] : "--help";
    if (first == "--version") words = {"version"};
    else if (first == "--help" || first == "-h") {
      context.out(help_overview());
      return argc > 1 ? Exit::Pass : Exit::Usage;
    } else {
      return context.usage(cat("plimsoll ", first, ": name a verb first; plimsoll --help lists them"));
    }
  }
  const Verb* verb = find_verb(words);
  if (!verb) {
    if (const std::string group = help_group(words.front()); !group.empty()) {
      const bool asked = argc > 2 && words.size() == 1 && (std::string_view(argv[2]) == "--help" || std::string_view(argv[2]) == "-h");
      if (asked) context.out(group);
      else context.log(LogLevel::Error, cat("plimsoll ", words.front(), " needs one of its own verbs\n", group));
      return asked ? Exit::Pass : Exit::Usage;
    }
    return context.usage(unknown_verb(words));
  }

  CLI::App app{verb->summary, "plimsoll " + verb->name};
  app.set_help_flag();  // ours opens with the examples
  bool help = false;
  app.add_flag("-h,--help", help, "this text")->configurable(false);
  Options::State state{&app, {}};
  Options options(state);
  Global global;
  const Action action = verb->declare(options);
  const std::size_t own_options = state.settings.size();
  declare_global(options, global);
  (void)own_options;

  const std::size_t skip = split(verb->name, ' ').size();
  std::vector<std::string> rest;
  for (int i = argc - 1; i > static_cast<int>(skip); --i) rest.emplace_back(argv[i]);  // CLI11 takes them last first
  for (const std::string& word : rest) help = help || word == "--help" || word == "-h";
  if (help) {
    context.out(help_verb(*verb, app.help()));
    return Exit::Pass;
  }
  try {
    app.parse(rest);
  } catch (const CLI::ParseError& e) {
    return context.usage(cat("plimsoll ", verb->name, ": ", std::string_view(e.what()), "; plimsoll ", verb->name, " --help shows how"));
  }
  const auto files = read_config(global.config);
  if (!files) return context.usage(files.error().message());
  if (const Status status = apply_defaults(state.settings, verb->name, *files); !status) return context.usage(status.error().message());
  context.set_up(global.log_level, global.log_format, global.color, global.quiet);

  const Exit exit = action(context);
  return context.output_failed() && exit == Exit::Pass ? context.fail(io_error("cannot write to standard output")) : exit;
}

std::vector<OptionRow> option_rows(const Verb& verb) {
  CLI::App app;
  app.set_help_flag();
  Options::State state{&app, {}};
  Options options(state);
  Global global;
  const Action action = verb.declare(options);
  declare_global(options, global);
  std::vector<OptionRow> rows;
  for (const CLI::Option* option : app.get_options())
    rows.push_back({.names = option->get_name(false, true), .value = option->get_type_name(), .help = option->get_description(),
                    .positional = option->get_positional(), .takes_value = option->get_items_expected_max() > 0});
  return rows;
}

}  // namespace plimsoll::cli
