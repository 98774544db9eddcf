# Files, log, terminals and shell in a guest, over its serial lines.

SUITES += services
suite-services: $B/boot/portolan.elf $B/boot/init.elf $B/boot/boot.cpio $B/tools/image/image
	@tests/services/run $^
