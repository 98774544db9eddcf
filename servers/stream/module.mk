# Host tests of a pipe.

$(eval $(call test_suite,stream,tests/unit/stream/main.c servers/stream/pipe.c))
