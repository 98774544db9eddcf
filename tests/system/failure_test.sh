#!/bin/bash
# What dies while a 4 MiB file is read on n1 from n2, and what its reader sees: the driver, the file
# server, the node, the network.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

files=$scratch/files
file_make "$files/four" $((4 * 1024 * 1024))
sum=$(sum_of "$files/four")

# Slow enough that the read is under way when something dies: 4 MiB at 8 Mbit/s take four seconds.
slow_cluster_up() { # OPTION…
        cluster_up FILES="$files" BOOT=direct "$@" && "$ptl" link n1 n2 'rate 8mbit'
}

reader_start() {
        local before
        before=$(sent)
        {
                on n1 'sum /fs/four' >"$scratch/reader" 2>&1
                status=$?
                echo "${EPOCHREALTIME/./}" >"$scratch/reader.ended"
                exit $status
        } &
        reader=$!
        # The switch has carried a tenth of it.
        until_true 20 bytes_sent $((before + 400000)) || problem 'the read does not begin'
        [ -e "/proc/$reader" ] || problem 'the read is over too soon'
        broken=${EPOCHREALTIME/./}
}

# reader_ends SECONDS: waits for it; sets reader_status, and after_ms, the time since it began to break.
reader_ends() {
        until_true "$1" test ! -e "/proc/$reader" || {
                problem 'the reader hangs'
                kill "$reader"
        }
        wait "$reader"
        reader_status=$?
        after_ms=$((($(cat "$scratch/reader.ended") - broken) / 1000))
}

# reader_failed PATTERN: its error is like that.
reader_failed() {
        [ "$reader_status" -ne 0 ] || problem 'the read succeeded'
        expect_in 'its error' "$(cat "$scratch/reader")" "$1"
        note "$(cat "$scratch/reader"), after $after_ms ms"
}

# What n2 has sent so far, in bytes.
sent() {
        (cd "$PTL_DIR" && echo stats | socat -t 1 - UNIX-CONNECT:switch.ctl) | grep '^n2 ' |
                grep -o 'in_bytes=[0-9]*' | cut -d= -f2
}

bytes_sent() { [ "$(sent)" -ge "$1" ]; }

# component NAME: its line of n2's ps, as `STATE RESTARTS`.
component() { on n3 'ps n2' | awk -v name="$1" '$1 == name { print $2, $6 }'; }

restarted() { [ "$(component "$1")" = 'running 1' ]; }

driver_killed() { # OPTION…
        slow_cluster_up "$@" || return
        reader_start
        on n3 'kill n2/nic' >/dev/null || problem 'kill n2/nic failed'
        reader_ends 100
        expect 'status of the read' "$reader_status" 0
        expect_in 'its sum' "$(cat "$scratch/reader")" "$sum"
        until_true 50 restarted nic || problem "the driver is $(component nic)"
        note "the read ended right, $after_ms ms after the driver died"
}

test_driver_killed_and_the_read_ends_right() { driver_killed; }
test_e1000_driver_killed_and_the_read_ends_right() { driver_killed NIC=e1000; }

test_file_server_killed() {
        slow_cluster_up || return
        reader_start
        on n3 'kill n2/fs' >/dev/null || problem 'kill n2/fs failed'
        reader_ends 20
        reader_failed '^sum: .*(receiver died|revoked|stale)'
        until_true 100 on_says n1 'sum /fs/four' "$sum" || problem 'no later try succeeds'
}

test_file_server_crashes() {
        local log
        slow_cluster_up || return
        reader_start
        on n3 'crash n2/fs' >/dev/null || problem 'crash n2/fs failed'
        reader_ends 20
        reader_failed '^sum: .*(receiver died|revoked|stale)'
        until_true 50 restarted fs || problem "fs is $(component fs)"
        log=$(cat "$PTL_DIR/n2/serial.log")
        expect_in 'the fault' "$log" '^init: fs faulted: '
        expect_in 'its backtrace' "$log" '^init: fs: #0 0x[0-9a-f]+ [a-z_]+\+0x[0-9a-f]+'
        expect_in 'up to main' "$log" '^init: fs: #[0-9]+ 0x[0-9a-f]+ main\+0x'
        expect_in 'file and line' "$("$ptl" log n2)" \
                '^init: fs: #[0-9]+ 0x[0-9a-f]+ main\+0x[0-9a-f]+ at (.*/)?servers/fs/main.c:[0-9]+'
        until_true 100 on_says n1 'sum /fs/four' "$sum" || problem 'no later try succeeds'
}

# all_say REASON: whatever on n1 needs n2's files says so, and nothing calls them missing.
all_say() {
        local command output
        for command in 'ls /fs' 'cat /fs/four' 'cat /fs/nothing' 'write /fs/new text' 'ls /n2/fs' \
                'call fs fs.space' 'call n2/fs fs.space' 'ps n2'; do
                output=$(on n1 "$command")
                expect "status of '$command'" $? 1
                expect_in "'$command'" "$output" ": $1\$"
        done
        expect 'the top' "$(on n1 'ls /')" fs
        expect_in 'a name that nobody has' "$(on n1 'time cat /nope')" '^cat: /nope: not found$'
        expect_in 'it is refused at once' "$(on n1 'time cat /nope')" '^0\.[0-9]+ s$'
}

test_node_killed() {
        slow_cluster_up || return
        local epoch
        epoch=$(on n1 nodes | awk '$1 == "n2" { print $4 }')
        reader_start
        kill -KILL "$(cat "$PTL_DIR/n2/pid")"
        reader_ends 50
        reader_failed '^sum: .*node died'
        until_true 50 on_says n1 nodes '^n2 +dead' || problem 'nodes does not show it dead'
        until_true 20 on_says n1 'ls /fs' ': node died$' || problem "ls: $(on n1 'ls /fs')"
        all_say 'node died'
        # Also by a name service that was not there when the node died.
        on n1 'kill name' >/dev/null || problem 'kill name failed'
        until_true 50 on_says n1 'ls /fs' ': node died$' || problem "then ls: $(on n1 'ls /fs')"
        all_say 'node died'
        # A node that was not there then, either, knows from the description what there is to be.
        { "$ptl" stop n1 && "$ptl" start n1; } 2>"$scratch/err" || problem "n1: $(cat "$scratch/err")"
        on_says n1 'cat /fs/four' ': not running$' || problem "then cat: $(on n1 'cat /fs/four')"
        "$ptl" start n2 2>"$scratch/err" || problem "start n2: $(tail -n 15 "$scratch/err")"
        until_true 50 on_says n1 nodes '^n2 +up epoch' || problem 'nodes does not show it up'
        on_says n1 nodes "^n2 +up epoch $epoch" && problem 'n2 has its old epoch'
        until_true 100 on_says n1 'sum /fs/four' "$sum" || problem 'the read does not succeed'
}

test_partition_and_healing() {
        cluster_up FILES="$files" BOOT=direct || return
        "$ptl" partition n1 / n2,n3
        on n1 'sum /fs/four' >"$scratch/out" 2>&1 && problem 'the read crosses a partition'
        expect_in 'its error' "$(cat "$scratch/out")" '^sum: '
        until_true 50 on_says n1 'ls /fs' ': node died$' || problem "ls: $(on n1 'ls /fs')"
        all_say 'node died'
        "$ptl" heal
        until_true 100 on_says n1 'sum /fs/four' "$sum" || problem 'no later try succeeds'
}

test_no_capability_is_left_over() {
        cluster_up FILES="$files" BOOT=direct || return
        on n1 'sum /fs/four' >/dev/null || problem 'the read failed'
        on n3 'kill n2/fs' >/dev/null
        until_true 100 on_says n1 'sum /fs/four' "$sum" || problem 'no later try succeeds'
        for node in n1 n2 n3; do
                until_true 20 no_exports "$node" '' || problem "$node exports: $(on "$node" exports)"
        done
        "$ptl" stop n1
        until_true 100 on_says n2 nodes '^n1 +dead' || problem 'n2 does not see n1 dead'
        until_true 100 no_exports n2 n1 || problem "n2 exports: $(on n2 exports)"
}

# no_exports NODE PEER: it has given the peer (or anybody) nothing, and holds nothing of it.
no_exports() { ! on "$1" exports | grep -q "$2"; }

tests_run "$@"
