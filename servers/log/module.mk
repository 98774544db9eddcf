# Host tests of the log's pure parts.

$(eval $(call test_suite,log,tests/unit/log/main.c servers/log/ring.c servers/log/lines.c \
	servers/rt/pure/utf8.c servers/rt/pure/visible.c))
