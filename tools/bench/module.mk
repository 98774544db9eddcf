# `make bench` and `make bench-net`: tools/bench/README.md.

BENCH_REPORT := $B/tools/bench/report
BENCH_NET_REPORT := $B/tools/bench/net_report
BENCH_PROFILE := $B/tools/bench/profile.so

$(eval $(call host_program,$(BENCH_REPORT),tools/bench/report.c))
$(eval $(call host_program,$(BENCH_NET_REPORT),tools/bench/net_report.c,-lm))

$(BENCH_PROFILE): tools/bench/profile.c
	@mkdir -p $(@D)
	$(HOSTCC) $(HOST_CFLAGS) -fPIC -shared -fvisibility=hidden -o $@ $<

.PHONY: bench-programs
bench-programs: run-programs $(BENCH_REPORT) $(BENCH_PROFILE) $B/user/tests/bench/kernel/bench-kernel.elf $B/bench/boot.cpio

bench: setup-bench
	@$(MAKE) --no-print-directory -s bench-programs >&2
	@tools/bench/run $(PART)

.PHONY: bench-net-programs
bench-net-programs: run-programs $(BENCH_NET_REPORT) $(BENCH_PROFILE) $(BENCH_LINUX_INIT) $B/bench-net/boot.cpio

bench-net: setup-bench-net
	@$(MAKE) --no-print-directory -s bench-net-programs >&2
	@tools/bench/net $(PART)
