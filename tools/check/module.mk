# describe, and what `make check` runs.

CHECK_DESCRIBE := $B/tools/check/describe
CHECK_INCLUDES := $B/tools/check/includes

PROGRAMS += $(CHECK_DESCRIBE)

$(eval $(call host_program,$(CHECK_DESCRIBE),$(addprefix tools/check/,describe.c files.c nic.c placement.c) \
        $(CLUSTER_SYSTEM) $(DRIVERS_CARDS) $(TOOLS_LIB)))
$(eval $(call host_program,$(CHECK_INCLUDES),tools/check/includes.c))

# The C files of the project, as paths from the top.
CHECK_FIND = find kernel netipc servers drivers cluster tools tests -type f

.PHONY: check-format check-house check-errors check-includes check-layers check-readmes check-names check-promises check-description check-cppcheck
CHECKS += check-format check-house check-errors check-includes check-layers check-readmes check-names check-promises check-description check-cppcheck

check-format:
	@$(CHECK_FIND) -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run -Werror
	@echo "check: format: fine"

check-house:
	@$(CHECK_FIND) -name '*.[chS]' -print0 | LC_ALL=C xargs -0 tools/check/house
	@echo "check: house rules: fine"

check-errors:
	@tools/check/errors kernel/abi/syscalls.def tests/kernel/*.c
	@echo "check: a test for each error of each system call: fine"

check-includes: $(CHECK_INCLUDES)
	@$(CHECK_FIND) -name '*.[chS]' -print0 | xargs -0 $(CHECK_INCLUDES)
	@echo "check: includes: fine"

check-layers: $$(kernel_OBJECTS)
	@tools/check/layers kernel/layers $^
	@echo "check: layers of the kernel: fine"

check-readmes:
	@tools/check/readmes
	@echo "check: README.md in each folder: fine"

check-names:
	@{ $(CHECK_FIND); ls -d Makefile LICENSE *.md; } | tr '\n' '\0' | xargs -0 tools/check/names
	@echo "check: names in documents: fine"

check-promises:
	@tools/check/promises netipc/PROTOCOL.md netipc/PROMISES.md
	@echo "check: a test for each promise of the protocol: fine"

check-description: $(CHECK_DESCRIBE) $$(BOOT_ARCHIVE)
	@$(CHECK_DESCRIBE) --testbed --nodes n1,n2,n3 --nic mixed cluster/system.description
	@$(CHECK_DESCRIBE) --testbed --nodes n1,n2,n3 --nic mixed cluster/one-port.description
	@echo "check: descriptions: fine"

# Style belongs to clang-format and the eye; here count errors. Tests do on purpose what it warns of, and
# have sanitizers. The suppressed warnings contradict how the kernel and the runtime are built: linker
# symbols, pointers that are addresses, variables that are bound to registers.
check-cppcheck:
	@$(subst tests -type,-type,$(CHECK_FIND)) -name '*.c' -print | cppcheck --file-list=- -q -j 2 --std=c11 --inline-suppr \
	        --enable=warning,performance,portability --error-exitcode=1 -I. -I$B \
	        --suppress=comparePointers --suppress=subtractPointers --suppress=constStatement --suppress=missingInclude \
	        --suppress=checkersReport --max-configs=4
	@echo "check: cppcheck: fine"

# Tests.
SUITES += check house
suite-house: $(CHECK_DESCRIBE) $(CHECK_INCLUDES) $$(BOOT_ARCHIVE) $$(kernel_OBJECTS)
	@tests/unit/check/house $(CHECKS)

suite-check: $(CHECK_DESCRIBE) $(CHECK_INCLUDES) tools/check/house tools/check/names tools/check/layers
	@tests/unit/check/run $^
