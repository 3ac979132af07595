#include "base/program.h"
#include "cli/verb.h"

int main(int argc, char** argv) {
  plimsoll::prepare_heap();
  return static_cast<int>(plimsoll::cli::run(argc, argv));
}
