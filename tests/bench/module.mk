# What `make bench` runs in guests. The target itself is in tools/bench.

ifndef USER_PROGRAM_MK
include servers/rt/program.mk
endif

$(eval $(call user_elf,tests/bench/kernel/bench-kernel,$(wildcard tests/bench/kernel/*.c tests/bench/kernel/*.S) tests/kernel/child.c,))

# The vector registers are part of what is measured.
$B/user/tests/bench/kernel/%.o: USER_CFLAGS += -mgeneral-regs-only

# ---- between nodes: a boot archive of its own ------------------------------------------------------

bench_MANIFESTS := $(wildcard tests/bench/net/*.manifest) servers/name/manifest servers/log/manifest \
                   drivers/bus/pci/manifest drivers/net/virtio_net/manifest netipc/server/manifest \
                   servers/fs/manifest drivers/net/frame_echo/manifest

$(eval $(call user_elf,tests/bench/net/bench_net,tests/bench/net/main.c,))
$(eval $(call boot_archive,$B/bench,tests/bench/net/bench_net name log pci virtio_net net fs frame_echo,$(bench_MANIFESTS)))

# ---- the same rows in two systems ------------------------------------------------------------------

rows_MANIFESTS := $(wildcard tests/bench/portolan/*.manifest) $(filter-out tests/bench/net/%,$(bench_MANIFESTS))

$(eval $(call user_elf,tests/bench/portolan/bench_rows,$(wildcard tests/bench/portolan/*.c) tests/bench/marks.c netipc/crypto/cipher.c,$(USER_SODIUM)))
$(eval $(call boot_archive,$B/bench-net,tests/bench/portolan/bench_rows name log pci virtio_net net fs frame_echo,$(rows_MANIFESTS)))

BENCH_LINUX_INIT := $B/tests/bench/linux/init
$(eval $(call host_program,$(BENCH_LINUX_INIT),$(wildcard tests/bench/linux/*.c) tests/bench/marks.c,-static -no-pie -lsodium))

# ---- tests -----------------------------------------------------------------------------------------

SUITES += bench
suite-bench: $B/tools/bench/report bench-net-programs $B/boot/portolan.elf $B/user/tests/bench/kernel/bench-kernel.elf
	@tests/bench/run $B
