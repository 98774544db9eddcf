# In-guest tests of the kernel: a program that is the first task.

ifndef USER_PROGRAM_MK
include servers/rt/program.mk
endif

$(eval $(call user_elf,tests/kernel/kernel-tests,$(filter-out tests/kernel/boot_%,$(wildcard tests/kernel/*.c)),))

SUITES += kernel
LONG_SUITES += kernel-debug
suite-kernel: $B/boot/portolan.elf $B/user/tests/kernel/kernel-tests.elf
	tests/kernel/run $^

# The same with the kernel's own checks after every entry (kernel/exit/check.h).
suite-kernel-debug:
	@$(MAKE) --no-print-directory DEBUG=1 B=$B/debug suite-kernel

# A failed CHECK does not return, which gcc does not follow through the stubs.
$B/user/tests/kernel/%.o: USER_CFLAGS += -Wno-maybe-uninitialized
