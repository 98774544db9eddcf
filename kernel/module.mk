# The kernel: build/kernel/portolan.elf64 with everything for the debugger, and build/boot/portolan.elf,
# the same as the loaders want it.

kernel_SOURCES := $(wildcard kernel/*/*.c kernel/arch/x86_64/*.c kernel/arch/x86_64/*.S)
kernel_OBJECTS := $(patsubst %,$B/%.o,$(basename $(kernel_SOURCES)))

# A debug build walks the kernel's objects after every entry (exit/check.h). It is built beside the other:
# make DEBUG=1 B=build/debug ...
kernel_CHECKER := $B/kernel/exit/check.o
kernel_LINKED := $(if $(DEBUG),$(kernel_OBJECTS),$(filter-out $(kernel_CHECKER),$(kernel_OBJECTS)))

KERNEL_CC ?= gcc
kernel_CFLAGS := -std=gnu11 -ffreestanding -mno-red-zone -mgeneral-regs-only -mcmodel=kernel -fno-pic \
                 -fno-stack-protector -fno-omit-frame-pointer -fno-asynchronous-unwind-tables \
                 -fno-strict-aliasing -ffunction-sections -O2 -falign-jumps=1 -falign-loops=1 -falign-functions=8 -g -Wall -Wextra -Werror -MMD -MP -I. -I$B -DKERNEL_CHECK=$(if $(DEBUG),1,0)
kernel_LDFLAGS := -nostdlib -static -no-pie -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack \
                  -Wl,--build-id=none -Wl,--fatal-warnings

PROGRAMS += $B/boot/portolan.elf

# What runs only at the start, at the end, to make and inspect objects, or where the fast path does not, is made
# small, not fast.
kernel_SMALL := $(addprefix $B/kernel/,boot/first.o boot/main.o device/device.o task/task.o exit/check.o exit/line.o object/account_object.o \
                  account/frame.o ipc/call.o ipc/port.o ipc/reply.o task/thread.o sched/timer.o mm/memory.o object/object.o \
                  debug/log.o debug/panic.o debug/symbols.o common/elf.o common/format.o \
                  $(addprefix syscall/,account.o arguments.o device.o fault.o handle.o memory.o message.o port.o task.o thread.o time.o) \
                  $(addprefix arch/x86_64/,acpi.o apic.o boot.o clock.o command_line.o context.o cpu.o features.o machine.o \
                  multiboot.o paging.o ranges.o screen.o serial.o))
$(kernel_SMALL): kernel_CFLAGS += -Os

# Where every message passes: no frame pointers, at the price of missing names in backtraces (debug/README.md).
$B/kernel/syscall/fastpath.o $B/kernel/ipc/transfer.o $B/kernel/sched/sched.o $B/kernel/arch/x86_64/context.o: kernel_CFLAGS += -fomit-frame-pointer

# The trap code keeps the words of a message, but for the one in RBP.
$B/kernel/syscall/fastpath.o: kernel_CFLAGS += -ffixed-rbp $(addprefix -fcall-used-,rbx r12 r13 r14 r15)

# How the handlers of system calls get their arguments, made from the list.
kernel_HANDLERS := $B/kernel/syscall/handlers.h
$(kernel_HANDLERS): $B/tools/abi/abi
	@mkdir -p $(@D)
	$< handlers $@

$B/kernel/%.o: kernel/%.c kernel/module.mk | $(kernel_HANDLERS)
	@mkdir -p $(@D)
	$(KERNEL_CC) $(kernel_CFLAGS) -c -o $@ $<

$B/kernel/%.o: kernel/%.S kernel/module.mk
	@mkdir -p $(@D)
	$(KERNEL_CC) $(kernel_CFLAGS) -Ikernel/arch/x86_64 -c -o $@ $<

$B/kernel/linker.ld: kernel/arch/x86_64/linker.ld kernel/arch/x86_64/layout.h
	@mkdir -p $(@D)
	$(KERNEL_CC) -E -P -x c -Ikernel/arch/x86_64 -o $@ $<

# Linked twice: the first link gives the addresses for the table of names, which is in the second. The
# table comes after the text, so it moves no function; the names of the second link must agree.
$B/kernel/symbols0.S: kernel/debug/symbols.sh
	@mkdir -p $(@D)
	kernel/debug/symbols.sh </dev/null >$@

$B/kernel/symbols1.S: $B/kernel/pass0.elf64 kernel/debug/symbols.sh
	nm -n $< | kernel/debug/symbols.sh >$@

$B/kernel/symbols%.o: $B/kernel/symbols%.S
	$(KERNEL_CC) -c -o $@ $<

kernel_LINK = $(KERNEL_CC) $(kernel_LDFLAGS) -T $B/kernel/linker.ld -o $@ $(filter $(kernel_LINKED) %symbols0.o %symbols1.o,$^)

$B/kernel/pass0.elf64: $(kernel_OBJECTS) $B/kernel/symbols0.o $B/kernel/linker.ld
	$(kernel_LINK)

$B/kernel/portolan.elf64: $(kernel_OBJECTS) $B/kernel/symbols1.o $B/kernel/linker.ld
	$(kernel_LINK)
	nm -n $@ | kernel/debug/symbols.sh | cmp - $B/kernel/symbols1.S

$B/boot/portolan.elf: $B/kernel/portolan.elf64
	@mkdir -p $(@D)
	objcopy --strip-all -O elf32-i386 $< $@

# ---- common code, on the host ------------------------------------------------------------------------

$(eval $(call test_suite,common,$(wildcard tests/unit/common/*.c)))

# ---- the machine part's pure code, on the host -----------------------------------------------------

kernel_arch_PURE := $(addprefix kernel/arch/x86_64/,acpi.c command_line.c multiboot.c ranges.c)
$(eval $(call test_suite,kernel-arch,$(wildcard tests/unit/kernel/arch_*.c) $(kernel_arch_PURE) \
        kernel/debug/log.c))
$B/tests/unit/kernel-arch_test: $B/tests/unit/kernel/string.o

# The kernel's memory functions, beside the host's.
$B/tests/unit/kernel/string.o: $B/kernel/arch/x86_64/string.o
	@mkdir -p $(@D)
	objcopy --prefix-symbols=kernel_ $< $@

$(foreach fuzzer,multiboot acpi,$(eval $(call fuzz_program,$B/tests/fuzz/kernel/$(fuzzer),tests/fuzz/kernel/$(fuzzer).c \
        $(kernel_arch_PURE))))

SUITES += fuzz-kernel
suite-fuzz-kernel: $B/tests/fuzz/kernel/multiboot $B/tests/fuzz/kernel/acpi
	@tests/fuzz/run 200000 -max_len=1024 $<
	@tests/fuzz/run 100000 -max_len=1024 $(word 2,$^)

# ---- boots on many machines ------------------------------------------------------------------------

# A kernel with an assertion that fails, in place of the first task's loader.
kernel_FAILING := $(filter-out $B/kernel/boot/first.o,$(kernel_LINKED)) $B/tests/kernel/boot_assertion.o

$B/tests/kernel/boot_%.o: tests/kernel/boot_%.c kernel/module.mk
	@mkdir -p $(@D)
	$(KERNEL_CC) $(kernel_CFLAGS) -c -o $@ $<

$B/tests/kernel/boot_assertion.elf: $(kernel_FAILING) $B/kernel/symbols0.o $B/kernel/linker.ld
	$(KERNEL_CC) $(kernel_LDFLAGS) -T $B/kernel/linker.ld -o $@ $(filter %.o,$^)
	objcopy --strip-all -O elf32-i386 $@

SUITES += kernel-machines
suite-kernel-machines: $B/boot/portolan.elf $B/user/tests/kernel/kernel-tests.elf $B/tests/kernel/boot_assertion.elf
	tests/kernel/boot_machines.sh $^
