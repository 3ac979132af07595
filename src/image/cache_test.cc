#include "image/cache.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "image/test_walk.h"
#include "oci/test_image.h"

namespace plimsoll::image {
namespace {

namespace fs = std::filesystem;
using format::TestTar;
using oci::TestFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<Analyser> kTexts = {watcher("texts", {"**/*.txt"})};

struct Walker {
  TestFolder folder;
  std::vector<std::string> log;
  std::vector<Analyser> analysers = kTexts;
  std::string rules;
  Limits limits;

  std::string directory() const { return folder.path() + "/cache"; }
  Result<WalkedImage> walk(FakeSource& source) {
    return walk_image(source, {.limits = limits,
                               .analysers = analysers,
                               .cache_directory = directory(),
                               .rules_digest = rules,
                               .log = [this](std::string_view text) { log.emplace_back(text); }});
  }
  // How many layers were read from the source, the facts being right.
  int reads(FakeSource& source, const std::vector<std::string>& expected) {
    const int before = source.opened;
    Result<WalkedImage> image = walk(source);
    EXPECT_TRUE(image) << image.error().message();
    if (image) {
      EXPECT_EQ(seen(*image), expected);
    }
    return source.opened - before;
  }
  std::vector<fs::path> records() const {
    std::vector<fs::path> out;
    for (const auto& file : fs::directory_iterator(directory() + "/layers")) out.push_back(file.path());
    return out;
  }
};

FakeSource two_layers() {
  FakeSource source;
  source.add_tar(TestTar().file("a.txt", "low").file("b.txt", "low"));
  source.add_tar(TestTar().file("b.txt", "up").file("c.bin", "x"));
  return source;
}
const std::vector<std::string> kBoth = {"a.txt@0 a.txt=low", "b.txt@1 b.txt=up"};

TEST(cache, a_second_scan_reads_no_layer) {
  Walker walker;
  FakeSource source = two_layers();
  EXPECT_EQ(walker.reads(source, kBoth), 2);
  EXPECT_EQ(walker.reads(source, kBoth), 0);
  // Another image on the same base: only its own layer.
  FakeSource other;
  other.add_tar(TestTar().file("a.txt", "low").file("b.txt", "low"));
  other.add_tar(TestTar().file("d.txt", "own"));
  EXPECT_EQ(walker.reads(other, {"a.txt@0 a.txt=low", "b.txt@0 b.txt=low", "d.txt@1 d.txt=own"}), 1);
  EXPECT_THAT(walker.log, IsEmpty());
}

TEST(cache, gaps_and_deleted_files_come_back) {
  Walker walker;
  FakeSource source;
  source.add_tar(TestTar().file("a.txt", "fail").file("key.txt", "k"));
  source.add_tar(TestTar().file(".wh.key.txt", ""));
  for (int round = 0; round < 2; ++round) {
    Result<WalkedImage> image = walker.walk(source);
    ASSERT_TRUE(image);
    EXPECT_THAT(image->gaps(), ElementsAre(Gap{"texts", "a.txt", "told to fail"}));
    ASSERT_EQ(image->all_layers(0).size(), 1u);
    EXPECT_TRUE(image->all_layers(0)[0].deleted);
    EXPECT_EQ(image->statistics().layers_cached, round == 0 ? 0u : 2u);
  }
}

TEST(cache, what_the_facts_depend_on_is_in_the_key) {
  Walker walker;
  FakeSource source = two_layers();
  EXPECT_EQ(walker.reads(source, kBoth), 2);
  walker.analysers[0].version = 2;
  EXPECT_EQ(walker.reads(source, kBoth), 2);
  walker.analysers[0].paths.push_back("elsewhere/*");
  EXPECT_EQ(walker.reads(source, kBoth), 2);
  walker.analysers[0].magics.push_back("MZ");
  EXPECT_EQ(walker.reads(source, kBoth), 2);
  walker.analysers[0].nested = false;
  EXPECT_EQ(walker.reads(source, kBoth), 2);
  walker.analysers[0].scope = Scope::Image;
  EXPECT_EQ(walker.reads(source, kBoth), 2);
  walker.rules = "sha256:1";
  EXPECT_EQ(walker.reads(source, kBoth), 2);
  walker.limits.file_bytes = 1000;
  EXPECT_EQ(walker.reads(source, kBoth), 2);
  walker.analysers.push_back(watcher("more", {"x"}));
  EXPECT_EQ(walker.reads(source, kBoth), 2);
  EXPECT_EQ(walker.reads(source, kBoth), 0);
}

TEST(cache, a_forged_config_cannot_borrow_a_clean_layers_facts) {
  Walker walker;
  FakeSource clean;
  clean.add_tar(TestTar().file("a.txt", "clean"));
  EXPECT_EQ(walker.reads(clean, {"a.txt@0 a.txt=clean"}), 1);
  // Another blob that claims the clean diffID: read, and refused.
  FakeSource forged;
  forged.add_tar(TestTar().file("a.txt", "bad"));
  forged.config().layers[0].diff_id = clean.config().layers[0].diff_id;
  EXPECT_THAT(walker.walk(forged).error().message(), HasSubstr("diffID does not match"));
  // Without a blob digest (docker save) the bytes are read each time, but not analysed again.
  FakeSource archive;
  const std::string tar = TestTar().file("a.txt", "clean").end();
  archive.add(tar, tar);
  archive.config().layers[0].digest = {};
  Result<WalkedImage> image = walker.walk(archive);
  ASSERT_TRUE(image);
  EXPECT_EQ(image->statistics().analysed, 0u);
  EXPECT_THAT(seen(*image), ElementsAre("a.txt@0 a.txt=clean"));
  archive.stored_[0][600] = 'X';
  EXPECT_FALSE(walker.walk(archive));
}

TEST(cache, another_compression_of_a_known_layer_is_read_but_not_analysed) {
  Walker walker;
  const std::string tar = TestTar().file("a.txt", "x").end();
  FakeSource first, second;
  first.add(format::gzip(tar), tar);
  second.add(format::zstd(tar), tar);
  EXPECT_EQ(walker.reads(first, {"a.txt@0 a.txt=x"}), 1);
  Result<WalkedImage> image = walker.walk(second);
  ASSERT_TRUE(image);
  EXPECT_EQ(image->statistics().analysed, 0u);
  EXPECT_EQ(walker.reads(second, {"a.txt@0 a.txt=x"}), 0);
}

TEST(cache, damaged_records_are_made_anew_and_said) {
  for (const int damage : {0, 1, 2, 3}) {
    Walker walker;
    FakeSource source = two_layers();
    walker.reads(source, kBoth);
    auto records = walker.records();
    ASSERT_EQ(records.size(), 2u);
    switch (damage) {
      case 0: fs::resize_file(records[0], fs::file_size(records[0]) / 2); break;
      case 1: fs::resize_file(records[0], 0); break;
      case 2: {
        std::fstream file(records[0], std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(fs::file_size(records[0]) - 9));
        file.put('!');
        break;
      }
      default: fs::copy_file(records[1], records[0], fs::copy_options::overwrite_existing);  // another layer's facts
    }
    EXPECT_EQ(walker.reads(source, kBoth), 1) << damage;
    ASSERT_EQ(walker.log.size(), 1u) << damage;
    EXPECT_THAT(walker.log[0], HasSubstr("is damaged and made anew: layer record: "));
    EXPECT_EQ(walker.reads(source, kBoth), 0) << damage;
  }
}

TEST(cache, every_flipped_byte_of_a_record_is_noticed) {
  LayerBuilder builder;
  const std::uint32_t node = builder.add("a/b", NodeKind::File);
  builder.add_fact(node, 0, "in", builder.add_blob("blob"), 4);
  const std::string key(32, 'k');
  const std::string record = builder.finish(key);
  ASSERT_TRUE(LayerRecord::open(as_bytes(record), key, 1));
  EXPECT_FALSE(LayerRecord::open(as_bytes(record), std::string(32, 'x'), 1));
  EXPECT_FALSE(LayerRecord::open(as_bytes(record), key, 0));  // names an analyser that there is not
  for (std::size_t i = 0; i < record.size(); ++i) {
    if (i >= 12 && i < 16) continue;  // the one reserved word before the checksum
    std::string bad = record;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    EXPECT_FALSE(LayerRecord::open(as_bytes(bad), key, 1)) << i;
  }
  for (std::size_t size = 0; size < record.size(); size += 7) EXPECT_FALSE(LayerRecord::open(as_bytes(record).first(size), key, 1));
}

TEST(cache, no_room_costs_the_entry_not_the_scan) {
  Walker walker;
  FakeSource source = two_layers();
  // A file size of zero is what a full disk is like: every write fails.
  struct rlimit old {};
  ::getrlimit(RLIMIT_FSIZE, &old);
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit none{0, old.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &none);
  const int reads = walker.reads(source, kBoth);
  ::setrlimit(RLIMIT_FSIZE, &old);
  ::signal(SIGXFSZ, handler);
  EXPECT_EQ(reads, 2);
  EXPECT_EQ(walker.log.size(), 5u);  // two records, two pairs, one base
  EXPECT_THAT(walker.log.at(0), HasSubstr("layer cache: "));
  EXPECT_THAT(walker.records(), IsEmpty());
  EXPECT_EQ(walker.reads(source, kBoth), 2);
  EXPECT_EQ(walker.reads(source, kBoth), 0);
}

TEST(cache, pruned_least_recently_used_first) {
  TestFolder folder;
  FactsCache cache(folder.path(), 100'000, nullptr);
  const std::string record(40'000, 'x');
  for (int i = 0; i < 4; ++i) {
    cache.add(std::string(32, static_cast<char>('a' + i)), as_bytes(record));
    const std::string path = cat(folder.path(), "/layers/", to_hex(std::string(32, static_cast<char>('a' + i))));
    const timespec when[2] = {{1000 + i, 0}, {1000 + (i == 0 ? 9 : i), 0}};  // the first was used last
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), when, 0), 0);
  }
  folder.write("layers/.part-old", "left behind");
  const timespec old[2] = {{1000, 0}, {1000, 0}};
  ::utimensat(AT_FDCWD, (folder.path() + "/layers/.part-old").c_str(), old, 0);
  folder.write("layers/.part-new", "being written");
  cache.prune();
  std::vector<std::string> left;
  for (const auto& file : fs::directory_iterator(folder.path() + "/layers")) left.push_back(file.path().filename());
  EXPECT_THAT(left, testing::UnorderedElementsAre(".part-new", to_hex(std::string(32, 'a')), to_hex(std::string(32, 'd'))));
}

// Runs `work` in a child; the child ends without the parent's clean-up.
template <class Work>
pid_t child(const Work& work) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    work();
    ::_exit(0);
  }
  return pid;
}

TEST(cache, many_processes_at_once) {
  Walker walker;
  std::vector<pid_t> children;
  for (int i = 0; i < 6; ++i)
    children.push_back(child([&] {
      for (int round = 0; round < 20; ++round) {
        FakeSource source = two_layers();
        const auto image = walker.walk(source);
        if (!image || seen(*image) != kBoth || !walker.log.empty()) ::_exit(1);
        if (round % 7 != 6) continue;
        std::error_code gone;  // another process's pruning
        for (const fs::path& record : walker.records())
          if (!record.filename().string().starts_with(".part-")) fs::remove(record, gone);
      }
    }));
  for (const pid_t pid : children) {
    int status = 0;
    ::waitpid(pid, &status, 0);
    EXPECT_EQ(status, 0);
  }
}

TEST(cache, survives_kill_9) {
  Walker walker;
  for (int round = 0; round < 30; ++round) {
    const pid_t pid = child([&] {
      for (int i = 0;; ++i) {
        FakeSource source;
        source.add_tar(TestTar().file("a.txt", cat("text ", i)).file("b.txt", std::string(50'000, 'x')));
        (void)walker.walk(source);
      }
    });
    std::this_thread::sleep_for(std::chrono::microseconds(300 + 400 * round));
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  // Whatever the killed ones left behind is right or absent.
  for (int i = 0; i < 5; ++i) {
    FakeSource source;
    source.add_tar(TestTar().file("a.txt", cat("text ", i)).file("b.txt", std::string(50'000, 'x')));
    const auto image = walker.walk(source);
    ASSERT_TRUE(image);
    EXPECT_EQ(seen(*image).at(0), cat("a.txt@0 a.txt=text ", i));
  }
  EXPECT_THAT(walker.log, IsEmpty());
}

}  // namespace
}  // namespace plimsoll::image
