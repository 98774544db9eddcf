# The protocol once more, written from netipc/PROTOCOL.md alone, in a cluster.

SUITES += peer
suite-peer: run-programs
	@tests/peer/run
