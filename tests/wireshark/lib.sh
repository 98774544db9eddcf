# What the tests of the dissector share: sourced after tests/harness.sh, with the folder of the build in `build`.
# shellcheck shell=bash disable=SC2034,SC2154
export TSHARK='timeout 60 tshark' # seconds; a dissection takes one or two
dissect=tools/wireshark/dissect
check=tools/wireshark/check-capture
top=$PWD
golden=tests/wireshark/data
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# samples KIND…: puts the sample captures into the folder of the build.
samples() {
        local kind
        for kind; do
                gzip -dc "$golden/$kind.pcap.gz" >"$build/$kind.pcap" || return
        done
}

# same NAME: standard input is the golden text. It must not be the end of a pipe, which is a subshell,
# where problems are lost.
same() {
        if [ "${GOLDEN:-}" = write ]; then
                cat >"$golden/$1.txt"
        elif ! diff -u "$golden/$1.txt" - >"$scratch/diff"; then
                problem "differs from $golden/$1.txt:"$'\n'"$(head -n 30 "$scratch/diff")"
        fi
}

frames() { "$dissect" "$1" "${@:2}" 2>/dev/null; }
# count FILE FILTER OPTION…
count() { frames "$1" -Y "$2" -T fields -e frame.number "${@:3}" | wc -l; }
summary() {
        frames "$1" -T fields -E separator=' ' -e frame.number -e _ws.col.Info "${@:2}"
}
# damaged FILE PACKETS KEYLOG OPTION…: shows a capture, damaged (under the keys of the log, if there is one: ""), by the plugin with the sanitizers, with Wireshark's
# memory from malloc, so that they see it. What is shown is in $scratch/shown.
damaged() {
        local log=$scratch/tshark.log
        "$build/damage" "$seed" "$2" "$1" "$scratch/damaged.pcap" ${3:+"$3"} || problem 'no damage'
        PLUGINS=$build/plugins TSHARK="env ASAN_OPTIONS=detect_leaks=0 \
                WIRESHARK_DEBUG_WMEM_OVERRIDE=simple G_SLICE=always-malloc \
                LD_PRELOAD=$(gcc -print-file-name=libasan.so) timeout 300 tshark" \
                "$dissect" "$scratch/damaged.pcap" -V "${@:4}" >"$scratch/shown" 2>"$log" ||
                problem "tshark fails (SEED=$seed):"$'\n'"$(tail -n 30 "$log")"
        grep -aEi 'dissector bug|exception occurred|runtime error|AddressSanitizer' \
                "$scratch/shown" "$log" >"$scratch/bugs" &&
                problem "SEED=$seed: $(head -n 5 "$scratch/bugs")"
        expect 'packets shown' "$(grep -ac '^Frame [0-9]*:' "$scratch/shown")" "$2"
}

# The tree, but the bytes of large contents.
tree() { frames "$1" -O portolan -Y "$2" "${@:3}" | grep -v '^\(Frame\|Ethernet\|Internet\|User\) '; }
