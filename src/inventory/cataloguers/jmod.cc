// jmod: the modules of a Java development kit, as jmods hold them.
//
// Input   classes/module-info.class inside NAME.jmod; hostile.
// Output  one generic Package "jmod/NAME" for each, with the module's own version (the JDK's).
// Errors  Malformed. A module without a version is kept without one (property "unversioned").
// Cost    the constant pool of a file of some hundred bytes.
// Source  JVM Specification 17, §4.1 (class files), §4.4 (constant pool), §4.7.25 (Module attribute); JEP 261 (jmods).
#include "inventory/cataloguer.h"
#include "inventory/harvest.h"

namespace plimsoll::inventory {
namespace {

// Reads big-endian numbers one after another; past the end it gives 0 and stays there, with failed() true.
class Cursor {
 public:
  explicit Cursor(Bytes bytes) : bytes_(bytes) {}
  template <class T>
  T take() {
    if (at_ + sizeof(T) > bytes_.size()) {
      failed_ = true;
      at_ = bytes_.size();
      return 0;
    }
    const T value = load_be<T>(bytes_, at_);
    at_ += sizeof(T);
    return value;
  }
  Bytes take_bytes(std::size_t size) {
    if (size > bytes_.size() - at_) {
      failed_ = true;
      at_ = bytes_.size();
      return {};
    }
    const Bytes out = bytes_.subspan(at_, size);
    at_ += size;
    return out;
  }
  bool failed() const { return failed_; }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

struct Constant {
  std::uint8_t tag = 0;
  std::uint16_t index = 0;  // of a Module or Class constant: its name
  std::string_view text;    // of Utf8
};

Result<std::vector<Constant>> read_constants(Cursor& cursor) {
  const std::uint16_t count = cursor.take<std::uint16_t>();
  std::vector<Constant> pool(count);
  for (std::size_t i = 1; i < count && !cursor.failed(); ++i) {
    Constant& constant = pool[i];
    constant.tag = cursor.take<std::uint8_t>();
    if (cursor.failed()) break;
    switch (constant.tag) {
      case 1:
        constant.text = as_text(cursor.take_bytes(cursor.take<std::uint16_t>()));
        break;  // Utf8
      case 7:
      case 8:
      case 16:
      case 19:
      case 20:
        constant.index = cursor.take<std::uint16_t>();
        break;  // Class, String, MethodType, Module, Package
      case 15:
        cursor.take_bytes(3);
        break;  // MethodHandle
      case 3:
      case 4:
      case 9:
      case 10:
      case 11:
      case 12:
      case 17:
      case 18:
        cursor.take_bytes(4);
        break;
      case 5:
      case 6:
        cursor.take_bytes(8);
        ++i;
        break;  // Long and Double take two places
      default:
        return malformed(cat("class file constant ", i, " has the unknown tag ", static_cast<int>(constant.tag)));
    }
  }
  if (cursor.failed()) return malformed("a class file that is cut short");
  return pool;
}

Result<Facts> extract(const FileView& file, const Limits& limits) {
  if (!archive_of(file.path).ends_with(".jmod")) return Facts{};
  Cursor cursor(file.content);
  if (cursor.take<std::uint32_t>() != 0xCAFEBABEu) return malformed("not a class file");
  cursor.take_bytes(4);  // version of the format
  PLIM_TRY(const auto pool, read_constants(cursor));
  const auto text_at = [&](std::size_t index) { return index < pool.size() ? pool[index].text : std::string_view(); };
  cursor.take_bytes(6);                                              // access, this, super
  cursor.take_bytes(std::size_t{cursor.take<std::uint16_t>()} * 2);  // interfaces: none in a module
  if (cursor.take<std::uint16_t>() != 0 || cursor.take<std::uint16_t>() != 0)
    return malformed("a module-info with fields or methods");
  const std::uint16_t attributes = cursor.take<std::uint16_t>();
  Harvest harvest(file, "jmod", limits);
  for (std::size_t i = 0; i < attributes && !cursor.failed(); ++i) {
    const std::string_view name = text_at(cursor.take<std::uint16_t>());
    Cursor attribute(cursor.take_bytes(cursor.take<std::uint32_t>()));
    if (name != "Module") continue;
    const std::size_t module = attribute.take<std::uint16_t>();
    attribute.take_bytes(2);  // flags
    const std::size_t version = attribute.take<std::uint16_t>();
    if (attribute.failed() || module >= pool.size()) break;
    Package* package = harvest.add("generic", "jmod", text_at(pool[module].index), text_at(version));
    if (package && package->version.empty()) package->set_property("unversioned", "true");
    return harvest.take();
  }
  return malformed("a module-info without a Module attribute");
}

// The module lies in its jmod: that is its place.
Result<Catalogue> resolve(const SquashedFacts& facts) {
  PLIM_TRY(Catalogue out, resolve_each(facts));
  for (Package& package : out.packages)
    for (Location& location : package.locations) location.path = std::string(archive_of(location.path));
  return out;
}

}  // namespace

Cataloguer jmod() {
  return {.name = "jmod",
          .version = 1,
          .paths = {"classes/module-info.class"},
          .input = Posture::Hostile,
          .extract = extract,
          .resolve = resolve};
}

}  // namespace plimsoll::inventory
