# The protocol core's unit tests and fuzzers. The core itself is built by whom uses it: with the host's
# compiler by the simulator (tests/sim), with musl-gcc by the adapter (netipc/server).

NETIPC_CORE := $(wildcard netipc/core/*.c netipc/core/frames/*.c netipc/crypto/*.c)

$(eval $(call test_suite,netipc,$(wildcard tests/unit/netipc/*.c) $(NETIPC_CORE),-lsodium))

NETIPC_FUZZERS := $(addprefix $B/tests/fuzz/netipc/,hello packet session sealed)
$(foreach fuzzer,$(NETIPC_FUZZERS),$(eval $(call fuzz_program,$(fuzzer),$(fuzzer:$B/%=%.c) \
        tests/fuzz/netipc/node.c $(NETIPC_CORE),-lsodium)))

# What the fuzzers of the protocol, of keys and of frames begin with: a folder for each.
NETIPC_SEEDS := $B/tests/fuzz/netipc/seeds
$(NETIPC_SEEDS): $(call fuzzed,$(addprefix tests/fuzz/netipc/,seeds.c node.c) netipc/server/ethernet.c $(NETIPC_CORE)) \
                $B/fuzzed/common.a
	@mkdir -p $(addprefix $B/tests/fuzz/,netipc crypto transport)
	$(FUZZ_CC) $(SANITIZE) -o $@ $^ -lsodium
	$@ $B/tests/fuzz

SUITES += fuzz-netipc
suite-fuzz-netipc: $(NETIPC_FUZZERS) | $(NETIPC_SEEDS)
	@tests/fuzz/run 60000 -max_len=2048 $(filter-out %/sealed,$^)
	@tests/fuzz/run 3000 -max_len=1024 $(filter %/sealed,$^)
