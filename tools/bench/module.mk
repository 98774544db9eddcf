# `make bench`: tools/bench/README.md.

BENCH_REPORT := $B/tools/bench/report
BENCH_PROFILE := $B/tools/bench/profile.so

$(BENCH_REPORT): tools/bench/report.c tools/bench/rows.def
	@mkdir -p $(@D)
	$(HOSTCC) $(filter-out -MMD -MP,$(HOST_CFLAGS)) -o $@ $<

$(BENCH_PROFILE): tools/bench/profile.c tools/bench/plugin.h
	@mkdir -p $(@D)
	$(HOSTCC) $(filter-out -MMD -MP,$(HOST_CFLAGS)) -D_GNU_SOURCE -fPIC -shared -fvisibility=hidden -o $@ $<

.PHONY: bench-programs
bench-programs: run-programs $(BENCH_REPORT) $(BENCH_PROFILE) $B/user/bench-kernel.elf $B/bench/boot.cpio

bench: setup-bench
	@$(MAKE) --no-print-directory -s bench-programs >&2
	@tools/bench/run $(PART)
