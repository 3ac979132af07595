#include "model/facts.h"

void fuzz_model_facts(plimsoll::Bytes input) {
  if (const auto facts = plimsoll::read_facts(input)) {
    std::string again;
    plimsoll::write_facts(again, *facts);
    PLIM_ASSERT(plimsoll::read_facts(plimsoll::as_bytes(again)).has_value());
  }
}
