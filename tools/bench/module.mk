# `make bench`: tools/bench/README.md.

BENCH_REPORT := $B/tools/bench/report
BENCH_PROFILE := $B/tools/bench/profile.so

$(eval $(call host_program,$(BENCH_REPORT),tools/bench/report.c))

$(BENCH_PROFILE): tools/bench/profile.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) -fPIC -shared -fvisibility=hidden -o $@ $<

.PHONY: bench-programs
bench-programs: run-programs $(BENCH_REPORT) $(BENCH_PROFILE) $B/user/tests/bench/kernel/bench-kernel.elf $B/bench/boot.cpio

bench: setup-bench
	@$(MAKE) --no-print-directory -s bench-programs >&2
	@tools/bench/run $(PART)
