# The transport server: core and adapter in one program.

ifndef USER_PROGRAM_MK
include servers/rt/program.mk
endif

netipc_server_SOURCES := $(NETIPC_CORE) $(wildcard netipc/server/*.c)

# The linker is to place them one by one (order.ld).
$(eval $(call user_program,net,$(netipc_server_SOURCES),$(USER_SODIUM) -ffunction-sections \
        -Xlinker -T -Xlinker netipc/server/order.ld))

# ---- tests on the host ---------------------------------------------------------------------------

# Beside a kernel of the tests' own, whose system calls stand before the runtime's.
TRANSPORT_UNITS := $(wildcard tests/unit/transport/*.c) $(addprefix netipc/server/,bridge.c capabilities.c \
        control.c deliveries.c ethernet.c far_calls.c fetches.c gather.c journal.c keyring.c link.c members.c names.c \
        neighbours.c pending.c reads.c replies.c rights.c shares.c signals.c waiting.c) \
        $(addprefix netipc/crypto/,hex.c identity.c keys.c noise.c) servers/proto/packet_ring.c

$(call checked,$(TRANSPORT_UNITS)): private HOST_CFLAGS := -Itests/unit/transport/fake $(HOST_CFLAGS)
$(call checked,$(TRANSPORT_UNITS)): | $(addprefix $B/servers/proto/,node.h name.h directory.h log.h nic.h)
$(eval $(call test_suite,transport,$(TRANSPORT_UNITS),-lsodium))

$(eval $(call fuzz_program,$B/tests/fuzz/transport/ethernet,tests/fuzz/transport/ethernet.c netipc/server/ethernet.c))

SUITES += fuzz-transport
suite-fuzz-transport: $B/tests/fuzz/transport/ethernet | $(NETIPC_SEEDS)
	@tests/fuzz/run 200000 -max_len=1600 $^
