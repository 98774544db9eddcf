#!/bin/bash
# Programs for Linux with threads and signals (tests/programs), built with musl and with glibc.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir -p "$scratch/files/bin"
musl-gcc -static -O2 -s -o "$scratch/files/bin/musl" tests/programs/threads.c -pthread
gcc -static -O2 -s -o "$scratch/files/bin/glibc" tests/programs/threads.c -pthread
mkfifo "$scratch/silent"

# runs NODE OPTIONS TEST…: each ends with 0, built either way.
runs() {
        local node=$1 options=$2 test libc output
        shift 2
        for libc in musl glibc; do
                for test; do
                        output=$(on "$node" "run $options $libc $test" 2>&1) ||
                                problem "$libc $test: status $?: $output"
                done
        done
}

# waits_end TEST…: those that wait for input: a pipe that somebody could write to, and nobody does.
waits_end() {
        local libc test output
        for libc in musl glibc; do
                for test; do
                        output=$("$ptl" run n2 "$scratch/files/bin/$libc" "$test" 2>&1 0<>"$scratch/silent") ||
                                problem "$libc $test: status $?: $output"
                done
        done
}

test_threads_share_wait_and_end() {
        cluster_up BOOT=direct N=2 FILES="$scratch/files" || return
        runs n2 '' locks many robust
        runs n2 '-n n1' locks
}

test_a_signal_reaches_a_thread_wherever_it_is() {
        cluster_up BOOT=direct N=2 MEM=96 FILES="$scratch/files" || return
        runs n2 '' sent running clocked faults
        runs n2 '-m 16M' overflow
        runs n2 '-n n1' running
        waits_end cancel interrupted
}

tests_run "$@"
