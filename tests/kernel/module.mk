# In-guest tests of the kernel: a program that is the first task.

ifndef USER_PROGRAM_MK
include servers/rt/program.mk
endif

tests_kernel_SOURCES := $(wildcard tests/kernel/*.c)
tests_kernel_PROGRAM := $B/user/kernel-tests.elf

$(eval $(call user_program,kernel-tests,$(tests_kernel_SOURCES),))
# It is no part of the system: not among the programs of the boot archive.
PROGRAMS := $(filter-out $B/boot/root/bin/kernel-tests,$(PROGRAMS))

SUITES += kernel
LONG_SUITES += kernel-debug
suite-kernel: $B/boot/portolan.elf $(tests_kernel_PROGRAM)
	tests/kernel/run $^

# The same with the kernel's own checks after every entry (kernel/debug/check.h).
suite-kernel-debug:
	@$(MAKE) --no-print-directory DEBUG=1 B=$B/debug suite-kernel

# A failed CHECK does not return, which gcc does not follow through the stubs.
$B/user/tests/kernel/%.o: USER_CFLAGS += -Wno-maybe-uninitialized
