# Host tests of pipes, pairs and terminals.

$(eval $(call test_suite,stream,$(wildcard tests/unit/stream/*.c) servers/stream/pipe.c servers/stream/pair.c servers/stream/terminal.c servers/stream/watch.c))

# A fuzzer: what is done with a pair.
STREAM_FUZZ := $B/tests/fuzz/stream
$(eval $(call fuzz_program,$(STREAM_FUZZ)/pair,tests/fuzz/stream/pair.c $(addprefix servers/stream/,pair.c pipe.c)))

SUITES += fuzz-stream
suite-fuzz-stream: $(STREAM_FUZZ)/pair
	@tests/fuzz/run 50000 -max_len=512 $(STREAM_FUZZ)/pair
