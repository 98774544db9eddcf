# One table of message forms, played in a cluster: near, far, and on a third node.

ifndef USER_PROGRAM_MK
include servers/rt/program.mk
endif

SEMANTICS := $B/tests/semantics
SEMANTICS_COMMON := tests/semantics/partner.c
SEMANTICS_FORMS := tests/semantics/semantics.c $(wildcard tests/semantics/forms_*.c)

$(eval $(call user_elf,tests/semantics/target,tests/semantics/target.c $(SEMANTICS_COMMON),))
$(eval $(call user_elf,tests/semantics/sender,tests/semantics/sender.c $(SEMANTICS_FORMS) $(SEMANTICS_COMMON),))

$(SEMANTICS)/%: $B/user/tests/semantics/%.elf
	@mkdir -p $(@D)
	objcopy --strip-debug $< $@

SUITES += semantics
suite-semantics: run-programs $(SEMANTICS)/target $(SEMANTICS)/sender
	@tests/semantics/run $(SEMANTICS)
