# What `make bench` runs in guests. The target itself is in tools/bench.

ifndef USER_PROGRAM_MK
include servers/rt/program.mk
endif

bench_KERNEL_SOURCES := $(wildcard tests/bench/kernel/*.c tests/bench/kernel/*.S) tests/kernel/child.c
bench_KERNEL := $B/user/bench-kernel.elf

$(eval $(call user_elf,bench-kernel,$(bench_KERNEL_SOURCES),))

# The vector registers are part of what is measured.
$B/user/tests/bench/kernel/%.o: USER_CFLAGS += -mgeneral-regs-only

# ---- between nodes: a boot archive of its own ------------------------------------------------------

bench_ROOT := $B/bench/root
bench_SYSTEM := name log pci virtio_net net fs frame_echo
bench_MANIFESTS := $(wildcard tests/bench/net/*.manifest) servers/name/manifest servers/log/manifest \
                   drivers/bus/pci/manifest drivers/net/virtio_net/manifest netipc/server/manifest \
                   servers/fs/manifest drivers/net/frame_echo/manifest
bench_PROGRAMS := $(addprefix $(bench_ROOT)/bin/,bench_net $(bench_SYSTEM))

$(eval $(call user_elf,bench_net,tests/bench/net/main.c,))

$(bench_ROOT)/bin/bench_net: $B/user/bench_net.elf
	@mkdir -p $(@D)
	objcopy --strip-debug $< $@

$(addprefix $(bench_ROOT)/bin/,$(bench_SYSTEM)): $(bench_ROOT)/bin/%: $B/boot/root/bin/%
	@mkdir -p $(@D)
	@cp $< $@

$B/bench/boot.cpio: $(bench_PROGRAMS) $(bench_MANIFESTS) $B/tools/image/image tools/image/stage
	@tools/image/stage $(bench_ROOT) $(bench_PROGRAMS) -- $(bench_MANIFESTS)
	$B/tools/image/image -o $@ $(bench_ROOT)

# ---- tests -----------------------------------------------------------------------------------------

SUITES += bench
suite-bench: $B/tools/bench/report $B/boot/portolan.elf $B/user/bench-kernel.elf
	@tests/bench/run $B
