# SPDX-License-Identifier: GPL-2.0-or-later
# The dissector. `make wireshark` builds it for the Wireshark whose headers are installed; it is no part
# of `make all`, which needs no Wireshark.

WIRESHARK_VERSION := $(shell pkg-config --modversion wireshark 2>/dev/null | cut -d. -f1,2)
WIRESHARK_FOLDER := $B/wireshark/$(WIRESHARK_VERSION)/epan
# Objects are those of one version, as the plugin is.
WIRESHARK_BUILT := $B/tools/wireshark/$(WIRESHARK_VERSION)
WIRESHARK_OBJECTS := $(patsubst %.c,$(WIRESHARK_BUILT)/%.o,$(sort $(wildcard tools/wireshark/*.c))) \
        $(addprefix $(WIRESHARK_BUILT)/tools/wireshark/shared/,wire.o crc32c.o name.o names.o cipher.o \
                protect.o replay.o keylog.o hex.o)
# Wireshark's headers do not compile without warnings.
WIRESHARK_CFLAGS = $(HOST_CFLAGS) -fPIC -fvisibility=hidden \
        $(patsubst -I%,-isystem %,$(shell pkg-config --cflags wireshark 2>/dev/null))
WIRESHARK_LIBS = $(shell pkg-config --libs wireshark 2>/dev/null) -lwiretap -lsodium

# $(call wireshark_objects,FOLDER,COMPILER,FLAGS): rules for the plugin's objects below FOLDER.
define wireshark_objects
$1/tools/wireshark/%.o: tools/wireshark/%.c | $B/servers/proto/names.h
	@mkdir -p $$(@D)
	$2 $$(WIRESHARK_CFLAGS) $3 -c -o $$@ $$<

$1/tools/wireshark/shared/%.o: netipc/core/%.c
	@mkdir -p $$(@D)
	$2 $$(WIRESHARK_CFLAGS) $3 -c -o $$@ $$<

$1/tools/wireshark/shared/%.o: netipc/crypto/%.c
	@mkdir -p $$(@D)
	$2 $$(WIRESHARK_CFLAGS) $3 -c -o $$@ $$<

$1/tools/wireshark/shared/name.o: servers/common/name.c
	@mkdir -p $$(@D)
	$2 $$(WIRESHARK_CFLAGS) $3 -c -o $$@ $$<

$1/tools/wireshark/shared/names.o: $B/servers/proto/names.c
	@mkdir -p $$(@D)
	$2 $$(WIRESHARK_CFLAGS) $3 -c -o $$@ $$<
endef
$(eval $(call wireshark_objects,$(WIRESHARK_BUILT),$(HOSTCC)))

$(WIRESHARK_FOLDER)/portolan.so: $(WIRESHARK_OBJECTS)
	@mkdir -p $(@D)
	$(HOSTCC) -shared -Wl,-z,defs -o $@ $^ $(WIRESHARK_LIBS)

# The version is known when make starts: it starts again once the headers are there.
.PHONY: wireshark wireshark-plugin wireshark-built
wireshark: setup-wireshark
	@$(MAKE) --no-print-directory wireshark-built

wireshark-built: wireshark-plugin
	@echo 'built $(WIRESHARK_FOLDER)/portolan.so for Wireshark $(WIRESHARK_VERSION). To use it:'
	@echo '    WIRESHARK_PLUGIN_DIR="$$PWD/$B/wireshark" wireshark FILE.pcapng'
	@echo '    tools/wireshark/dissect FILE.pcapng       (the same by tshark)'
	@echo 'Run as root, Wireshark and tshark ignore that folder; tools/wireshark/dissect gives up root.'
	@echo 'To have it always: copy it to ~/.local/lib/wireshark/plugins/$(WIRESHARK_VERSION)/epan/'

ifneq ($(WIRESHARK_VERSION),)
wireshark-plugin: $(WIRESHARK_FOLDER)/portolan.so
else
wireshark-plugin:
	@echo 'wireshark: no headers; install libwireshark-dev, or make wireshark' >&2; exit 1
endif

# ---- tests ---------------------------------------------------------------------------------------

SUITES += wireshark wireshark-sealed
WIRESHARK_TEST := $B/tests/wireshark

$(eval $(call test_program,$(WIRESHARK_TEST)/sample,tests/wireshark/sample.c tests/wireshark/world.c tests/wireshark/headers.c \
        $(NETIPC_CORE),-lsodium))
$(eval $(call test_program,$(WIRESHARK_TEST)/damage,tests/wireshark/damage.c netipc/core/wire.c \
        netipc/core/crc32c.c $(NETIPC_CRYPTO),-lsodium))
$(eval $(call test_program,$(WIRESHARK_TEST)/rewrap,tests/wireshark/rewrap.c))

# The plugin once more, with the sanitizers, for the damaged captures.
WIRESHARK_CHECKED := $(WIRESHARK_TEST)/plugins/$(WIRESHARK_VERSION)/epan/portolan.so
$(eval $(call wireshark_objects,$(WIRESHARK_TEST)/checked/$(WIRESHARK_VERSION),$(HOSTCC),$(SANITIZE)))
$(WIRESHARK_CHECKED): $(WIRESHARK_OBJECTS:$(WIRESHARK_BUILT)/%=$(WIRESHARK_TEST)/checked/$(WIRESHARK_VERSION)/%)
	@mkdir -p $(@D)
	$(HOSTCC) -shared $(SANITIZE) -o $@ $^ $(WIRESHARK_LIBS)

# How many damaged packets; SEED makes other ones.
WIRESHARK_DAMAGED ?= 20000
WIRESHARK_SEALED_DAMAGED ?= 2000

.PHONY: wireshark-samples wireshark-golden
suite-wireshark suite-wireshark-sealed: wireshark-plugin \
        $(addprefix $(WIRESHARK_TEST)/,sample damage rewrap) $(WIRESHARK_CHECKED)
suite-wireshark:
	@tests/wireshark/run $(WIRESHARK_TEST) $(WIRESHARK_DAMAGED) $(or $(SEED),1)

suite-wireshark-sealed:
	@tests/wireshark/sealed $(WIRESHARK_TEST) $(WIRESHARK_SEALED_DAMAGED) $(or $(SEED),1)

# Makes the samples anew, of what the core sends now; the golden files then need to be made, too.
wireshark-samples: $(WIRESHARK_TEST)/sample
	@cd tests/wireshark/data && $(abspath $<) sealed sealed.pcap sealed.log && \
		for kind in talk large many broken; do $(abspath $<) $$kind $$kind.pcap || exit 1; done && \
		gzip -nf9 *.pcap

# Takes what the dissector shows now for right; read the difference before you commit it.
wireshark-golden: wireshark-plugin $(WIRESHARK_TEST)/sample
	@GOLDEN=write tests/wireshark/run $(WIRESHARK_TEST) 0 1
	@GOLDEN=write tests/wireshark/sealed $(WIRESHARK_TEST) 0 1

# ---- fuzzer --------------------------------------------------------------------------------------

# The plugin a third time, in a program that has Wireshark's library and libFuzzer.
SUITES += fuzz-dissector
LONG_SUITES += fuzz-dissector-long
WIRESHARK_FUZZ := $B/tests/fuzz/wireshark
WIRESHARK_FUZZED := $(WIRESHARK_FUZZ)/$(WIRESHARK_VERSION)
$(eval $(call wireshark_objects,$(WIRESHARK_FUZZED),$(FUZZ_CC),$(SANITIZE) -fsanitize=fuzzer-no-link))

$(WIRESHARK_FUZZED)/dissector.o: tests/fuzz/wireshark/dissector.c
	@mkdir -p $(@D)
	$(FUZZ_CC) $(WIRESHARK_CFLAGS) $(SANITIZE) -fsanitize=fuzzer-no-link -c -o $@ $<

$(WIRESHARK_FUZZ)/dissector: $(WIRESHARK_FUZZED)/dissector.o \
        $(WIRESHARK_OBJECTS:$(WIRESHARK_BUILT)/%=$(WIRESHARK_FUZZED)/%) \
        $(call fuzzed,tests/wireshark/headers.c) $B/fuzzed/common.a
	@mkdir -p $(@D)
	$(FUZZ_CC) $(SANITIZE) -fsanitize=fuzzer -o $@ $^ $(WIRESHARK_LIBS)

# How many inputs; in the longer run the library's own memory grows.
suite-fuzz-dissector: WIRESHARK_INPUTS := 1000
suite-fuzz-dissector-long: WIRESHARK_INPUTS := 30000
suite-fuzz-dissector suite-fuzz-dissector-long: wireshark-plugin $(WIRESHARK_FUZZ)/dissector
	@tests/fuzz/run $(WIRESHARK_INPUTS) -max_len=16384 -len_control=0 -timeout=20 -rss_limit_mb=4000 \
		-seed_inputs=$$(tests/fuzz/wireshark/seeds $(WIRESHARK_FUZZ)/seeds tests/wireshark/data/*.pcap.gz) \
		$(WIRESHARK_FUZZ)/dissector
