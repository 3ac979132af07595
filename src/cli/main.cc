#include "cli/verb.h"

int main(int argc, char** argv) { return static_cast<int>(plimsoll::cli::run(argc, argv)); }
