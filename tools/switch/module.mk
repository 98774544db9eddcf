# The testbed's Ethernet switch, its unit tests (Check), functional tests, fuzzers and PXE test.

SWITCH_BINARY := $B/tools/switch/portolan-switch
SWITCH_PARTS := beneath capture command control delays dhcp fabric gateway impairment journal link macs \
                options packet ports router text tftp tftp_request

PROGRAMS += $(SWITCH_BINARY)

$(SWITCH_BINARY): $(SWITCH_PARTS:%=$B/tools/switch/%.o) $B/tools/switch/main.o
	$(HOSTCC) -o $@ $^

$B/tools/switch/%.o: tools/switch/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) -D_GNU_SOURCE -c -o $@ $<

# Tests. The parts and the program are built once more, with sanitizers.

SUITES += switch fuzz-switch pxe

SWITCH_TEST := $B/tests/unit/switch
SWITCH_UNITS := unit $(patsubst tests/unit/switch/%.c,%,$(wildcard tests/unit/switch/test_*.c))
SWITCH_TEST_FLAGS := $(HOST_CFLAGS) -D_GNU_SOURCE $(SANITIZE)
SWITCH_FUNCTIONAL := $(patsubst tests/unit/switch/%.c,%,$(wildcard tests/unit/switch/functional*.c))

$(SWITCH_TEST)/part/%.o: tools/switch/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(SWITCH_TEST_FLAGS) -c -o $@ $<

$(SWITCH_TEST)/%.o: tests/unit/switch/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(SWITCH_TEST_FLAGS) -c -o $@ $<

$(SWITCH_TEST)/unit: $(SWITCH_PARTS:%=$(SWITCH_TEST)/part/%.o) $(SWITCH_UNITS:%=$(SWITCH_TEST)/%.o)
	$(HOSTCC) $(SANITIZE) -o $@ $^ $$(pkg-config --libs check)

$(SWITCH_TEST)/portolan-switch: $(SWITCH_PARTS:%=$(SWITCH_TEST)/part/%.o) $(SWITCH_TEST)/part/main.o
	$(HOSTCC) $(SANITIZE) -o $@ $^

$(SWITCH_TEST)/functional: $(SWITCH_FUNCTIONAL:%=$(SWITCH_TEST)/%.o) $(SWITCH_PARTS:%=$(SWITCH_TEST)/part/%.o)
	$(HOSTCC) $(SANITIZE) -o $@ $^ $$(pkg-config --libs check)

.PHONY: suite-switch suite-fuzz-switch suite-pxe
suite-switch: $(SWITCH_TEST)/unit $(SWITCH_TEST)/functional $(SWITCH_TEST)/portolan-switch
	$(SWITCH_TEST)/unit
	$(SWITCH_TEST)/functional $(SWITCH_TEST)/portolan-switch

suite-pxe: $(SWITCH_BINARY)
	@tests/unit/switch/pxe.sh $(SWITCH_BINARY)

# Fuzzers: every part is built for them, too. Each runs a bounded number of inputs.

SWITCH_FUZZ := $B/tests/fuzz/switch
SWITCH_FUZZERS := gateway command
SWITCH_FUZZ_CC := clang-14 -std=gnu11 -O1 -g -Wall -Wextra -Werror -MMD -MP -I. -I$B -D_GNU_SOURCE \
                  -fsanitize=address,undefined -fno-sanitize-recover=all

$(SWITCH_FUZZ)/part/%.o: tools/switch/%.c
	@mkdir -p $(@D)
	$(SWITCH_FUZZ_CC) -fsanitize=fuzzer-no-link -c -o $@ $<

$(SWITCH_FUZZ)/%.o: tests/fuzz/switch/%.c
	@mkdir -p $(@D)
	$(SWITCH_FUZZ_CC) -fsanitize=fuzzer-no-link -c -o $@ $<

$(SWITCH_FUZZERS:%=$(SWITCH_FUZZ)/fuzz_%): $(SWITCH_FUZZ)/%: $(SWITCH_FUZZ)/%.o \
                $(SWITCH_PARTS:%=$(SWITCH_FUZZ)/part/%.o)
	$(SWITCH_FUZZ_CC) -fsanitize=fuzzer -o $@ $^

suite-fuzz-switch: $(SWITCH_FUZZERS:%=$(SWITCH_FUZZ)/fuzz_%)
	@failed=0; fuzz() { \
		echo "fuzz_$$1: $$2 inputs"; \
		$(SWITCH_FUZZ)/fuzz_$$1 -dict=tests/fuzz/switch/fuzz_$$1.dict -runs=$$2 -seed=1 -max_len=4096 \
			-len_control=20 -timeout=10 -verbosity=0 -artifact_prefix=$(SWITCH_FUZZ)/ || \
			failed=$$((failed + 1)); \
	}; \
	fuzz gateway 400000; \
	fuzz command 20000; \
	echo "$$((2 - failed)) passed, $$failed failed"; [ $$failed -eq 0 ]
