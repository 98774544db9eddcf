# The kernel's machine-independent code on the host (tests/unit/kernel/README.md): Check suites, and a
# fuzzer over the system calls.

# All of it but the machine, panics, and the boot.
kernel_host_KERNEL := $(filter-out kernel/debug/panic.c kernel/debug/symbols.c kernel/boot/%,$(wildcard kernel/*/*.c))
kernel_host_MACHINE := $(addprefix tests/unit/kernel/host/,machine.c poison.c mmu.c context.c)
kernel_host_TESTS := tests/unit/kernel/host/world.c $(wildcard tests/unit/kernel/host_*.c)
kernel_host_FUZZ := $(wildcard tests/fuzz/kernel/syscalls*.c)

# The kernel's sched_yield is not libc's.
kernel_host_CFLAGS := -fno-strict-aliasing -Dsched_yield=kernel_sched_yield

kernel_host_COMMA := ,
# The allocators go through host/poison.c.
kernel_host_WRAP := $(addprefix -Wl$(kernel_host_COMMA)--wrap=,frame_take frame_clear frame_give frame_drop \
                      account_alloc account_free account_charge account_take_page)

kernel_host_OBJECTS := $(foreach form,checked fuzzed,$(addprefix $B/$(form)/,kernel/%.o tests/unit/kernel/%.o \
                         tests/fuzz/kernel/%.o))
$(foreach form,checked fuzzed,$(patsubst %.c,$B/$(form)/%.o,$(kernel_host_KERNEL) $(kernel_host_TESTS) $(kernel_host_FUZZ))): | $(kernel_HANDLERS)
$(kernel_host_OBJECTS): private HOST_CFLAGS := $(HOST_CFLAGS) $(kernel_host_CFLAGS)
$(foreach form,checked fuzzed,$B/$(form)/kernel/account/account.o): \
        private HOST_CFLAGS := $(HOST_CFLAGS) $(kernel_host_CFLAGS) -Dmemset=machine_memset

$(eval $(call test_suite,kernel-host,$(kernel_host_KERNEL) $(kernel_host_MACHINE) $(kernel_host_TESTS),$(kernel_host_WRAP)))
$(eval $(call fuzz_program,$B/tests/fuzz/kernel/syscalls,$(kernel_host_KERNEL) $(kernel_host_MACHINE) \
        $(kernel_host_FUZZ),$(kernel_host_WRAP)))

SUITES += fuzz-syscalls
suite-fuzz-syscalls: $B/tests/fuzz/kernel/syscalls
	@tests/fuzz/run 15000 -max_len=800 -len_control=0 -timeout=20 $^
