# The kernel's machine-independent code on the host (tests/unit/kernel/README.md): Check suites, and a
# fuzzer over the system calls.

kernel_host_KERNEL := $(wildcard kernel/object/*.c kernel/ipc/*.c kernel/mm/*.c kernel/sched/*.c \
                        kernel/syscall/*.c kernel/debug/log.c kernel/debug/check.c)
kernel_host_MACHINE := $(addprefix tests/unit/kernel/host/,machine.c poison.c mmu.c context.c)
kernel_host_TESTS := tests/unit/kernel/host/world.c $(wildcard tests/unit/kernel/host_*.c)
kernel_host_FUZZ := $(wildcard tests/fuzz/kernel/syscalls*.c)
kernel_host_TEST := $B/tests/unit/kernel/host_main
kernel_host_FUZZER := $B/tests/fuzz/kernel/syscalls

# The kernel's sched_yield is not libc's.
kernel_host_CFLAGS := -fno-strict-aliasing -Dsched_yield=kernel_sched_yield $$(pkg-config --cflags check)

kernel_host_COMMA := ,
# The allocators go through host/poison.c.
kernel_host_WRAP := $(addprefix -Wl$(kernel_host_COMMA)--wrap=,frame_take frame_give frame_drop \
                      account_alloc account_free account_charge account_take_page)

kernel_host_OBJECTS := $(patsubst %.c,$B/hosted/%.o,$(kernel_host_KERNEL) $(kernel_host_MACHINE) \
                         $(kernel_host_TESTS))
kernel_host_FUZZER_OBJECTS := $(patsubst %.c,$B/fuzzed/%.o,$(kernel_host_KERNEL) \
                                $(kernel_host_MACHINE) $(kernel_host_FUZZ))

$B/hosted/kernel/object/account.o $B/fuzzed/kernel/object/account.o: \
        kernel_host_CFLAGS += -Dmemset=machine_memset

$B/hosted/%.o: %.c tests/unit/module.mk
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) -O1 $(SANITIZE) $(kernel_host_CFLAGS) -c -o $@ $<

$(kernel_host_TEST): $(kernel_host_OBJECTS)
	@mkdir -p $(@D)
	$(HOSTCC) $(SANITIZE) $(kernel_host_WRAP) -o $@ $^ $$(pkg-config --libs check)

$B/fuzzed/%.o: %.c tests/unit/module.mk
	@mkdir -p $(@D)
	clang-14 $(HOST_CFLAGS) $(SANITIZE) -fsanitize=fuzzer-no-link $(kernel_host_CFLAGS) -c -o $@ $<

$(kernel_host_FUZZER): $(kernel_host_FUZZER_OBJECTS)
	@mkdir -p $(@D)
	clang-14 $(SANITIZE) -fsanitize=fuzzer $(kernel_host_WRAP) -o $@ $^

SUITES += kernel-host
.PHONY: suite-kernel-host
suite-kernel-host: $(kernel_host_TEST)
	$(kernel_host_TEST)

SUITES += fuzz-syscalls
.PHONY: suite-fuzz-syscalls
suite-fuzz-syscalls: $(kernel_host_FUZZER)
	$(kernel_host_FUZZER) -runs=15000 -seed=1 -max_len=800 -len_control=0 -verbosity=0 -timeout=20
	@echo "1 passed, 0 failed"
