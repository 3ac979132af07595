#include "base/program.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>

namespace plimsoll {

std::string own_build_id() {
  std::string id;
  // The first object told is the program itself.
  const auto read_notes = [](dl_phdr_info* info, std::size_t, void* out) {
    for (int i = 0; i < info->dlpi_phnum; ++i) {
      const auto& segment = info->dlpi_phdr[i];
      if (segment.p_type != PT_NOTE) continue;
      std::string_view rest(reinterpret_cast<const char*>(info->dlpi_addr + segment.p_vaddr), segment.p_memsz);
      while (rest.size() >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) note;
        std::memcpy(&note, rest.data(), sizeof(note));
        const auto padded = [](std::size_t size) { return (size + 3) & ~std::size_t{3}; };
        const std::size_t content = sizeof(note) + padded(note.n_namesz), next = content + padded(note.n_descsz);
        if (next > rest.size()) break;
        if (note.n_type == NT_GNU_BUILD_ID && rest.substr(sizeof(note), note.n_namesz) == std::string_view("GNU\0", 4))
          *static_cast<std::string*>(out) = rest.substr(content, note.n_descsz);
        rest.remove_prefix(next);
      }
    }
    return 1;
  };
  ::dl_iterate_phdr(read_notes, &id);
  return id;
}

void prepare_heap() {
  constexpr std::uintptr_t kHugePage = 2 << 20, kPages = 16;
  constexpr int kStep = 1 << 20, kMapped = 4 << 20, kKept = 48 << 20;
  ::mallopt(M_MMAP_THRESHOLD, kMapped);
  ::mallopt(M_TRIM_THRESHOLD, kKept);
  // The heap grows to the end of the sixteenth huge page after this one, by the pad that malloc adds to what it is asked for.
  const auto here = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  const std::uintptr_t start = (here / kHugePage + 1) * kHugePage, end = start + kPages * kHugePage;
  ::mallopt(M_TOP_PAD, static_cast<int>(end - here));
  void* volatile first = std::malloc(192 << 10);  // more than a new heap has (volatile: not to be left out as useless)
  const auto at = reinterpret_cast<std::uintptr_t>(first);
  std::free(first);
  ::mallopt(M_TOP_PAD, kStep);
  if (reinterpret_cast<std::uintptr_t>(::sbrk(0)) < end || at >= start) return;  // another malloc than glibc's
  static_cast<void>(::madvise(reinterpret_cast<void*>(start), end - start, MADV_HUGEPAGE));  // a wish, no more
  // What lies before the first huge page is taken and never touched: it would cost a page fault for each 4 KiB.
  static void* volatile unused = std::malloc(start - at > 128 ? start - at - 64 : 1);
  static_cast<void>(unused);
}

unsigned thread_count(unsigned asked) { return asked != 0 ? asked : std::max(1u, std::thread::hardware_concurrency()); }

}  // namespace plimsoll
