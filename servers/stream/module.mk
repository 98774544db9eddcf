# Host tests of pipes and terminals.

$(eval $(call test_suite,stream,$(wildcard tests/unit/stream/*.c) servers/stream/pipe.c servers/stream/terminal.c servers/stream/watch.c))
