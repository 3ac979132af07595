#include "format/sqlite.h"

#include <bit>
#include <map>

#include "base/text.h"

namespace plimsoll::format {
namespace {

constexpr std::string_view kMagic("SQLite format 3\0", 16);
constexpr std::uint8_t kInteriorTable = 0x05, kLeafTable = 0x0d;

// A big-endian base-128 number of at most nine bytes; sets `at` behind it. False when it leaves `bytes`.
bool read_varint(Bytes bytes, std::size_t& at, std::uint64_t& value) {
  value = 0;
  for (int i = 0; i < 9; ++i) {
    if (at >= bytes.size()) return false;
    const std::uint8_t byte = bytes[at++];
    if (i == 8) {
      value = (value << 8) | byte;
      return true;
    }
    value = (value << 7) | (byte & 0x7fu);
    if (byte < 0x80) return true;
  }
  return true;
}

std::int64_t signed_be(Bytes bytes) {
  std::uint64_t value = !bytes.empty() && (bytes[0] & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (const std::uint8_t byte : bytes) value = (value << 8) | byte;
  return static_cast<std::int64_t>(value);
}

// The values of one record. False when the lengths do not fit.
bool read_record(Bytes record, std::vector<SqliteValue>& values) {
  std::size_t at = 0;
  std::uint64_t header_size = 0;
  if (!read_varint(record, at, header_size) || header_size > record.size() || header_size < at) return false;
  std::size_t body = static_cast<std::size_t>(header_size);
  const Bytes header = record.first(body);
  while (at < header.size()) {
    std::uint64_t type = 0;
    if (!read_varint(header, at, type)) return false;
    static constexpr std::uint8_t kIntegerSizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0};
    const std::uint64_t size = type >= 12 ? (type - 12) / 2 : type < 10 ? kIntegerSizes[type] : 0;
    if (type == 10 || type == 11 || size > record.size() - body) return false;
    const Bytes bytes = record.subspan(body, static_cast<std::size_t>(size));
    body += static_cast<std::size_t>(size);
    SqliteValue& value = values.emplace_back();
    if (type >= 12) {
      value.kind = type % 2 == 0 ? SqliteValue::Kind::Blob : SqliteValue::Kind::Text;
      value.bytes = bytes;
    } else if (type == 7) {
      value.kind = SqliteValue::Kind::Real;
      value.real = std::bit_cast<double>(load_be<std::uint64_t>(bytes, 0));
    } else if (type != 0) {
      value.kind = SqliteValue::Kind::Integer;
      value.integer = type >= 8 ? static_cast<std::int64_t>(type) - 8 : signed_be(bytes);
    }
  }
  return true;
}

class Reader {
 public:
  Reader(Bytes file, const Limits& limits, std::vector<std::string>& problems) : file_(file), limits_(limits), problems_(problems) {}

  Status open() {
    if (!is_sqlite(file_)) return malformed("not a SQLite file");
    page_size_ = load_be<std::uint16_t>(file_, 16);
    if (page_size_ == 1) page_size_ = 65536;
    if (page_size_ < 512 || !std::has_single_bit(page_size_)) return malformed(cat("SQLite page size ", page_size_));
    const std::size_t reserved = file_[20];
    if (reserved > page_size_ - 480) return malformed(cat("SQLite pages reserve ", reserved, " bytes"));
    usable_ = page_size_ - reserved;
    pages_ = file_.size() / page_size_;
    if (file_.size() % page_size_ != 0) problems_.push_back(cat("the file ends inside page ", pages_ + 1));
    return Ok{};
  }

  // Takes pages out of a log instead: where each one's newest state lies. They reserve nothing, as rpm's do not.
  void open_log(std::size_t page_size, const std::map<std::uint64_t, std::size_t>& frames) {
    page_size_ = usable_ = page_size;
    pages_ = UINT32_MAX;
    frames_ = &frames;
  }

  // The table page `number` of a log; false when it is another kind of page.
  Result<bool> log_page(std::uint64_t number, SqliteTree::Page& out, const std::function<void(const SqliteRow&)>& visit) {
    const Bytes page = page_at(number);
    const std::size_t head = number == 1 ? 100 : 0;
    const std::uint8_t type = page[head];
    if (type != kLeafTable && type != kInteriorTable) return false;
    const std::size_t cells = load_be<std::uint16_t>(page, head + 3);
    const std::size_t pointers = head + (type == kInteriorTable ? 12 : 8);
    if (pointers + 2 * cells > usable_) return false;
    out = {.number = number, .leaf = type == kLeafTable, .items = {}};
    if ((rows_ += cells) > limits_.records) return limit_reached(cat("SQLite log has more than ", limits_.records, " rows"));
    for (std::size_t i = 0; i < cells; ++i) {
      const std::size_t cell = load_be<std::uint16_t>(page, pointers + 2 * i);
      if (type == kInteriorTable) {
        if (cell + 4 <= usable_) out.items.push_back(load_be<std::uint32_t>(page, cell));
        continue;
      }
      SqliteRow row;
      std::string assembled;
      const bool whole = leaf_cell(page, cell, row, assembled);
      if (row.row_id > 0) out.items.push_back(static_cast<std::uint64_t>(row.row_id));
      if (whole) visit(row);
      if (payload_bytes_ > 2 * file_.size()) return limit_reached("rows of a SQLite log share their bytes");
    }
    if (type == kInteriorTable) out.items.push_back(load_be<std::uint32_t>(page, head + 8));
    return true;
  }

  // Visits the table b-tree under `root` until visit returns false.
  Status walk(std::uint64_t root, const std::function<bool(const SqliteRow&)>& visit, SqliteTree* tree = nullptr) {
    std::vector<bool> seen(pages_ + 1);
    std::vector<std::uint64_t> todo{root};
    std::uint64_t rows = 0;
    while (!todo.empty()) {
      const std::uint64_t number = todo.back();
      todo.pop_back();
      if (number == 0 || number > pages_) {
        problem(number, "is outside the file");
        continue;
      }
      if (seen[number]) {
        problem(number, "is reached twice");
        continue;
      }
      seen[number] = true;
      const Bytes page = page_at(number);
      const std::size_t head = number == 1 ? 100 : 0;
      const std::uint8_t type = page[head];
      if (type != kLeafTable && type != kInteriorTable) {
        problem(number, "is no table page");
        continue;
      }
      const std::size_t cells = load_be<std::uint16_t>(page, head + 3);
      const std::size_t pointers = head + (type == kInteriorTable ? 12 : 8);
      if (pointers + 2 * cells > usable_) {
        problem(number, "has more cells than fit");
        continue;
      }
      SqliteTree::Page unwanted;
      SqliteTree::Page& kept = tree ? tree->pages.emplace_back() : unwanted;
      kept.number = number;
      kept.leaf = type == kLeafTable;
      if (type == kInteriorTable) {
        for (std::size_t i = 0; i < cells; ++i)
          if (const std::size_t cell = load_be<std::uint16_t>(page, pointers + 2 * i); cell + 4 <= usable_)
            kept.items.push_back(load_be<std::uint32_t>(page, cell));
        kept.items.push_back(load_be<std::uint32_t>(page, head + 8));
        todo.push_back(load_be<std::uint32_t>(page, head + 8));
        for (std::size_t i = cells; i-- > 0;) {
          const std::size_t cell = load_be<std::uint16_t>(page, pointers + 2 * i);
          if (cell + 4 > usable_) problem(number, "has a cell outside it");
          else todo.push_back(load_be<std::uint32_t>(page, cell));
        }
        continue;
      }
      for (std::size_t i = 0; i < cells; ++i) {
        if (++rows > limits_.records) return limit_reached(cat("SQLite table has more than ", limits_.records, " rows"));
        SqliteRow row;
        std::string assembled;
        if (!leaf_cell(page, load_be<std::uint16_t>(page, pointers + 2 * i), row, assembled)) problem(number, cat("has a damaged row ", i));
        else if (!visit(row)) return Ok{};
        if (row.row_id > 0) kept.items.push_back(static_cast<std::uint64_t>(row.row_id));
        if (payload_bytes_ > 2 * file_.size()) return malformed("SQLite rows share their bytes");
      }
    }
    return Ok{};
  }

 private:
  // Pages are counted from 1. Empty: a page that the log does not have.
  Bytes page_at(std::uint64_t number) const {
    if (frames_) {
      const auto found = frames_->find(number);
      return found == frames_->end() ? Bytes{} : file_.subspan(found->second, page_size_);
    }
    return file_.subspan(static_cast<std::size_t>(number - 1) * page_size_, page_size_);
  }

  void problem(std::uint64_t page, std::string_view what) {
    constexpr std::size_t kMostNamed = 20;  // a wholly overwritten file would name each of its pages
    if (problems_.size() < kMostNamed) problems_.push_back(cat("page ", page, " ", what));
  }

  bool leaf_cell(Bytes page, std::size_t at, SqliteRow& row, std::string& assembled) {
    std::uint64_t size = 0, row_id = 0;
    const Bytes usable = page.first(usable_);
    if (!read_varint(usable, at, size) || !read_varint(usable, at, row_id)) return false;
    row.row_id = static_cast<std::int64_t>(row_id);  // known even where the rest is not
    if (size > file_.size()) return false;
    payload_bytes_ += size;  // hostile cells may overlap, so that a small file gives endless rows
    // How much of a long payload stays on the page: fileformat2 §1.6.
    const std::uint64_t most = usable_ - 35, least = (usable_ - 12) * 32 / 255 - 23;
    std::uint64_t local = size;
    if (size > most) {
      local = least + (size - least) % (usable_ - 4);
      if (local > most) local = least;
    }
    if (local > usable.size() - at) return false;
    Bytes payload = usable.subspan(at, static_cast<std::size_t>(local));
    if (local < size) {
      at += static_cast<std::size_t>(local);
      if (usable.size() - at < 4) return false;
      if (!overflow(payload, load_be<std::uint32_t>(usable, at), static_cast<std::size_t>(size), assembled)) return false;
      payload = as_bytes(assembled);
    }
    return read_record(payload, row.values);
  }

  // Every overflow page adds bytes, so a loop ends when `size` is reached.
  bool overflow(Bytes first, std::uint32_t page, std::size_t size, std::string& out) const {
    out.reserve(size);
    out = as_text(first);
    while (out.size() < size) {
      if (page == 0 || page > pages_) return false;
      const Bytes whole = page_at(page);
      if (whole.empty()) return false;
      const Bytes bytes = whole.first(usable_);
      page = load_be<std::uint32_t>(bytes, 0);
      out += as_text(bytes.subspan(4, std::min(usable_ - 4, size - out.size())));
    }
    return true;
  }

  Bytes file_;
  const Limits& limits_;
  std::vector<std::string>& problems_;
  std::size_t page_size_ = 0, usable_ = 0;
  std::uint64_t pages_ = 0, payload_bytes_ = 0, rows_ = 0;
  const std::map<std::uint64_t, std::size_t>* frames_ = nullptr;
};

// The running checksum of a log (§4.2), over pairs of words in the byte order that its magic number names.
struct LogSum {
  bool big_endian = false;
  std::uint32_t first = 0, second = 0;
  void add(Bytes bytes) {
    const auto word = [&](std::size_t at) { return big_endian ? load_be<std::uint32_t>(bytes, at) : load_le<std::uint32_t>(bytes, at); };
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
      first += word(at) + second;
      second += word(at + 4) + first;
    }
  }
  bool matches(Bytes stored, std::size_t at) const { return load_be<std::uint32_t>(stored, at) == first && load_be<std::uint32_t>(stored, at + 4) == second; }
};

constexpr std::size_t kLogHeader = 32, kFrameHeader = 24;

// Whether a row of sqlite_schema (type, name, tbl_name, rootpage, sql) is that of `table`; then its root page, else 0.
std::uint64_t root_of(const SqliteRow& row, std::string_view table) {
  const auto& v = row.values;
  const bool is_it = v.size() >= 4 && as_text(v[0].bytes) == "table" && equals_ignore_case(as_text(v[1].bytes), table) && v[3].integer > 0;
  return is_it ? static_cast<std::uint64_t>(v[3].integer) : 0;
}

}  // namespace

bool is_sqlite(Bytes file) { return file.size() >= 512 && as_text(file).starts_with(kMagic); }

Status read_sqlite_table(Bytes file, std::string_view table, const Limits& limits, const std::function<void(const SqliteRow&)>& visit,
                         std::vector<std::string>& problems, SqliteTree* tree) {
  Reader reader(file, limits, problems);
  PLIM_CHECK(reader.open());
  std::uint64_t root = 0;
  PLIM_CHECK(reader.walk(1, [&](const SqliteRow& row) {
    root = root_of(row, table);
    return root == 0;
  }));
  if (root == 0) return malformed(cat("SQLite file has no table ", table));
  if (tree) tree->root = root;
  return reader.walk(
      root,
      [&](const SqliteRow& row) {
        visit(row);
        return true;
      },
      tree);
}

Result<SqliteLog> read_sqlite_log(Bytes wal, std::string_view table, const Limits& limits, const std::function<void(const SqliteRow&)>& visit) {
  SqliteLog out;
  out.left_out = sqlite_wal_frames(wal);
  if (out.left_out == 0) return out;
  const std::size_t page_size = load_be<std::uint32_t>(wal, 8);
  LogSum sum{.big_endian = (load_be<std::uint32_t>(wal, 0) & 1) != 0};
  sum.add(wal.first(24));
  if (page_size < 512 || page_size > 65536 || !std::has_single_bit(page_size) || !sum.matches(wal, 24)) return out;
  std::map<std::uint64_t, std::size_t> committed, open;  // page -> where its newest state lies
  std::uint64_t frames = 0, good = 0;
  for (std::size_t at = kLogHeader; frames < out.left_out; at += kFrameHeader + page_size) {
    const Bytes header = wal.subspan(at, kFrameHeader);
    sum.add(header.first(8));
    sum.add(wal.subspan(at + kFrameHeader, page_size));
    if (!sum.matches(header, 16)) break;
    ++frames;
    open[load_be<std::uint32_t>(header, 0)] = at + kFrameHeader;
    if (load_be<std::uint32_t>(header, 4) == 0) continue;
    for (const auto& [page, place] : open) committed[page] = place;
    open.clear();
    good = frames;
  }
  out.left_out -= good;
  std::vector<std::string> problems;
  Reader reader(wal, limits, problems);
  reader.open_log(page_size, committed);
  for (const auto& [number, place] : committed) {
    SqliteTree::Page page;
    PLIM_TRY(const bool is_table, reader.log_page(number, page, [&](const SqliteRow& row) {
      if (number != 1) return visit(row);
      if (out.tree.root == 0) out.tree.root = root_of(row, table);
    }));
    if (is_table) out.tree.pages.push_back(std::move(page));
  }
  return out;
}

std::uint64_t sqlite_wal_frames(Bytes wal) {
  if (wal.size() < kLogHeader || (load_be<std::uint32_t>(wal, 0) & ~1u) != 0x377f0682u) return 0;
  const std::uint64_t frame = kFrameHeader + std::uint64_t{load_be<std::uint32_t>(wal, 8)};
  const std::uint64_t salt = load_be<std::uint64_t>(wal, 16);
  std::uint64_t frames = 0;
  for (std::uint64_t at = kLogHeader; frame <= wal.size() - at; at += frame, ++frames)
    if (load_be<std::uint64_t>(wal, static_cast<std::size_t>(at) + 8) != salt) break;
  return frames;
}

}  // namespace plimsoll::format
