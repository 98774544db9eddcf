# Host tests of what init does about the deaths of admitters; tests/init has all of it in a guest.
# The system calls of the tests stand before the runtime's.
INIT_UNITS := $(addprefix servers/init/,admitters.c installed.c kept.c launch.c) servers/rt/pure/format.c \
        $(wildcard tests/unit/init/*.c)

$(call checked,$(INIT_UNITS)): private HOST_CFLAGS := -Itests/unit/init/fake $(HOST_CFLAGS)
$(call checked,$(INIT_UNITS)): | $(RT_STUBS)
$(eval $(call test_suite,init-host,$(INIT_UNITS) $(CLUSTER_SYSTEM),))
