# Tests of init and the name service in a guest: programs of their own, one node, no network.

ifndef USER_PROGRAM_MK
include servers/rt/program.mk
endif

INIT_TEST_CORE := cluster/core/registry.c cluster/core/registry_table.c
INIT_TEST_MANIFESTS := $(wildcard tests/init/manifests/*.manifest) servers/name/manifest servers/log/manifest \
                       drivers/net/virtio_net/manifest

$(foreach name,probe actor,$(eval $(call user_elf,tests/init/$(name),$(wildcard tests/init/$(name)*.c) $(INIT_TEST_CORE) $(DRIVERS_PCI_ACCESS),)))
$(eval $(call boot_archive,$B/tests/init,tests/init/probe tests/init/actor name log pci virtio_net,$(INIT_TEST_MANIFESTS)))

SUITES += init
suite-init: $B/boot/portolan.elf $B/boot/init.elf $B/tests/init/boot.cpio
	@tests/init/run $^
