#!/bin/bash
# What dies while a 4 MiB file is read on n1 from n2, and what its reader sees: the driver, the file
# server, the node.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

files=$scratch/files
file_make "$files/four" $((4 * 1024 * 1024))
sum=$(sum_of "$files/four")

# Slow enough that the read is under way when something dies: 4 MiB at 8 Mbit/s take four seconds.
slow_cluster_up() {
        cluster_up FILES="$files" && "$ptl" link n1 n2 'rate 8mbit'
}

reader_start() {
        local before
        before=$(sent)
        on n1 'sum /fs/four' >"$scratch/reader" 2>&1 &
        reader=$!
        # The switch has carried a tenth of it.
        until_true 20 bytes_sent $((before + 400000)) || problem 'the read does not begin'
}

# What n2 has sent so far, in bytes.
sent() {
        (cd "$PTL_DIR" && echo stats | socat -t 1 - UNIX-CONNECT:switch.ctl) | grep '^n2 ' |
                grep -o 'in_bytes=[0-9]*' | cut -d= -f2
}

bytes_sent() { [ "$(sent)" -ge "$1" ]; }

test_driver_killed_and_the_read_ends_right() {
        slow_cluster_up || return
        reader_start
        on n3 'kill n2/nic' >/dev/null || problem 'kill n2/nic failed'
        wait $reader
        expect 'status of the read' $? 0
        expect_in 'its sum' "$(cat "$scratch/reader")" "$sum"
}

test_file_server_killed() {
        slow_cluster_up || return
        reader_start
        on n3 'kill n2/fs' >/dev/null || problem 'kill n2/fs failed'
        until_true 20 test ! -e "/proc/$reader" || problem 'the reader hangs'
        wait $reader
        [ $? -ne 0 ] || problem 'the read succeeded though its server died'
        expect_in 'its error' "$(cat "$scratch/reader")" '^sum: .*(receiver died|revoked|stale)'
        until_true 100 on_says n1 'sum /fs/four' "$sum" || problem 'no later try succeeds'
}

test_node_killed() {
        slow_cluster_up || return
        local epoch
        epoch=$(on n1 nodes | awk '$1 == "n2" { print $4 }')
        reader_start
        kill -KILL "$(cat "$PTL_DIR/n2/pid")"
        until_true 50 test ! -e "/proc/$reader" || problem 'the reader hangs'
        wait $reader
        [ $? -ne 0 ] || problem 'the read succeeded though its node died'
        expect_in 'its error' "$(cat "$scratch/reader")" '^sum: .*node died'
        until_true 50 on_says n1 nodes '^n2 +dead' || problem 'nodes does not show it dead'
        "$ptl" start n2 2>"$scratch/err" || problem "start n2: $(tail -n 15 "$scratch/err")"
        until_true 50 on_says n1 nodes '^n2 +up epoch' || problem 'nodes does not show it up'
        on_says n1 nodes "^n2 +up epoch $epoch" && problem 'n2 has its old epoch'
        until_true 100 on_says n1 'sum /fs/four' "$sum" || problem 'the read does not succeed'
}

test_partition_and_healing() {
        cluster_up FILES="$files" || return
        "$ptl" partition n1 / n2,n3
        on n1 'sum /fs/four' >"$scratch/out" 2>&1 && problem 'the read crosses a partition'
        expect_in 'its error' "$(cat "$scratch/out")" '^sum: '
        "$ptl" heal
        until_true 100 on_says n1 'sum /fs/four' "$sum" || problem 'no later try succeeds'
}

test_no_capability_is_left_over() {
        cluster_up FILES="$files" || return
        on n1 'sum /fs/four' >/dev/null || problem 'the read failed'
        on n3 'kill n2/fs' >/dev/null
        until_true 100 on_says n1 'sum /fs/four' "$sum" || problem 'no later try succeeds'
        "$ptl" stop n1
        until_true 100 on_says n2 nodes '^n1 +dead' || problem 'n2 does not see n1 dead'
        until_true 100 no_exports_to n1 || problem "n2 exports: $(on n2 exports)"
}

no_exports_to() { ! on n2 exports | grep -q "$1"; }

run_tests "$@"
