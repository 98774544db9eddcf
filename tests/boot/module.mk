# The boot script with UEFI firmware: takes half a minute to reach iPXE, so it is one of the long suites.

LONG_SUITES += uefi
suite-uefi:
	@tests/boot/uefi cluster/boot/boot.ipxe
