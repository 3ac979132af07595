#include "advisory/builder.h"
#include "advisory/feed.h"

namespace {

using namespace plimsoll;
using namespace plimsoll::advisory;

class BuilderSink : public FeedSink {
 public:
  explicit BuilderSink(std::string_view feed) : feed_(feed) {}
  void record(AdvisoryRecord&& record, Merge merge) override { builder.add(feed_, std::move(record), merge); }
  void cve(CveFacts&& facts) override { builder.add(feed_, std::move(facts)); }
  void end_of_life(EndOfLife&& end) override { builder.add(std::move(end)); }
  void date(std::string_view iso) override { builder.date(feed_, iso); }
  void covers(std::string_view ecosystem) override { builder.covers(feed_, ecosystem); }
  void repository(std::string name, std::vector<std::string> cpes) override { builder.repository(feed_, std::move(name), std::move(cpes)); }
  void same(std::string id, std::string alias) override { builder.same(std::move(id), std::move(alias)); }
  void shortfall(Shortfall&& shortfall) override { builder.shortfall(std::move(shortfall)); }
  void speak_as(std::string_view feed) override { feed_ = feed; }
  void note(std::string_view where, std::string_view why) override { builder.note(std::string(where) + std::string(why)); }
  Builder builder;

 private:
  std::string feed_;
};

}  // namespace

// Whatever a feed makes of the bytes must build, open and verify.
void fuzz_advisory_plugins(std::string_view plugin, plimsoll::Bytes input) {
  const Feed* feed = find_feed(plugin);
  PLIM_ASSERT(feed != nullptr);
  Input file = Input::over(input, "fuzz/input.json");
  auto head = file.head();
  if (!head.has_value()) return;
  (void)feed->claims({.path = "fuzz/input.yml", .name = "input.yml", .head = *head, .json = *head});
  BuilderSink sink(feed->name);
  Limits limits;
  limits.metadata_bytes = 1 << 20;
  if (!feed->read(file, sink, limits).has_value()) return;
  const auto built = sink.builder.build(1);
  PLIM_ASSERT(built.has_value());
  const auto database = Database::over(as_bytes(built->bytes));
  PLIM_ASSERT(database.has_value());
  PLIM_ASSERT(database->verify().has_value());
}
