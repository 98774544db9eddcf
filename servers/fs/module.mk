# The file server's tree on the host: unit tests and fuzzers.

FS_PURE := $(addprefix servers/fs/,budget.c content.c tree.c check.c paths.c changes.c listing.c archive.c opens.c notes.c clients.c waits.c digests.c) \
        servers/rt/pure/cpio.c servers/rt/message/check.c servers/rt/message/record.c $B/servers/proto/fs_values.c

$(call checked,$(FS_PURE)) $(call fuzzed,$(FS_PURE)): | $(PROTO_HEADERS)

# With the packer's writer: what it writes is to be what the tree reads.
$(eval $(call test_suite,fs,$(FS_PURE) tools/image/newc.c $(wildcard tests/unit/fs/*.c),-lsodium))

FS_FUZZERS := $(addprefix $B/tests/fuzz/fs/,archive changes)
$(foreach fuzzer,$(FS_FUZZERS),$(eval $(call fuzz_program,$(fuzzer),$(fuzzer:$B/%=%.c) $(FS_PURE),-lsodium)))

$B/tests/fuzz/fs/seed/archive: $B/tools/image/image $(shell find tests/fuzz/fs/seed)
	@mkdir -p $(@D)
	$< -o $@ tests/fuzz/fs/seed

SUITES += fuzz-fs
suite-fuzz-fs: $(FS_FUZZERS) $B/tests/fuzz/fs/seed/archive
	@tests/fuzz/run 30000 -max_len=4096 -seed_inputs=$(lastword $^) $(FS_FUZZERS)
