# In-guest tests of the runtime: the first task and a child.

ifndef USER_PROGRAM_MK
include servers/rt/program.mk
endif

tests_rt_FOLDER := $B/tests/rt
tests_rt_STUBS := $(tests_rt_FOLDER)/servers/proto/guest.h $(tests_rt_FOLDER)/servers/proto/guest.c
tests_rt_CHILD := tests/rt/child.c tests/rt/child_beside.c tests/rt/child_files.c $(tests_rt_FOLDER)/servers/proto/guest.c
tests_rt_GUEST := $(filter-out $(tests_rt_CHILD),$(wildcard tests/rt/*.c)) \
        $(tests_rt_FOLDER)/servers/proto/guest.c

$(tests_rt_STUBS) &: tests/rt/guest.idl $B/tools/idl/idl
	@mkdir -p $(tests_rt_FOLDER)/servers/proto
	$B/tools/idl/idl stubs $(tests_rt_FOLDER)/servers/proto $<

$(call user_objects,$(tests_rt_GUEST) $(tests_rt_CHILD)): USER_CFLAGS += -I$(tests_rt_FOLDER)
$(call user_objects,$(tests_rt_GUEST) $(tests_rt_CHILD)): | $(tests_rt_STUBS)

$(eval $(call user_elf,tests/rt/guest,$(tests_rt_GUEST),-lm $(USER_SODIUM)))
$(eval $(call user_elf,tests/rt/child,$(tests_rt_CHILD),))

$(tests_rt_FOLDER)/guest.elf: $B/user/tests/rt/guest.elf
	objcopy --strip-debug $< $@
$(tests_rt_FOLDER)/child.elf: $B/user/tests/rt/child.elf
	objcopy --strip-debug $< $@

# A program as anybody builds it for Linux: fixed, with musl; position-independent, with glibc.
$(tests_rt_FOLDER)/fixed.elf: private tests_rt_LINK := musl-gcc -static
$(tests_rt_FOLDER)/moved.elf: private tests_rt_LINK := gcc -static-pie -fPIE
$(tests_rt_FOLDER)/fixed.elf $(tests_rt_FOLDER)/moved.elf: tests/rt/plain/main.c
	@mkdir -p $(@D)
	$(tests_rt_LINK) -O2 -Wall -Wextra -Werror -s -o $@ $<
$(tests_rt_FOLDER)/layer.elf: $(RT_LAYER)
	objcopy --strip-debug $< $@

SUITES += rt-guest
suite-rt-guest: $B/boot/portolan.elf $(tests_rt_FOLDER)/guest.elf $(tests_rt_FOLDER)/child.elf \
                $(addprefix $(tests_rt_FOLDER)/,layer.elf fixed.elf moved.elf) $B/boot/root/bin/fs
	tests/rt/run $< $(tests_rt_FOLDER) $B/boot/root/bin/fs
