#!/bin/bash
# A capture of reads, as Wireshark's own dissection shows it: no packet malformed, each call tied to its
# reply, each frame once and on its sender's interface.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

capture=$scratch/read.pcapng

dissect() { tools/wireshark/dissect "$capture" "$@" 2>"$scratch/tshark.err"; }

# capture_reads OPTION…: a run, in clear or with a key log, with commands that call far nodes; what check-capture says of it.
capture_reads() {
        local said
        make -s wireshark >/dev/null || problem 'the plugin does not build'
        printf 'nodes\nls /fs\nsum /fs/GPL-3\nps n3\n' |
                make -s run FILES=/usr/share/common-licenses CAPTURE="$capture" "$@" \
                        >/dev/null 2>"$scratch/err"
        expect 'status of the run' $? 0
        chmod a+rx "$scratch"
        said=$(tools/wireshark/check-capture "$capture" 2>&1) || problem "check-capture: $said"
        note "$said"
        expect_in 'the check' "$said" '^[0-9]+ packets, 0 malformed, 0 damaged,'
        [ -n "$(dissect -Y 'portolan.kind == "call"')" ] ||
                problem "no calls in the capture: $(cat "$scratch/tshark.err")"
}

every_call_has_its_reply() {
        expect 'calls without their reply' "$(dissect -Y 'portolan.kind == "call" &&
                !portolan.reply_in' | wc -l)" 0
        expect 'replies without their call' \
                "$(dissect -Y 'portolan.kind == "reply" && !portolan.call_in' | wc -l)" 0
}

# The calls that a command makes are of chains that it begins itself; two commands share none.
every_call_has_a_trace_id() {
        expect 'calls without a trace id' \
                "$(dissect -Y 'portolan.kind == "call" && portolan.trace == 0' | wc -l)" 0
        local ids
        ids=$(dissect -T fields -e portolan.trace -Y 'portolan.kind == "call"' | tr ',' '\n' | sort -u | wc -l)
        [ "$ids" -gt 3 ] || problem "all calls are of $ids chains"
}

test_capture_of_a_read_is_dissected() {
        local methods interfaces
        capture_reads PLAINTEXT=yes
        every_call_has_its_reply
        every_call_has_a_trace_id
        methods=$(dissect -T fields -e portolan.method -Y 'portolan.kind == "call"' | tr ',' '\n' | sort -u)
        for method in lookup open read list; do
                expect_in 'methods by name' "$methods" "^$method$"
        done
        # Records in the bytes of an answer, by the fields of their description.
        expect_in 'names in a listing' "$(dissect -T fields -e portolan.fs.entry.name)" 'GPL-2,GPL-3'
        interfaces=$(tshark -r "$capture" -T fields -e frame.interface_name 2>/dev/null | sort -u)
        for interface in n1 n2 n3; do
                expect_in 'interfaces' "$interfaces" "^$interface$"
        done
        # The boot is in it, too: DHCP and TFTP of every node.
        expect_in 'the boot' "$(tshark -r "$capture" -Y 'tftp && frame.interface_name == "n3"' \
                2>/dev/null)" 'Read Request, File: boot.ipxe'
}

test_capture_of_a_lossy_network_is_dissected() {
        capture_reads KEYLOG="$scratch/keys" LOSS=10 SEED=7 NIC=e1000 BOOT=direct
        expect_in 'the drops' "$(tshark -r "$capture" -T fields -e frame.comment 2>/dev/null)" \
                '^dropped: loss'
        # The capture carries its keys: nobody names the log.
        expect 'sealed and not opened' "$(dissect -Y portolan.closed | wc -l)" 0
        expect_in 'the drops, by the dissector' "$(dissect -Y portolan.lost -T fields -e portolan.fate)" '^dropped: loss$'
}

tests_run "$@"
