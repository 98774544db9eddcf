# Tests of init and the name service in a guest: programs of their own, one node, no network.

ifndef USER_PROGRAM_MK
include servers/rt/program.mk
endif

INIT_TEST := $B/tests/init
INIT_TEST_ROOT := $(INIT_TEST)/root
INIT_TEST_MANIFESTS := $(wildcard tests/init/manifests/*.manifest) servers/name/manifest servers/log/manifest \
                       drivers/net/virtio_net/manifest
INIT_TEST_PROGRAMS := $(addprefix $(INIT_TEST_ROOT)/bin/,probe actor name log pci virtio_net)
INIT_TEST_CORE := cluster/core/registry.c cluster/core/registry_table.c

# $(call init_test_program,NAME)
define init_test_program
$(call user_elf,$1,$(wildcard tests/init/$1*.c) $(INIT_TEST_CORE),)

$(INIT_TEST_ROOT)/bin/$1: $B/user/$1.elf
	@mkdir -p $$(@D)
	objcopy --strip-debug $$< $$@
endef
$(eval $(call init_test_program,probe))
$(eval $(call init_test_program,actor))

$(addprefix $(INIT_TEST_ROOT)/bin/,name log pci virtio_net): $(INIT_TEST_ROOT)/bin/%: $B/boot/root/bin/%
	@mkdir -p $(@D)
	@cp $< $@

$(INIT_TEST)/boot.cpio: $(INIT_TEST_PROGRAMS) $(INIT_TEST_MANIFESTS) $B/tools/image/image tools/image/stage
	@tools/image/stage $(INIT_TEST_ROOT) $(INIT_TEST_PROGRAMS) -- $(INIT_TEST_MANIFESTS)
	$B/tools/image/image -o $@ $(INIT_TEST_ROOT)

SUITES += init

suite-init: $(INIT_TEST)/boot.cpio $B/boot/portolan.elf $B/boot/init.elf
	@tests/init/run $B/boot/portolan.elf $B/boot/init.elf $(INIT_TEST)/boot.cpio
