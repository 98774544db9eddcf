# image, and the archive of programs and manifests that it makes for the nodes' boot loader.

IMAGE_PROGRAM := $B/tools/image/image
BOOT_ROOT := $B/boot/root
BOOT_ARCHIVE := $B/boot/boot.cpio

IMAGE_FOLDERS := servers/* servers/examples/* drivers/*/* netipc/* cluster/*
IMAGE_MANIFESTS := $(sort $(wildcard $(IMAGE_FOLDERS:%=%/manifest) $(IMAGE_FOLDERS:%=%/*.manifest)))
BOOT_PROGRAMS = $(filter $(BOOT_ROOT)/bin/%,$(PROGRAMS))

PROGRAMS += $(IMAGE_PROGRAM) $(BOOT_ARCHIVE)

$(eval $(call host_program,$(IMAGE_PROGRAM),$(wildcard tools/image/*.c) $(TOOLS_LIB)))

$(BOOT_ARCHIVE): $(IMAGE_PROGRAM) $$(BOOT_PROGRAMS) $(IMAGE_MANIFESTS) tools/image/stage
	@tools/image/stage $(BOOT_ROOT) $(BOOT_PROGRAMS) -- $(IMAGE_MANIFESTS)
	$(IMAGE_PROGRAM) -o $@ $(BOOT_ROOT)

SUITES += image

suite-image: $(IMAGE_PROGRAM) $(BOOT_ARCHIVE)
	@tests/unit/image/run $(IMAGE_PROGRAM) $(BOOT_ARCHIVE)
