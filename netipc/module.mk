# The protocol core's unit tests and fuzzers. The core itself is built by whom uses it: with the host's
# compiler by the simulator (tests/sim), with musl-gcc by the adapter (netipc/server).

NETIPC_CORE := $(patsubst netipc/core/%.c,%,$(wildcard netipc/core/*.c))

SUITES += netipc fuzz-netipc

NETIPC_TEST := $B/tests/unit/netipc
NETIPC_UNITS := $(patsubst tests/unit/netipc/%.c,%,$(wildcard tests/unit/netipc/*.c))

$(NETIPC_TEST)/core/%.o: netipc/core/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) $(SANITIZE) -c -o $@ $<

$(NETIPC_TEST)/%.o: tests/unit/netipc/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) $(SANITIZE) -c -o $@ $<

$(NETIPC_TEST)/unit: $(NETIPC_CORE:%=$(NETIPC_TEST)/core/%.o) $(NETIPC_UNITS:%=$(NETIPC_TEST)/%.o)
	$(HOSTCC) $(SANITIZE) -o $@ $^ -lsodium $$(pkg-config --libs check)

.PHONY: suite-netipc suite-fuzz-netipc
suite-netipc: $(NETIPC_TEST)/unit
	$<

# Fuzzers: each runs a bounded number of inputs, the same ones each time.

NETIPC_FUZZ := $B/tests/fuzz/netipc
NETIPC_FUZZERS := hello packet session
NETIPC_FUZZ_RUNS ?= 60000
NETIPC_FUZZ_CC := clang-14 -std=gnu11 -O1 -g -Wall -Wextra -Werror -MMD -MP -I. -I$B \
                  -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all

$(NETIPC_FUZZ)/core/%.o: netipc/core/%.c
	@mkdir -p $(@D)
	$(NETIPC_FUZZ_CC) -c -o $@ $<

$(NETIPC_FUZZ)/%.o: tests/fuzz/netipc/%.c
	@mkdir -p $(@D)
	$(NETIPC_FUZZ_CC) -c -o $@ $<

$(NETIPC_FUZZERS:%=$(NETIPC_FUZZ)/fuzz_%): $(NETIPC_FUZZ)/fuzz_%: $(NETIPC_FUZZ)/%.o \
		$(NETIPC_FUZZ)/node.o $(NETIPC_CORE:%=$(NETIPC_FUZZ)/core/%.o)
	clang-14 -fsanitize=fuzzer,address,undefined -o $@ $^ -lsodium

suite-fuzz-netipc: $(NETIPC_FUZZERS:%=$(NETIPC_FUZZ)/fuzz_%)
	@passed=0; failed=0; \
	for fuzzer in $(NETIPC_FUZZERS); do \
		if $(NETIPC_FUZZ)/fuzz_$$fuzzer -runs=$(NETIPC_FUZZ_RUNS) -seed=1 -max_len=2048 \
			-artifact_prefix=$(NETIPC_FUZZ)/ -print_final_stats=1; \
		then passed=$$((passed + 1)); else failed=$$((failed + 1)); fi; \
	done; \
	echo "$$passed passed, $$failed failed"; [ $$failed -eq 0 ]
