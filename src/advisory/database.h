// Database: the advisory database, one immutable file, memory-mapped; and a stack of it with overlays.
//
// Open    reads the header alone (microseconds): magic, format, size, its checksum, the root over the block checksums.
//         A torn, truncated, older-format or altered file is an Error, never an empty database.
// Reading each 1 KiB block is checked against its SHA-256 when first touched and never again; the bitmap of checked
//         blocks is atomic, so any number of threads read without a lock. A block that fails makes the question an
//         Error. verify() reads all.
// Threads all const functions are safe from many threads. Processes share the mapping; the file is only ever replaced
//         by rename, so a reader keeps the one it opened.
// Format  FORMAT.md, in this folder.
// Example PLIM_TRY(auto database, Database::open(path));
//         CandidateList list;
//         PLIM_CHECK(database.candidates("debian:12", "openssl", list));
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "model/advisory.h"

namespace plimsoll::advisory {

// What a feed brought into a database.
struct FeedSummary {
  std::string name;         // plugin name: "debian_oval"
  std::string date;         // of its data, ISO; empty when it says none
  std::uint64_t files = 0, records = 0, affected = 0, cves = 0;
  std::vector<std::string> ecosystems;  // sorted
};

class Database : public AdvisoryIndex {
 public:
  // Errors: NotFound, Malformed (torn, altered), Unsupported (format of another age), Io.
  static Result<Database> open(const std::string& path);
  // A database in memory (tests, fuzzing); `bytes` must outlive it.
  static Result<Database> over(Bytes bytes);
  ~Database() override;
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;

  const EcosystemInfo* ecosystem(std::string_view key) const override;
  Status candidates(std::string_view ecosystem, std::string_view name, CandidateList& out) const override;
  Result<AdvisoryRecord> record(const Candidate& candidate) const override;
  Result<std::optional<CveFacts>> cve(std::string_view id) const override;
  std::optional<EndOfLife> end_of_life(std::string_view distribution, std::string_view release) const override;
  DatabaseInfo info() const override;
  Result<std::vector<std::string>> repository(std::string_view name) const override;
  std::vector<Shortfall> shortfalls() const override;

  Result<AdvisoryRecord> record_at(std::uint32_t record) const;
  // Records known under `id`, as id, alias or CVE fixed (any case).
  Result<std::vector<std::uint32_t>> find(std::string_view id) const;
  // Every package of an ecosystem, in the file's order. The views end with the call. Stops at the first Error.
  Status each_package(std::string_view ecosystem, const std::function<Status(std::string_view name, const CandidateList&)>& visit) const;
  Status each_cve(const std::function<Status(const CveFacts&)>& visit) const;
  Status each_repository(const std::function<Status(std::string_view name, const std::vector<std::string>& cpes)>& visit) const;
  std::vector<std::string> ecosystems() const;  // sorted
  const std::vector<FeedSummary>& feeds() const;
  const std::vector<EndOfLife>& ends_of_life() const;
  const std::vector<std::string>& notes() const;  // what the import could not read, one line each

  struct Check {
    std::uint64_t blocks = 0, bytes = 0;
    bool is_signed = false, signature_good = false;
    std::string key_id;  // hex SHA-256 of the public key
  };
  // Reads every block. `public_key` (raw Ed25519, 32 bytes): the signature must be by it; empty: any, told in the result.
  // Errors: Malformed naming the first bad block; Denied when a key is demanded and the signature is not by it.
  Result<Check> verify(std::string_view public_key = {}) const;
  std::uint64_t size_bytes() const;

 private:
  struct State;
  explicit Database(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A database with overlays above it, in order: a later one has the last word on a record id for a package.
class Stack : public AdvisoryIndex {
 public:
  explicit Stack(std::vector<Database> databases);  // at least one; the first is the shipped one
  const EcosystemInfo* ecosystem(std::string_view key) const override;
  Status candidates(std::string_view ecosystem, std::string_view name, CandidateList& out) const override;
  Result<AdvisoryRecord> record(const Candidate& candidate) const override;
  Result<std::optional<CveFacts>> cve(std::string_view id) const override;
  std::optional<EndOfLife> end_of_life(std::string_view distribution, std::string_view release) const override;
  DatabaseInfo info() const override;
  Result<std::vector<std::string>> repository(std::string_view name) const override;
  std::vector<Shortfall> shortfalls() const override;
  const Database& base() const { return databases_.front(); }
  const std::vector<Database>& databases() const { return databases_; }

 private:
  std::vector<Database> databases_;
  std::map<std::string, EcosystemInfo, std::less<>> ecosystems_;
};

}  // namespace plimsoll::advisory
