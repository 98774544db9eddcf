# The transport server: core and adapter in one program.

ifndef USER_PROGRAM_MK
include servers/rt/program.mk
endif

netipc_server_SOURCES := $(wildcard netipc/core/*.c netipc/server/*.c)

$(eval $(call user_program,net,$(netipc_server_SOURCES),$(USER_SODIUM)))

# ---- tests on the host ---------------------------------------------------------------------------

# Beside a kernel of the tests' own, whose system calls stand before the runtime's.
TRANSPORT_TESTED := bridge ethernet names neighbours pending rights services
TRANSPORT_UNITS := $(wildcard tests/unit/transport/*.c) $(TRANSPORT_TESTED:%=netipc/server/%.c) \
                   netipc/core/wire.c

$B/tests/unit/transport: $(TRANSPORT_UNITS) $(wildcard tests/unit/transport/*.h netipc/server/*.h) \
		tests/unit/transport/fake/servers/rt/syscall.h | $B/servers/proto/node.h $B/servers/proto/name.h
	@mkdir -p $(@D)
	$(HOSTCC) -Itests/unit/transport/fake $(HOST_CFLAGS) $(SANITIZE) -MF $@.d -o $@ \
		$(TRANSPORT_UNITS) -lsodium -lcheck -lsubunit -lm -lrt -lpthread

$B/tests/fuzz/ethernet: tests/fuzz/transport/ethernet.c netipc/server/ethernet.c
	@mkdir -p $(@D)
	clang-14 -std=gnu11 -O1 -g -I. -fsanitize=fuzzer,address,undefined -o $@ $^

SUITES += transport fuzz-transport
.PHONY: suite-transport suite-fuzz-transport
suite-transport: $B/tests/unit/transport
	$<

suite-fuzz-transport: $B/tests/fuzz/ethernet
	$< -runs=200000 -seed=1 -max_len=1600 -verbosity=0
	@echo "1 passed, 0 failed"
