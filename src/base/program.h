// This very program and the machine it runs on.
#pragma once
#include <string>

namespace plimsoll {

// What tells this program from any other: the linker's build id (ELF note NT_GNU_BUILD_ID), raw; empty when it was linked
// without one.
std::string own_build_id();

// For a program that is about to allocate some megabytes in small pieces: the first part of the heap is made at once and laid
// in huge pages where the kernel grants them, so that it costs a few page faults instead of thousands. Call it at the start.
void prepare_heap();

// How many threads to use where `asked` is 0 for "one per processor".
unsigned thread_count(unsigned asked);

}  // namespace plimsoll
