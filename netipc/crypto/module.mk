# Keys, handshake and sealed packets: tests and fuzzers. Whoever uses the code builds it, as with the core.

NETIPC_CRYPTO := $(wildcard netipc/crypto/*.c)

$(eval $(call test_suite,crypto,$(wildcard tests/unit/crypto/*.c) $(NETIPC_CRYPTO),-lsodium))

# The vectors are what their script prints.
SUITES += crypto-vectors
suite-crypto-vectors:
	@if tests/unit/crypto/vectors.py | cmp - tests/unit/crypto/vectors.txt; then \
		echo '1 passed, 0 failed'; else echo '0 passed, 1 failed'; exit 1; fi

CRYPTO_FUZZERS := $(addprefix $B/tests/fuzz/crypto/,handshake keys sealed)
$(foreach fuzzer,$(CRYPTO_FUZZERS),$(eval $(call fuzz_program,$(fuzzer),$(fuzzer:$B/%=%.c) $(NETIPC_CRYPTO),-lsodium)))

SUITES += fuzz-crypto
suite-fuzz-crypto: $(CRYPTO_FUZZERS) | $(NETIPC_SEEDS)
	@tests/fuzz/run 20000 -max_len=600 $^
