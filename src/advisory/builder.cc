#include "advisory/builder.h"

#include <algorithm>

#include "advisory/content.h"
#include "advisory/file_writer.h"
#include "advisory/intervals.h"
#include "advisory/layout.h"
#include "advisory/plausible.h"
#include "advisory/reconcile.h"
#include "base/text.h"

namespace plimsoll::advisory {

struct Builder::State {
  Content content;
  std::string today;
  std::map<std::string, AdvisoryRecord> documents;  // newest version of each, by feed, id and document
  std::map<std::string, std::set<std::string>, std::less<>> covered;  // ecosystem -> feeds

  // The records' statements, by ecosystem and package.
  void file_statements() {
    const std::map<std::string, std::uint32_t> places = content.feed_places();
    for (std::uint32_t i = 0; i < content.records.size(); ++i) {
      AdvisoryRecord& record = content.records[i];
      for (Affected& affected : record.affected) {
        if (affected.ecosystem.empty() || affected.name.empty()) continue;
        settle(affected, content.notes);
        ++content.feed(record.feed).affected;
        Ecosystem& ecosystem = content.ecosystems[affected.ecosystem];
        ecosystem.feeds.insert(places.at(record.feed));
        if (affected.intervals.empty() && affected.native.empty()) continue;  // affects no version that can be told
        std::string name = affected.name;
        ecosystem.packages[std::move(name)].push_back({i, std::move(affected)});
      }
      record.affected.clear();
      record.affected.shrink_to_fit();
    }
    for (const auto& [key, names] : covered)
      for (const std::string& name : names) content.ecosystems[key].feeds.insert(places.at(name));
  }
};

Builder::Builder(std::string today) : state_(std::make_unique<State>()) { state_->today = std::move(today); }
Builder::~Builder() = default;

void Builder::add(std::string_view feed, AdvisoryRecord&& record, Merge merge) {
  if (!make_plausible(record, state_->today, state_->content.notes)) return;
  record.feed = feed;
  if (merge == Merge::Join && !record.document.empty()) {
    std::string key = cat(feed, "\n", record.id, "\n", record.document);
    const auto at = state_->documents.find(key);
    if (at == state_->documents.end()) state_->documents.emplace(std::move(key), std::move(record));
    else if (record.document_time > at->second.document_time) at->second = std::move(record);
    else if (record.document_time == at->second.document_time && unite(at->second, std::move(record)))
      note(cat(at->second.id, ": two versions of one document and time disagree; what either says is taken"));
    return;
  }
  FeedSummary& summary = state_->content.feed(feed);
  const auto [at, fresh] = state_->content.by_id.try_emplace(cat(feed, "\n", record.id), static_cast<std::uint32_t>(state_->content.records.size()));
  if (fresh) {
    ++summary.records;
    state_->content.records.push_back(std::move(record));
    return;
  }
  AdvisoryRecord& known = state_->content.records[at->second];
  if (merge == Merge::Newest) {
    if (record.modified > known.modified) known = std::move(record);
    else if (record.modified == known.modified && unite(known, std::move(record)))
      note(cat(known.id, ": two records of this id and time disagree; what either says is taken"));
    return;
  }
  std::move(record.affected.begin(), record.affected.end(), std::back_inserter(known.affected));
  known.aliases.insert(known.aliases.end(), record.aliases.begin(), record.aliases.end());
  known.fixes.insert(known.fixes.end(), record.fixes.begin(), record.fixes.end());
  known.reports.insert(known.reports.end(), record.reports.begin(), record.reports.end());
  known.severity = std::max(known.severity, record.severity);
  if (known.severity_source.empty()) known.severity_source = record.severity_source;
  if (known.title.empty()) known.title = record.title;
  if (known.cvss.empty()) known.cvss = std::move(record.cvss);
  if (known.cwes.empty()) known.cwes = std::move(record.cwes);
  known.modified = std::max(known.modified, record.modified);
}

void Builder::add(std::string_view feed, CveFacts&& facts) {
  const std::uint32_t packed = pack_cve(facts.cve);
  if (packed == 0) return;
  ++state_->content.feed(feed).cves;
  CveFacts& known = state_->content.cves[packed];
  known.cve = facts.cve;
  for (Cvss& cvss : facts.cvss)
    if (std::none_of(known.cvss.begin(), known.cvss.end(), [&](const Cvss& c) { return c.vector == cvss.vector && c.source == cvss.source; }))
      known.cvss.push_back(std::move(cvss));
  if (facts.epss) known.epss = facts.epss;
  if (facts.kev) known.kev = facts.kev;
  if (!facts.ssvc.exploitation.empty()) known.ssvc = facts.ssvc;
  known.cwes.insert(known.cwes.end(), facts.cwes.begin(), facts.cwes.end());
  if (known.published.empty()) known.published = facts.published;
  known.rejected = known.rejected || facts.rejected;
}

void Builder::add(EndOfLife&& end) {
  for (EndOfLife& known : state_->content.ends)
    if (known.distribution == end.distribution && known.release == end.release) {
      known = std::move(end);
      return;
    }
  state_->content.ends.push_back(std::move(end));
}

void Builder::date(std::string_view feed, std::string_view iso) {
  FeedSummary& summary = state_->content.feed(feed);
  if (is_to_come(iso, state_->today)) return note(cat("feed ", feed, ": it is dated ", to_utf8(iso.substr(0, 10)), ", which is yet to come: the date is not believed"));
  if (summary.date < iso) summary.date = iso;
}

void Builder::covers(std::string_view feed, std::string_view ecosystem) {
  state_->content.feed(feed);
  state_->covered[std::string(ecosystem)].insert(std::string(feed));
}

void Builder::file(std::string_view feed) { ++state_->content.feed(feed).files; }
void Builder::note(std::string text) {
  if (state_->content.notes.size() < 1000) state_->content.notes.insert(std::move(text));
}

void Builder::repository(std::string_view feed, std::string name, std::vector<std::string> cpes) {
  state_->content.feed(feed);
  std::vector<std::string>& known = state_->content.repositories[std::move(name)];
  known.insert(known.end(), std::make_move_iterator(cpes.begin()), std::make_move_iterator(cpes.end()));
  sort_unique(known);
}

void Builder::shortfall(Shortfall shortfall) {
  if (state_->content.shortfalls.size() < 1000) state_->content.shortfalls.insert(std::move(shortfall));
}

void Builder::same(std::string id, std::string alias) { state_->content.same.emplace(std::move(id), std::move(alias)); }

Result<Builder::Built> Builder::build(std::int64_t built_at, std::string_view private_key_pem) {
  Content& content = state_->content;
  for (auto& [key, record] : state_->documents) {
    if (record.affected.empty()) continue;  // speaks of nothing of ours
    record.document.clear();
    const std::string feed = record.feed;
    add(feed, std::move(record), Merge::Join);
  }
  state_->documents.clear();
  state_->file_statements();
  for (auto& [key, ecosystem] : content.ecosystems)
    if (key.starts_with("debian:"))
      for (auto& [name, package] : ecosystem.packages) reconcile(content, package);
  link_by_reference(content);
  close_aliases(content);
  Built built;
  PLIM_TRY(built.bytes, write_file(content, built_at, private_key_pem));
  for (const auto& [name, feed] : content.feeds) built.feeds.push_back(feed);
  return built;
}

}  // namespace plimsoll::advisory
