#!/bin/bash
# A capture of a read, as Wireshark's own dissection shows it: no packet malformed, each call tied to
# its reply.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# As root, tshark would ignore WIRESHARK_PLUGIN_DIR.
dissect() {
        local -a drop=()
        [ "$(id -u)" -ne 0 ] || drop=(setpriv --reuid=65534 --regid=65534 --clear-groups)
        "${drop[@]}" env HOME=/nonexistent WIRESHARK_PLUGIN_DIR="$top/build/wireshark" \
                tshark -2 -r "$capture" "$@" 2>"$scratch/tshark.err"
}

capture=$scratch/read.pcapng

test_capture_of_a_read_is_dissected() {
        make -s wireshark >/dev/null || problem 'the plugin does not build'
        printf 'sum /fs/README.md\n' | make -s run CAPTURE="$capture" >/dev/null 2>"$scratch/err"
        expect 'status of the run' $? 0
        chmod a+rx "$scratch"
        expect 'malformed packets' "$(dissect -Y 'portolan && _ws.malformed' | wc -l)" 0
        local calls replies
        calls=$(dissect -Y 'portolan.kind == "call"' | wc -l)
        [ "$calls" -gt 0 ] || problem "no calls in the capture: $(cat "$scratch/tshark.err")"
        expect 'calls without their reply' \
                "$(dissect -Y 'portolan.kind == "call" && !portolan.reply_in' | wc -l)" 0
        expect 'replies without their call' \
                "$(dissect -Y 'portolan.kind == "reply" && !portolan.call_in' | wc -l)" 0
        replies=$(dissect -T fields -e portolan.method -Y 'portolan.kind == "call"' | sort -u)
        expect_in 'methods by name' "$replies" '^read$'
        dissect -T fields -e frame.interface_name | sort -u >"$scratch/interfaces"
        expect_in 'interfaces' "$(cat "$scratch/interfaces")" '^n1$'
}

run_tests "$@"
