#include "scan/remembered.h"

#include <algorithm>
#include <array>

#include "base/file.h"
#include "base/hash.h"
#include "base/program.h"
#include "base/text.h"
#include "image/base_image.h"
#include "model/packed.h"

namespace plimsoll::scan {
namespace {

constexpr std::string_view kKind = "images";

// Whether digests name all there is of the image.
bool is_named(const oci::ImageSource& source) {
  const ImageConfig& config = source.config();
  if (config.config_digest.empty()) return false;
  for (std::size_t i = 0; i < config.layers.size(); ++i)
    if (config.layers[i].digest.empty() || config.layers[i].diff_id.empty() || !source.layer_directory(i).empty()) return false;
  return true;
}

void add_image(PackedWriter& key, const Request& request, const ImageConfig& config) {
  for (const std::string* text : {&request.image.target, &config.manifest_digest.text(), &config.config_digest.text(), &config.reference}) key.text(*text);
  key.pairs(config.annotations);
  key.number(config.layers.size());
  for (const LayerDescriptor& layer : config.layers) {
    for (const std::string* text : {&layer.digest.text(), &layer.diff_id.text(), &layer.media_type, &layer.created_by}) key.text(*text);
    key.number(layer.size_bytes);
  }
}

void add_question(PackedWriter& key, const Request& request) {
  key.number(request.parts.size());
  for (const Part part : request.parts) key.number(static_cast<std::uint64_t>(part));
  key.text(request.fingerprint_key);
  key.number(static_cast<std::uint64_t>(request.verify_packages));
  key.text(request.profile_directory);
  key.text(image::limits_text(request.limits));
}

void pack_os(PackedWriter& w, const Distribution& os) {
  for (const std::string* text : {&os.id, &os.version_id, &os.codename, &os.name, &os.variant, &os.cpe}) w.text(*text);
  w.texts(os.id_like);
  w.location(os.location);
  w.text(os.end_of_life.value_or(""));
}

Distribution unpack_os(PackedReader& r) {
  Distribution os;
  for (std::string* text : {&os.id, &os.version_id, &os.codename, &os.name, &os.variant, &os.cpe}) *text = r.view();
  os.id_like = r.texts();
  os.location = r.location();
  if (const std::string_view date = r.view(); !date.empty()) os.end_of_life = date;
  return os;
}

template <class Image>
auto texts_of(Image& image) {
  return std::array{&image.reference, &image.kind, &image.digest, &image.image_id, &image.platform, &image.created, &image.base_name, &image.base_digest, &image.config_json};
}

void pack_image(PackedWriter& w, const ImageInfo& image) {
  for (const std::string* text : texts_of(image)) w.text(*text);
  w.number(image.base_layers);
  pack_os(w, image.os);
  w.number(image.layers.size());
  for (const LayerInfo& layer : image.layers) {
    for (const std::string* text : {&layer.diff_id, &layer.digest, &layer.created_by}) w.text(*text);
    w.number(layer.size_bytes);
    w.number(static_cast<std::uint64_t>(layer.origin));
  }
}

ImageInfo unpack_image(PackedReader& r) {
  ImageInfo image;
  for (std::string* text : texts_of(image)) *text = r.view();
  image.base_layers = static_cast<std::uint32_t>(r.number());
  image.os = unpack_os(r);
  image.layers.resize(r.count(5));
  for (LayerInfo& layer : image.layers) {
    for (std::string* text : {&layer.diff_id, &layer.digest, &layer.created_by}) *text = r.view();
    layer.size_bytes = r.number();
    layer.origin = static_cast<Origin>(std::min<std::uint64_t>(r.number(), static_cast<std::uint64_t>(Origin::Own)));
  }
  return image;
}

template <class Left>
auto texts_of_suppressed(Left& left_out) {
  return std::array{&left_out.key, &left_out.id, &left_out.package, &left_out.by, &left_out.reason};
}

}  // namespace

std::string pack_subject(const Subject& subject) {
  std::string out;
  PackedWriter w(out);
  pack_image(w, subject.image);
  pack_os(w, subject.inventory.distribution);
  w.packages(subject.inventory.packages);
  w.gaps(subject.inventory.gaps);
  w.findings(subject.findings);
  w.number(subject.suppressed.size());
  for (const Suppressed& left_out : subject.suppressed)
    for (const std::string* text : texts_of_suppressed(left_out)) w.text(*text);
  w.number(subject.profile.has_value());
  if (subject.profile) {
    w.text(subject.profile->digest);
    w.number(subject.profile->executables);
    w.text(subject.profile->reference);
  }
  w.number(subject.rules.has_value());
  if (subject.rules) {
    w.text(subject.rules->digest);
    w.number(subject.rules->count);
  }
  w.number(subject.notices.size());
  for (const Notice& notice : subject.notices)
    for (const std::string* text : {&notice.about, &notice.where, &notice.what}) w.text(*text);
  return out;
}

std::optional<Subject> unpack_subject(Bytes bytes) {
  PackedReader r(bytes);
  Subject subject;
  subject.image = unpack_image(r);
  subject.inventory.distribution = unpack_os(r);
  subject.inventory.packages = r.packages();
  subject.inventory.gaps = r.gaps();
  subject.findings = r.findings();
  subject.suppressed.resize(r.count(5));
  for (Suppressed& left_out : subject.suppressed)
    for (std::string* text : texts_of_suppressed(left_out)) *text = r.view();
  if (r.number() != 0) {
    ProfileInfo& profile = subject.profile.emplace();
    profile.digest = r.view();
    profile.executables = r.number();
    profile.reference = r.view();
  }
  if (r.number() != 0) {
    RulesInfo& rules = subject.rules.emplace();
    rules.digest = r.view();
    rules.count = r.number();
  }
  subject.notices.resize(r.count(3));
  for (Notice& notice : subject.notices)
    for (std::string* text : {&notice.about, &notice.where, &notice.what}) *text = r.view();
  if (!r.ok() || !r.done()) return std::nullopt;
  return subject;
}

Result<Remembered> Remembered::make(const Request& request, const oci::ImageSource& source) {
  Remembered out;
  const std::string program = own_build_id();
  if (request.cache_directory.empty() || !request.classifiers.empty() || !request.rules.empty() || program.empty() || !is_named(source)) return out;
  const ImageConfig& config = source.config();
  auto cache = std::make_unique<image::FactsCache>(request.cache_directory, image::WalkOptions().cache_bytes, request.log);
  PLIM_TRY(const std::vector<image::KnownBase> listed, image::read_base_lists(request.known_bases, {}));
  std::vector<std::string> diff_ids;
  for (const LayerDescriptor& layer : config.layers) diff_ids.push_back(layer.diff_id.text());
  const image::BaseImage base = image::find_base(config, diff_ids, listed, *cache);

  std::string question;
  PackedWriter key(question);
  key.text(program);
  add_image(key, request, config);
  add_question(key, request);
  for (const std::string* text : {&base.name, &base.digest}) key.text(*text);
  key.number(base.layers);
  out.name_ = hash_hex(HashKind::Sha256, as_bytes(question));
  out.cache_ = std::move(cache);
  return out;
}

std::optional<Subject> Remembered::find() const {
  if (!cache_) return std::nullopt;
  const std::optional<std::string> record = cache_->read_note(kKind, name_);
  if (!record) return std::nullopt;
  std::optional<Subject> subject = unpack_subject(as_bytes(*record));
  if (subject && subject->profile && !subject->profile->reference.empty() && !exists(subject->profile->reference)) return std::nullopt;
  return subject;
}

void Remembered::keep(const Subject& subject) const {
  if (cache_) cache_->write_note(kKind, name_, pack_subject(subject));
}

}  // namespace plimsoll::scan
