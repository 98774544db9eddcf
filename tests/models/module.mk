# Models of the protocol, of which spin looks at every state. What they step by is compiled into the core, too.

LONG_SUITES += models
suite-models:
	@tests/models/run $B/tests/models
