# The drivers' programs, their unit tests (Check, under the sanitizers), the test of the packet rings
# with two threads (ThreadSanitizer) and fuzzers.

ifndef USER_PROGRAM_MK
include servers/rt/program.mk
endif

# ---- programs --------------------------------------------------------------------------------------

DRIVERS_PCI_PURE := $(addprefix drivers/bus/pci/,authority.c bars.c functions.c match.c msix.c stop.c)
# The way to configuration space, and how devices are silenced: for init as well.
DRIVERS_PCI_ACCESS := $(addprefix drivers/bus/pci/,config_access.c config_ports.c ecam.c functions.c stop.c) \
                      drivers/lib/pci_config.c
DRIVERS_PCI := $(wildcard drivers/bus/pci/*.c) drivers/lib/pci_config.c

# Each folder of drivers/net is a program, made of its own files and of what it uses of drivers/lib.
DRIVERS_NET := $(patsubst %/manifest,%,$(wildcard drivers/net/*/manifest))
DRIVERS_LIB := $(wildcard drivers/lib/*.c)

# The table of the testbed's cards, for tools.
DRIVERS_CARD_FILES := $(wildcard drivers/net/*/card)
DRIVERS_CARDS := $B/tools/lib/cards.c
$(DRIVERS_CARDS): tools/lib/cards $(DRIVERS_CARD_FILES) drivers/net $(dir $(DRIVERS_CARD_FILES))
	@mkdir -p $(@D)
	tools/lib/cards $(DRIVERS_CARD_FILES) >$@

# Layouts come from the headers that Linux keeps for user space; musl's own do not have them.
DRIVERS_HEADERS := $B/user/include/linux
$(DRIVERS_HEADERS):
	@mkdir -p $(@D)
	@ln -sfn /usr/include/asm-generic $(@D)/asm-generic
	@ln -sfn /usr/include/x86_64-linux-gnu/asm $(@D)/asm
	@ln -sfn /usr/include/linux $@

DRIVERS_CONSOLE := $(wildcard drivers/char/virtio_console/*.c)
DRIVERS_RNG := $(wildcard drivers/char/virtio_rng/*.c)

$(call user_objects,$(DRIVERS_PCI) $(DRIVERS_LIB) $(DRIVERS_CONSOLE) $(DRIVERS_RNG) $(wildcard drivers/net/*/*.c)): | $(DRIVERS_HEADERS)

$(eval $(call user_program,pci,$(DRIVERS_PCI),))
DRIVERS_OTHER_LIB := $(filter-out drivers/lib/nic.c drivers/lib/halt_poll.c,$(DRIVERS_LIB))
$(eval $(call user_program,virtio_console,$(DRIVERS_CONSOLE) $(DRIVERS_OTHER_LIB),))
$(eval $(call user_program,virtio_rng,$(DRIVERS_RNG) $(DRIVERS_OTHER_LIB),))
$(foreach folder,$(DRIVERS_NET),$(eval $(call user_program,$(notdir $(folder)),$(wildcard $(folder)/*.c) $(DRIVERS_LIB),)))

# ---- unit tests ------------------------------------------------------------------------------------

DRIVERS_TEST := $B/tests/unit/drivers
DRIVERS_PURE := servers/proto/packet_ring.c drivers/lib/pci_config.c drivers/lib/virtqueue.c \
                drivers/lib/virtio_caps.c drivers/net/e1000/rings.c \
                drivers/char/virtio_console/lines.c $(DRIVERS_PCI_PURE)

$(eval $(call test_program,$(DRIVERS_TEST)/run,$(DRIVERS_PURE) $(wildcard tests/unit/drivers/*_test.c) \
        tests/unit/drivers/main.c tests/unit/drivers/fake_pci.c))

$(DRIVERS_TEST)/threads: tests/unit/drivers/packet_ring_threads.c servers/proto/packet_ring.c \
                         servers/proto/packet_ring.h
	@mkdir -p $(@D)
	$(HOSTCC) -std=gnu11 -O2 -g -Wall -Wextra -Werror -I. -fsanitize=thread -o $@ $(filter %.c,$^) \
	        -lpthread

SUITES += drivers
suite-drivers: $(DRIVERS_TEST)/run $(DRIVERS_TEST)/threads
	$(DRIVERS_TEST)/run
	$(DRIVERS_TEST)/threads

# ---- in a guest ------------------------------------------------------------------------------------

# Each driver of a card, with that of virtio as the other end.
DRIVERS_GUEST := $(filter-out virtio_net,$(patsubst drivers/net/%/card,%,$(DRIVERS_CARD_FILES)))
$(eval $(call user_elf,tests/unit/drivers/guest,$(wildcard tests/unit/drivers/guest/*.c) $(CLUSTER_SYSTEM),))

SUITES += drivers-guest
suite-drivers-guest: $B/user/tests/unit/drivers/guest.elf $B/boot/portolan.elf $$(BOOT_ARCHIVE)
	@status=0; for driver in $(DRIVERS_GUEST); do for machine in pc q35; do \
	        tests/unit/drivers/guest/run $B $$machine $$driver || status=1; \
	done; done; exit $$status

# ---- fuzzers ---------------------------------------------------------------------------------------

DRIVERS_FUZZERS := $(addprefix $B/tests/fuzz/drivers/,packet_ring virtqueue pci lines)
$(foreach fuzzer,$(DRIVERS_FUZZERS),$(eval $(call fuzz_program,$(fuzzer),$(fuzzer:$B/%=%.c) $(DRIVERS_PURE))))

SUITES += fuzz-drivers
suite-fuzz-drivers: $(DRIVERS_FUZZERS)
	@tests/fuzz/run 50000 -max_len=2048 $^
