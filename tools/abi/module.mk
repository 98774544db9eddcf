# abi: stubs, reference and manual pages of the kernel's interface, from the lists in kernel/abi.

ABI := $B/tools/abi/abi
ABI_PARTS := $(filter-out %/main.c,$(wildcard tools/abi/*.c))

$(eval $(call host_program,$(ABI),$(wildcard tools/abi/*.c)))

ABI_REFERENCE := $B/reference/kernel.md
ABI_MANUAL := $B/reference/man2/null.2
PROGRAMS += $(ABI_REFERENCE) $(ABI_MANUAL)

$(ABI_REFERENCE): $(ABI)
	@mkdir -p $(@D)
	$(ABI) reference $@

$(ABI_MANUAL): $(ABI)
	@mkdir -p $(@D)
	$(ABI) manual $(@D)

# The runtime's tests on the host include the stubs.
$(call checked,$(wildcard tests/unit/rt/*.c servers/rt/*/*.c)): | $(RT_STUBS)

SUITES += abi
suite-abi: $(ABI)
	@tests/unit/abi/run $<
