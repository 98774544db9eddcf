# The drivers' programs, their unit tests (Check, under the sanitizers), the test of the packet rings
# with two threads (ThreadSanitizer) and fuzzers.

DRIVERS_PCI_PURE := bars functions msix stop
DRIVERS_LIB_PURE := pci_config virtqueue

# ---- unit tests ------------------------------------------------------------------------------------

DRIVERS_TEST := $B/tests/unit/drivers
DRIVERS_PURE := servers/proto/packet_ring $(DRIVERS_LIB_PURE:%=drivers/lib/%) \
                $(DRIVERS_PCI_PURE:%=drivers/bus/pci/%)
DRIVERS_TESTS := main fake_pci packet_ring_test virtqueue_test pci_test

$(DRIVERS_TEST)/%.o: %.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) $(SANITIZE) $$(pkg-config --cflags check) -c -o $@ $<

$(DRIVERS_TEST)/run: $(DRIVERS_PURE:%=$(DRIVERS_TEST)/%.o) \
                     $(DRIVERS_TESTS:%=$(DRIVERS_TEST)/tests/unit/drivers/%.o)
	$(HOSTCC) $(SANITIZE) -o $@ $^ $$(pkg-config --libs check)

$(DRIVERS_TEST)/threads: tests/unit/drivers/packet_ring_threads.c servers/proto/packet_ring.c \
                         servers/proto/packet_ring.h
	@mkdir -p $(@D)
	$(HOSTCC) -std=gnu11 -O2 -g -Wall -Wextra -Werror -I. -fsanitize=thread -o $@ $(filter %.c,$^) \
	        -lpthread

SUITES += drivers
.PHONY: suite-drivers
suite-drivers: $(DRIVERS_TEST)/run $(DRIVERS_TEST)/threads
	$(DRIVERS_TEST)/run
	$(DRIVERS_TEST)/threads

# ---- fuzzers ---------------------------------------------------------------------------------------

DRIVERS_FUZZ := $B/tests/fuzz/drivers
DRIVERS_FUZZERS := packet_ring virtqueue pci
DRIVERS_FUZZ_RUNS ?= 50000

$(DRIVERS_FUZZ)/%: tests/fuzz/drivers/%.c $(DRIVERS_PURE:%=%.c)
	@mkdir -p $(@D)
	clang-14 -std=gnu11 -O1 -g -Wall -Wextra -Werror -I. -fsanitize=fuzzer,address,undefined \
	        -fno-sanitize-recover=all -o $@ $^

SUITES += fuzz-drivers
.PHONY: suite-fuzz-drivers
suite-fuzz-drivers: $(DRIVERS_FUZZERS:%=$(DRIVERS_FUZZ)/%)
	@for f in $^; do \
	        $$f -runs=$(DRIVERS_FUZZ_RUNS) -seed=1 -max_len=2048 -artifact_prefix=$$f- || exit 1; \
	done
	@echo "$(words $(DRIVERS_FUZZERS)) passed, 0 failed"
