#!/bin/bash
# Programs for Linux (tests/programs), built with musl and with glibc: threads, signals, descriptors, memory, files.
# shellcheck source=tests/system/programs.sh
. "$(dirname "$0")/programs.sh"

bin=$scratch/files/bin
mkdir -p "$bin"
both_build "$bin" threads descriptors sockets files names memory shared survives calls processes folders
seq -f '%015g' 0 299 | tee "$scratch"/files/records-{n1,n2} >"$scratch/files/records"
mkfifo "$scratch/silent"

# waits_end PROGRAM TEST…: those that wait for input: a pipe that somebody could write to, and nobody does.
waits_end() {
        local program=$1 libc test output
        shift
        for libc in musl glibc; do
                for test; do
                        output=$("$ptl" run n2 "$bin/$program-$libc" "$test" 2>&1 0<>"$scratch/silent") ||
                                problem "$libc $test: status $?: $output"
                done
        done
}

# A program that touches more than it may use ends, and the log says what to do about it.
says_what_is_missing() {
        on n2 'run -m 16M memory-musl greedy' >/dev/null 2>&1
        expect "status of a greedy program" $? 135
        on n2 log | grep -q 'memory-musl .*: it touches more memory than it may use (run -m)' ||
                problem "the log of n2 does not say that memory-musl needs more"
}

test_threads_signals_and_descriptors_are_as_on_linux() {
        cluster_up BOOT=direct N=2 MEM=96 FILES="$scratch/files" || return
        runs n2 '' threads locks many robust owned scheduled queued
        runs n2 '-n n1' threads locks
        runs n2 '' descriptors pipes lists nested forked counts signals numbers timers
        runs n2 '-m 8M' descriptors many
        runs n2 '-n n1' descriptors names
        runs n2 '' /fs/bin/sockets bytes looks options passed refused unsent processes records packets
        runs n1 '' /fs/bin/sockets passed processes records packets
        runs n2 '' threads sent running clocked faults
        runs n2 '-m 16M' threads overflow shallow
        runs n2 '-n n1' threads running
        waits_end threads cancel interrupted
        waits_end descriptors silence
        prints n1 'run descriptors-musl talk | run descriptors-glibc hear' ''
        prints n1 'run -n n2 descriptors-glibc talk | run descriptors-musl hear' ''
        runs n2 '-m 16M' memory promised many returned locked shortage bad
        says_what_is_missing
}

test_calls_are_as_in_their_manual_pages() {
        cluster_up BOOT=direct N=2 MEM=96 FILES="$scratch/files" || return
        runs n2 '' calls transfers maps waits statuses copies
        runs n1 '' calls transfers statuses copies
        runs n2 '' /fs/bin/processes clones stops usage keeps opened named told safety timers barriers
}

test_files_and_their_locks_are_as_on_linux_on_all_nodes() {
        local libc
        cluster_up BOOT=direct N=3 MEM=96 FILES="$scratch/files" || return
        for libc in musl glibc; do
                prints n2 "run files-$libc modes /fs" ''
                prints n1 "run files-$libc modes /fs" ''
                prints n1 "run files-$libc maps /fs" ''
                prints n1 "run files-$libc steady /fs" ''
                prints n1 "run files-$libc refusals /fs" ''
                prints n2 "run files-$libc shares /fs" ''
                prints n1 "run files-$libc shares /fs" ''
                prints n2 "run names-$libc links /fs" ''
                prints n1 "run names-$libc links /fs" ''
                prints n2 "run names-$libc renames /fs" ''
                prints n1 "run names-$libc renames /fs" ''
                prints n2 "run names-$libc times /fs" ''
                prints n1 "run names-$libc times /fs" ''
                prints n2 "run names-$libc confined /fs" ''
                prints n1 "run names-$libc confined /fs" ''
                prints n1 "run files-$libc devices /" ''
                prints n1 "run files-$libc processes /" ''
                prints n1 "run files-$libc node /" ''
                prints n2 "run files-$libc locks /fs" ''
                prints n1 "run files-$libc locks /fs" ''
                prints n2 "run files-$libc killed /fs" ''
                prints n1 "run files-$libc killed /fs" ''
                prints n1 "run files-$libc holds /fs | run -n n3 files-$libc waits /fs" 'has it'
                prints n2 "run files-$libc many /fs" ''
                prints n1 "run files-$libc many /fs" ''
                prints n2 "run files-$libc long_ones /fs" ''
                prints n1 "run files-$libc long_ones /fs" ''
        done
        prints n3 "run -n n2 files-musl holds /n2/fs | run files-glibc waits /fs" 'has it'
}

# What bears a folder's name later, or another process does with it, is nothing to who has it open.
test_open_folders_are_no_names() {
        local libc node what
        cluster_up BOOT=direct N=2 MEM=96 FILES="$scratch/files" || return
        for libc in musl glibc; do
                for node in n2 n1; do
                        for what in held current inherited; do
                                prints "$node" "run folders-$libc $what /fs" ''
                        done
                done
        done
        prints n1 'run folders-musl held /n2/fs' ''
        outlives n1
        outlives n2
}

# outlives NODE: an open folder and the current one, there, are what they were behind their server's death.
outlives() {
        "$ptl" run "$1" "$bin/folders-musl" outlives /fs >"$scratch/outlives" 2>&1 </dev/null &
        until_true 100 marks_are 1 || problem "no mark: $(cat "$scratch/outlives")"
        on n2 'kill n2/fs' >/dev/null
        wait "$!" || problem "on $1: status $?: $(cat "$scratch/outlives")"
}

# On n1, whose memory is its own, what is there on n2 is not.
test_processes_of_a_node_share_memory_by_files() {
        local libc test
        cluster_up BOOT=direct N=2 MEM=96 FILES="$scratch/files" || return
        runs n2 '' /fs/bin/shared semaphores locked one_memory grows cut names refused full given_back crowd nameless sealed
        runs n1 '' /fs/bin/shared semaphores locked nameless
        for libc in musl glibc; do
                for test in locks killed shares many; do
                        prints n2 "run files-$libc $test /dev/shm" ''
                        prints n1 "run files-$libc $test /dev/shm" ''
                done
                prints n1 "run files-$libc holds /dev/shm | run files-$libc waits /dev/shm" 'has it'
                prints n1 "run -n n2 files-$libc holds /dev/shm | run -n n2 files-$libc waits /dev/shm" 'has it'
        done
        prints n2 'run shared-musl stays' ''
        prints n1 'run shared-musl absent' ''
        prints n1 'run -n n2 shared-glibc there' ''
        prints n2 'run shared-glibc absent' ''
}

marks_are() { [ "$(on n2 'ls /fs/tmp' | grep -c '^mark-')" -ge "$1" ]; }

# survive WHAT…: each is done from both nodes while the file server dies twice.
survive() {
        local what node pids=() outputs=()
        # Who writes, and makes it as long as it was, has a file of its own.
        for what; do
                for node in n1 n2; do
                        "$ptl" run "$node" "$bin/survives-musl" "$what" /fs/records$([ "$what" != writes ] || echo "-$node") 2 \
                                >"$scratch/$what-$node" 2>&1 </dev/null &
                        pids+=($!)
                        outputs+=("$what-$node")
                done
        done
        # Each time when all have seen that the last server has died.
        for what in 1 2; do
                until_true 100 marks_are "${#pids[@]}" || problem "round $what: only $(on n2 'ls /fs/tmp')"
                on n2 'kill n2/fs' >/dev/null
        done
        for what in "${!pids[@]}"; do
                wait "${pids[$what]}" || problem "${outputs[$what]}: status $?: $(cat "$scratch/${outputs[$what]}")"
        done
}

test_open_files_survive_their_server_or_say_that_they_do_not() {
        cluster_up BOOT=direct N=2 MEM=128 FILES="$scratch/files" || return
        survive alone together writes locked
        survive linked
}

tests_run "$@"
