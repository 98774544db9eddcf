# describe, and what `make check` runs.

CHECK_DESCRIBE := $B/tools/check/describe
CHECK_INCLUDES := $B/tools/check/includes
CHECK_PARSERS := description lines manifest text

PROGRAMS += $(CHECK_DESCRIBE)

$B/tools/check/%.o: tools/check/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) -D_GNU_SOURCE -c -o $@ $<

$B/tools/check/rt/%.o: servers/rt/%.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) -c -o $@ $<

$(CHECK_DESCRIBE): $(addprefix $B/tools/check/,describe.o system.o system_checks.o) \
                   $(CHECK_PARSERS:%=$B/tools/check/rt/%.o)
	$(HOSTCC) -o $@ $^

$(CHECK_INCLUDES): $B/tools/check/includes.o
	$(HOSTCC) -o $@ $^

# The C files of the project, as paths from the top.
CHECK_FIND = find kernel netipc servers drivers cluster tools tests -type f

.PHONY: check-format check-cppcheck check-includes check-readmes check-description
CHECKS += check-format check-includes check-readmes check-description check-cppcheck

check-format:
	@$(CHECK_FIND) -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run -Werror
	@echo "check: format: fine"

check-includes: $(CHECK_INCLUDES)
	@$(CHECK_FIND) -name '*.[chS]' -print0 | xargs -0 $(CHECK_INCLUDES)
	@echo "check: includes: fine"

check-readmes:
	@tools/check/readmes
	@echo "check: README.md in each folder: fine"

check-description: $(CHECK_DESCRIBE) $$(BOOT_ARCHIVE)
	@$(CHECK_DESCRIBE) --nodes n1,n2,n3 --nic mixed cluster/system.description
	@echo "check: cluster/system.description: fine"

# Style belongs to clang-format and the eye; here count errors. Tests do on purpose what it warns of, and
# have sanitizers. The suppressed warnings contradict how the kernel and the runtime are built: linker
# symbols and pointers that are addresses.
check-cppcheck:
	@$(subst tests -type,-type,$(CHECK_FIND)) -name '*.c' -print | cppcheck --file-list=- -q -j 2 --std=c11 --inline-suppr \
	        --enable=warning,performance,portability --error-exitcode=1 -I. -Ikernel/include -I$B \
	        --suppress=comparePointers --suppress=subtractPointers --suppress=missingInclude \
	        --suppress=checkersReport --max-configs=4
	@echo "check: cppcheck: fine"

# Tests.
CHECK_LIBRARIES := $(shell pkg-config --libs check 2>/dev/null)
CHECK_TEST := $B/tests/unit/description/test
CHECK_FUZZ := $B/tests/fuzz/description/fuzz
CHECK_FUZZ_RUNS ?= 200000

.PHONY: suite-description suite-check
SUITES += description check

$(CHECK_TEST): tests/unit/description/main.c $(CHECK_PARSERS:%=servers/rt/%.c)
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) $(SANITIZE) -MF $@.d -o $@ $^ $(CHECK_LIBRARIES)

$(CHECK_FUZZ): tests/fuzz/description/fuzz.c $(CHECK_PARSERS:%=servers/rt/%.c)
	@mkdir -p $(@D)
	clang-14 -std=gnu11 -O1 -g -Wall -Wextra -Werror -I. -fsanitize=fuzzer,address,undefined \
	        -fno-sanitize-recover=all -o $@ $^

suite-description: $(CHECK_TEST) $(CHECK_FUZZ)
	$(CHECK_TEST)
	$(CHECK_FUZZ) -runs=$(CHECK_FUZZ_RUNS) -seed=1 -verbosity=0 -max_len=512 \
	        -dict=tests/fuzz/description/words.dict
	@echo "fuzz: 1 passed, 0 failed"

suite-check: $(CHECK_DESCRIBE) $(CHECK_INCLUDES)
	@tests/unit/check/run $(CHECK_DESCRIBE) $(CHECK_INCLUDES)
