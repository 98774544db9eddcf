# Multi-node tests: real machines, booted over the network. tests/system/README.md.

ifndef USER_PROGRAM_MK
include servers/rt/program.mk
endif

# By far the longest: the others run beside it.
SUITES := system $(SUITES)
LONG_SUITES += system-debian

# The example service, edited: it counts from 1000 on, or cannot start because it registers another's name.
$B/tests/system/counts/main.c $B/tests/system/fails/main.c &: servers/examples/echo/main.c
	@mkdir -p $B/tests/system/counts $B/tests/system/fails
	@sed 's/= ++calls/= 1000 + ++calls/' $< >$B/tests/system/counts/main.c
	@sed 's/rt_register("echo"/rt_register("fs"/' $< >$B/tests/system/fails/main.c
	@! cmp -s $< $B/tests/system/counts/main.c && ! cmp -s $< $B/tests/system/fails/main.c
$(eval $(call user_elf,tests/system/counts,$B/tests/system/counts/main.c,))
$(eval $(call user_elf,tests/system/fails,$B/tests/system/fails/main.c,))

$(eval $(call user_elf,tests/system/watcher,tests/system/watcher/main.c,))
$(eval $(call user_elf,tests/system/greedy,tests/system/greedy/main.c,))
$(eval $(call user_elf,tests/system/prowler,tests/system/prowler/main.c,))
$(eval $(call user_elf,tests/system/giver,tests/system/giver/main.c,))

# A stream server whose terminals take no key: who types there waits.
$B/tests/system/deaf/terminals.c: servers/stream/terminals.c
	@mkdir -p $(@D)
	@sed '/^static outcome_t type(/,/^}/s/^        if (!terminal)/        if (terminal) return RT_DEFERRED;\n&/' $< >$@
	@! cmp -s $< $@
$(eval $(call user_elf,tests/system/deaf,$(filter-out servers/stream/terminals.c,$(wildcard servers/stream/*.c)) $B/tests/system/deaf/terminals.c,))

SYSTEM_TEST_PROGRAMS := counts deaf fails giver greedy prowler watcher
$(foreach name,$(SYSTEM_TEST_PROGRAMS),$(eval $(call boot_program,$B/tests/system,tests/system/$(name))))

suite-system: run-programs $(SYSTEM_TEST_PROGRAMS:%=$B/tests/system/root/bin/%)
	@tests/system/run

# A thousand children of one program leave nothing.
LONG_SUITES += system-children
suite-system-children: run-programs
	@CHILDREN=1000 tests/system/children_test.sh test_many_children_leave_nothing

# Each of Debian's programs, near and far, outlives three deaths of the file server.
suite-system-debian: run-programs
	@LONG=yes tests/system/debian_test.sh test_all_outlive_the_file_server

# Eight nodes that transfer to each other for an hour: `make soak MINUTES=60`.
LONG_SUITES += soak
suite-soak: run-programs
	@tests/system/soak 5

MINUTES := 60
.PHONY: soak
soak: setup-run
	@$(MAKE) --no-print-directory run-programs
	@tests/system/soak $(MINUTES)
