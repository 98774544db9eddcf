# The file server, and the host tests of its tree.

FS_PURE := budget content tree check paths changes listing archive opens
FS_TESTS := main content paths changes listing archive opens
FS_HOST_OBJECTS := $B/tests/unit/fs/rt/cpio.o $(FS_PURE:%=$B/tests/unit/fs/pure/%.o) $(FS_TESTS:%=$B/tests/unit/fs/%.o)

$B/tests/unit/fs/pure/%.o: servers/fs/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) $(SANITIZE) -c -o $@ $<

$B/tests/unit/fs/rt/%.o: servers/rt/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) $(SANITIZE) -c -o $@ $<

$B/tests/unit/fs/%.o: tests/unit/fs/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) $(SANITIZE) -c -o $@ $<

$B/tests/unit/fs/test: $(FS_HOST_OBJECTS)
	$(HOSTCC) $(SANITIZE) -o $@ $^ -lcheck -lsubunit -lm -lrt -lpthread

.PHONY: suite-fs
suite-fs: $B/tests/unit/fs/test
	$<
SUITES += fs

# Fuzzers, bounded.
FS_FUZZERS := archive changes
FS_FUZZ_RUNS ?= 30000

$B/tests/fuzz/fs/%: tests/fuzz/fs/%.c $(FS_PURE:%=servers/fs/%.c) servers/rt/cpio.c $(wildcard servers/fs/*.h)
	@mkdir -p $(@D)
	clang-14 -std=gnu11 -O1 -g -Wall -Wextra -Werror -I. -fsanitize=fuzzer,address,undefined \
	        -fno-sanitize-recover=all -o $@ $(filter %.c,$^)

$B/tests/fuzz/fs/seed/archive: $B/tools/image/image $(shell find tests/fuzz/fs/seed)
	@mkdir -p $(@D)
	$< -o $@ tests/fuzz/fs/seed

.PHONY: suite-fuzz-fs
suite-fuzz-fs: $(FS_FUZZERS:%=$B/tests/fuzz/fs/%) $B/tests/fuzz/fs/seed/archive
	@for f in $(FS_FUZZERS:%=$B/tests/fuzz/fs/%); do \
	        $$f -runs=$(FS_FUZZ_RUNS) -seed=1 -max_len=4096 -artifact_prefix=$$f- \
	                -seed_inputs=$B/tests/fuzz/fs/seed/archive || exit 1; \
	done
	@echo "$(words $(FS_FUZZERS)) passed, 0 failed"
SUITES += fuzz-fs
