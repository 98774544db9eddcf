# The testbed's Ethernet switch, its unit tests (Check), functional tests, fuzzers and PXE test.

SWITCH_BINARY := $B/tools/switch/portolan-switch
SWITCH_PARTS := $(filter-out %/main.c,$(wildcard tools/switch/*.c)) $(TOOLS_LIB) \
        $(addprefix netipc/crypto/,cipher.c hex.c keylog.c)

PROGRAMS += $(SWITCH_BINARY)
$(eval $(call host_program,$(SWITCH_BINARY),$(SWITCH_PARTS) tools/switch/main.c,-lsodium))

# Tests. The parts and the program are built once more, with sanitizers.

SUITES += switch fuzz-switch pxe

SWITCH_TEST := $B/tests/unit/switch
SWITCH_FUNCTIONAL := $(wildcard tests/unit/switch/functional*.c)

$(eval $(call test_program,$(SWITCH_TEST)/unit,$(SWITCH_PARTS) tests/unit/switch/unit.c \
        $(wildcard tests/unit/switch/test_*.c),-lsodium))
$(eval $(call test_program,$(SWITCH_TEST)/functional,$(SWITCH_PARTS) $(SWITCH_FUNCTIONAL),-lsodium))
$(eval $(call test_program,$(SWITCH_TEST)/portolan-switch,$(SWITCH_PARTS) tools/switch/main.c,-lsodium))

suite-switch: $(SWITCH_TEST)/unit $(SWITCH_TEST)/functional $(SWITCH_TEST)/portolan-switch
	$(SWITCH_TEST)/unit
	$(SWITCH_TEST)/functional $(SWITCH_TEST)/portolan-switch

suite-pxe: $(SWITCH_BINARY)
	@tests/unit/switch/pxe.sh $(SWITCH_BINARY)

$(foreach fuzzer,fuzz_gateway fuzz_command,$(eval $(call fuzz_program,$B/tests/fuzz/switch/$(fuzzer), \
        tests/fuzz/switch/$(fuzzer).c $(SWITCH_PARTS),-lsodium)))

suite-fuzz-switch: $B/tests/fuzz/switch/fuzz_gateway $B/tests/fuzz/switch/fuzz_command
	@tests/fuzz/run 400000 -max_len=4096 -len_control=20 -timeout=10 $<
	@tests/fuzz/run 20000 -max_len=4096 -len_control=20 -timeout=10 $(word 2,$^)
