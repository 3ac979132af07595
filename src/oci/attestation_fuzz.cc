#include "oci/attestation.h"

// Any bytes as a statement: refused, or one whose texts are bounded. The subject is the digest that the corpus uses.
void fuzz_oci_attestation(plimsoll::Bytes input) {
  using namespace plimsoll;
  const auto digest = Digest::parse("sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
  PLIM_ASSERT(digest.has_value());
  const auto statement = oci::read_statement(as_text(input), *digest, Limits{});
  if (!statement) return;
  PLIM_ASSERT(statement->predicate_type.starts_with("https://slsa.dev/provenance/"));
  for (const std::string* text : {&statement->builder, &statement->source, &statement->revision, &statement->created}) PLIM_ASSERT(text->size() <= 3 * 2048);
}
