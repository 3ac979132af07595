#include "inventory/rpm_log.h"

#include <map>

#include "base/text.h"

namespace plimsoll::inventory {
namespace {

std::string numbers(const auto& values) {
  std::string out;
  for (const auto value : values) out += cat(out.empty() ? "" : " ", static_cast<std::uint64_t>(value));
  return out;
}

std::vector<std::uint64_t> read_numbers(std::string_view text) {
  std::vector<std::uint64_t> out;
  if (text.empty()) return out;
  for (const std::string_view word : split(text, ' ')) out.push_back(parse_u64(word).value_or(0));
  return out;
}

struct Page {
  bool leaf = false;
  std::vector<std::uint64_t> items;
};

// Adds the pages of one file to `pages`, over those that are there.
void lay(const Facts& facts, std::map<std::uint64_t, Page>& pages, std::uint64_t& root) {
  for (const auto& [key, text] : facts.notes) {
    if (key == "root")
      if (const std::uint64_t stated = parse_u64(text).value_or(0); stated != 0) root = stated;
    if (key != "leaf" && key != "inner") continue;
    const auto [number, items] = cut(text, ' ');
    pages[parse_u64(number).value_or(0)] = {key == "leaf", read_numbers(items)};
  }
}

}  // namespace

void note_tree(Facts& facts, const format::SqliteTree& tree) {
  facts.notes.emplace_back("root", cat(tree.root));
  for (const format::SqliteTree::Page& page : tree.pages)
    facts.notes.emplace_back(page.leaf ? "leaf" : "inner", cat(page.number, " ", numbers(page.items)));
}

void note_rows(Facts& facts, const std::vector<std::int64_t>& packages, const std::vector<std::int64_t>& others) {
  facts.notes.emplace_back("rows", numbers(packages));
  facts.notes.emplace_back("other-rows", numbers(others));
}

LogOverlay::LogOverlay(const Facts* database, const Facts* log) {
  if (database) database_rows_ = read_numbers(database->note("rows"));
  if (!log) return;
  log_rows_ = read_numbers(log->note("rows"));
  std::map<std::uint64_t, Page> pages;
  std::uint64_t root = 0;
  if (database) lay(*database, pages, root);
  std::map<std::uint64_t, Page> logged;
  lay(*log, logged, root);
  if (logged.empty()) return;
  if (root == 0) {  // no page says where the table begins: the log cannot be used
    missing_ = 1;
    return;
  }
  overlaid_ = true;
  for (auto& [number, page] : logged) pages[number] = std::move(page);
  std::map<std::uint64_t, const Package*> in_file;
  if (database)
    for (std::size_t i = 0; i < database_rows_.size() && i < database->packages.size(); ++i) in_file[database_rows_[i]] = &database->packages[i];
  for (std::size_t i = 0; i < log_rows_.size() && i < log->packages.size(); ++i) {
    const auto found = in_file.find(log_rows_[i]);
    if (found == in_file.end()) continue;
    const Package &a = *found->second, &b = log->packages[i];
    (a.name == b.name && a.version == b.version && a.arch == b.arch ? same_ : replaced_).insert(log_rows_[i]);
  }
  std::set<std::uint64_t> known(log_rows_.begin(), log_rows_.end());
  known.insert(database_rows_.begin(), database_rows_.end());
  for (const Facts* facts : {database, log})
    if (facts)
      for (const std::uint64_t row : read_numbers(facts->note("other-rows"))) known.insert(row);
  std::set<std::uint64_t> seen;
  std::vector<std::uint64_t> todo{root};
  while (!todo.empty()) {
    const std::uint64_t number = todo.back();
    todo.pop_back();
    if (!seen.insert(number).second) continue;
    const auto found = pages.find(number);
    if (found == pages.end()) {
      ++missing_;
    } else if (!found->second.leaf) {
      todo.insert(todo.end(), found->second.items.begin(), found->second.items.end());
    } else {
      for (const std::uint64_t row : found->second.items) {
        present_.insert(row);
        if (!known.contains(row)) ++missing_;
      }
    }
  }
}

bool LogOverlay::in_database(std::size_t index) const {
  if (!overlaid_ || index >= database_rows_.size()) return true;
  const std::uint64_t row = database_rows_[index];
  return present_.contains(row) && !replaced_.contains(row);
}

bool LogOverlay::in_log(std::size_t index) const { return overlaid_ && index < log_rows_.size() && present_.contains(log_rows_[index]) && !same_.contains(log_rows_[index]); }

}  // namespace plimsoll::inventory
