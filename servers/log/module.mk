# Host tests of the log's pure parts.

$(eval $(call test_suite,log,tests/unit/log/main.c servers/log/ring.c servers/log/lines.c))
