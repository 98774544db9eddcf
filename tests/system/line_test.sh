#!/bin/bash
# Machines with one serial port, which log, shell and commands share.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

files=$scratch/files
mkdir -p "$files/bin"
cp /usr/bin/busybox "$files/bin"
# What a shared line is made of, and what ends a command, as output.
printf 'one\x1e0\n\x1f\x1c\x1d\x10P\x1e\x1e7\n\x1d\x1e0\n\x1ftwo' >"$files/marks"
head -c 40000 /dev/urandom >"$files/random"

test_commands_and_log_share_a_line() {
        cluster_up SERIAL=one BOOT=direct FILES="$files" || return
        expect_in "n2's answer" "$(on n2 nodes)" '^n2 up epoch [0-9a-f]{32} \(this node\)$'
        for name in marks random; do
                on n1 "cat /fs/$name" >"$scratch/out"
                expect "status of $name" $? 0
                cmp "$files/$name" "$scratch/out" || problem "the output of $name is not what the command wrote"
        done
        # While the log grows.
        (while [ -e "$scratch/out" ]; do on n2 'crash n1/entropy' >/dev/null 2>&1; done) &
        for i in 1 2 3; do
                on n1 'cat /fs/random' | cmp - "$files/random" || problem 'log and output are mixed'
        done
        rm "$scratch/out"
        wait $!
        on n1 'exit 7'
        expect 'status of exit 7' $? 7
        expect_in "n1's log" "$("$ptl" log n1)" '^init: entropy: #0 0x'
        expect 'marks in the log' "$(grep -c $'[\x1c\x1d\x1f]' "$PTL_DIR/n1/serial.log")" 0
        "$ptl" on n1 'ping n2 100000' >"$scratch/out" 2>&1 &
        client=$!
        until_true 20 grep -q '^n2 ' "$scratch/out" || problem 'no echoes'
        kill -TERM $client
        wait $client
        expect 'status of what was cancelled' $? 130
        # The line's driver may die: the kernel says its log meanwhile.
        on n2 'crash n1/line' || problem 'the driver is not to be crashed'
        until_true 50 on_says n1 nodes '^n1 up' || problem 'commands do not get through any more'
        expect_in "n1's log" "$(cat "$PTL_DIR/n1/serial.log")" '^init: line: #0 0x'
}

test_a_user_sees_the_log_above_the_line() {
        cluster_up SERIAL=one N=1 BOOT=direct || return
        rm -f "$scratch/keys"
        mkfifo "$scratch/keys"
        SHELL=/bin/bash script -qefc "stty cols 80 rows 24; $ptl sh n1" /dev/null <"$scratch/keys" >"$scratch/screen" 2>&1 &
        exec 5>"$scratch/keys"
        until_true 30 grep -q 'n1> ' "$scratch/screen" || problem 'no prompt'
        printf 'crash entropy\r' >&5
        until_true 30 grep -q 'init: entropy: #0' "$scratch/screen" || problem 'no log on the screen'
        printf 'nodes\r' >&5
        until_true 30 grep -q 'n1 up' "$scratch/screen" || problem "no answer: $(cat "$scratch/screen")"
        printf 'exit\r' >&5
        exec 5>&-
        wait $!
        expect 'status' $? 0
        expect 'marks on the screen' "$(grep -c $'[\x1c\x1d\x1f]' "$scratch/screen")" 0
        # Each line of the log begins in a row that was cleared.
        ! grep -a '[^]>K[ -]\[[0-9]*\.[0-9]*\] [a-z]*:' "$scratch/screen" || problem 'a line of the log stands within another'
}

tests_run "$@"
