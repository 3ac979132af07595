// Which Maven group an artefact belongs to when its jar does not say: rules/java/groups.tsv.
#pragma once
#include <string_view>

namespace plimsoll::inventory {

// "spring-core" -> "org.springframework"; "okhttp", "2.7.5" -> "com.squareup.okhttp". Empty when no row fits.
// Thread-safe.
std::string_view known_java_group(std::string_view artifact, std::string_view version);

}  // namespace plimsoll::inventory
