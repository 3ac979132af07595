# plimsoll: the commands a newcomer needs. `make demo` and `make test` install what is missing on a Debian 12 machine.
#   make demo [IMAGE=reference]   build, scan a real image, show the result
#   make test                     all tests, and the parsers' corpora under the address sanitizer
#   make bench                    the figures of docs/performance.md
#   make build | format | clean
.PHONY: demo test bench build format clean
JOBS ?= $(shell nproc)

demo:
	@tools/setup build demo
	@tools/demo $(IMAGE)

test:
	@tools/setup build test demo references
	@tools/test $(JOBS)

bench:
	@tools/setup build bench
	@bench/run

build:
	@tools/setup build
	@cmake --preset release >/dev/null && cmake --build --preset release -j $(JOBS)

format:
	@git ls-files '*.cc' '*.h' | xargs clang-format-14 -i

clean:
	@rm -rf build
