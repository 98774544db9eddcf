# `make sdk`: build/sdk has what programs of one's own are built with, and nothing of it points back here.

SDK := $B/sdk
SDK_HEADERS := $(sort $(wildcard kernel/abi/*.h kernel/abi/*.def kernel/common/*.h servers/common/*.h servers/rt/*/*.h \
        servers/proto/*.h))

.PHONY: sdk sdk-built
sdk: setup-run
	@$(MAKE) --no-print-directory sdk-built

sdk-built: $(RT_LIBRARY) $(IDL) $(PROTO_HEADERS) $(RT_STUBS)
	@rm -rf $(SDK)
	@mkdir -p $(SDK)/bin $(SDK)/include/servers/proto $(SDK)/lib
	@cp -p tools/sdk/portolan-cc servers/rt/movable $(SDK)/bin
	@strip -o $(SDK)/bin/idl $(IDL)
	@cp -p --parents $(SDK_HEADERS) $(SDK)/include
	@cp -p $(PROTO_HEADERS) $(SDK)/include/servers/proto
	@cp -p $(RT_STUBS) $(SDK)/include/servers/rt
	@objcopy --strip-debug --remove-section='.gnu.lto_*' $(RT_LIBRARY) $(SDK)/lib/libportolan.a
	@cp -p $(addprefix $(USER_LIBC)/,Scrt1.o crti.o crtn.o) $(SDK)/lib
	@echo '$(filter-out -Werror -MMD -MP -I%,$(USER_CFLAGS))' >$(SDK)/lib/cflags
	@echo '$(USER_LDFLAGS)' >$(SDK)/lib/ldflags
	@mkdir $(SDK)/template
	@for file in $(wildcard servers/examples/echo/*.c) servers/examples/echo/echo.idl servers/examples/echo/manifest; do \
	        sed 's/echo/greet/g; s/ECHO/GREET/g; s/interface greet 32/interface greet 48/' "$$file" \
	                >"$(SDK)/template/$$(basename "$$file" | sed s/echo/greet/)"; done
	@cp -p tools/sdk/template.mk $(SDK)/template/Makefile
	@cp -p tools/sdk/README.md $(SDK)
	@echo 'built $(SDK): copy it to where you like; $(SDK)/bin/portolan-cc --help'
