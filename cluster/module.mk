# Tests of the pure parts. (init, the name server, `describe` and others compile the sources into their
# programs.)

CLUSTER_SYSTEM := $(wildcard cluster/system/*.c)

$(eval $(call test_suite,registry,$(wildcard tests/unit/registry/*.c) $(wildcard cluster/core/*.c)))

SUITES += description
CLUSTER_FUZZ := $B/tests/fuzz/description/fuzz
$(eval $(call test_program,$B/tests/unit/description_test,tests/unit/description/main.c $(CLUSTER_SYSTEM)))
$(eval $(call fuzz_program,$(CLUSTER_FUZZ),tests/fuzz/description/fuzz.c $(CLUSTER_SYSTEM)))

suite-description: $B/tests/unit/description_test $(CLUSTER_FUZZ)
	$<
	@tests/fuzz/run 200000 -max_len=512 $(CLUSTER_FUZZ)
