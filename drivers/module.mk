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
DRIVERS_NIC := drivers/lib/nic.c drivers/lib/pci_device.c drivers/lib/pci_config.c
DRIVERS_VIRTIO := drivers/lib/virtio_pci.c drivers/lib/virtio_caps.c drivers/lib/virtqueue.c
DRIVERS_VIRTIO_NET := drivers/net/virtio_net/main.c $(DRIVERS_NIC) $(DRIVERS_VIRTIO)
DRIVERS_E1000 := drivers/net/e1000/main.c drivers/net/e1000/rings.c $(DRIVERS_NIC)
DRIVERS_FRAME_ECHO := drivers/net/frame_echo/main.c drivers/net/frame_echo/client.c

# Layouts come from the headers that Linux keeps for user space; musl's own do not have them.
DRIVERS_HEADERS := $B/user/include/linux
$(DRIVERS_HEADERS):
	@mkdir -p $(@D)
	@ln -sfn /usr/include/asm-generic $(@D)/asm-generic
	@ln -sfn /usr/include/x86_64-linux-gnu/asm $(@D)/asm
	@ln -sfn /usr/include/linux $@

$(call user_objects,$(DRIVERS_PCI) $(DRIVERS_VIRTIO_NET) $(DRIVERS_E1000)): | $(DRIVERS_HEADERS)

$(eval $(call user_program,pci,$(DRIVERS_PCI),))
$(eval $(call user_program,virtio_net,$(DRIVERS_VIRTIO_NET),))
$(eval $(call user_program,e1000,$(DRIVERS_E1000),))
$(eval $(call user_program,frame_echo,$(DRIVERS_FRAME_ECHO),))

# ---- unit tests ------------------------------------------------------------------------------------

DRIVERS_TEST := $B/tests/unit/drivers
DRIVERS_PURE := servers/proto/packet_ring.c drivers/lib/pci_config.c drivers/lib/virtqueue.c \
                drivers/lib/virtio_caps.c drivers/net/e1000/rings.c $(DRIVERS_PCI_PURE)

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

$(eval $(call user_elf,tests/unit/drivers/guest,$(wildcard tests/unit/drivers/guest/*.c),))

SUITES += drivers-guest
suite-drivers-guest: $B/user/tests/unit/drivers/guest.elf $B/boot/portolan.elf $B/boot/root/bin/pci \
                     $B/boot/root/bin/virtio_net $B/boot/root/bin/e1000
	@tests/unit/drivers/guest/run $B pc
	@tests/unit/drivers/guest/run $B q35

# ---- fuzzers ---------------------------------------------------------------------------------------

DRIVERS_FUZZERS := $(addprefix $B/tests/fuzz/drivers/,packet_ring virtqueue pci)
$(foreach fuzzer,$(DRIVERS_FUZZERS),$(eval $(call fuzz_program,$(fuzzer),$(fuzzer:$B/%=%.c) $(DRIVERS_PURE))))

SUITES += fuzz-drivers
suite-fuzz-drivers: $(DRIVERS_FUZZERS)
	@tests/fuzz/run 50000 -max_len=2048 $^
