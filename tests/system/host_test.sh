#!/bin/bash
# The cluster as a guest of its host: what idle nodes cost, and that an unprivileged user runs two
# clones at once.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# Processor time of the three machines so far, in hundredths of a second (utime and stime of
# /proc/PID/stat, behind the name in parentheses).
ticks() {
        local total=0 node stat
        for node in n1 n2 n3; do
                stat=$(cat "/proc/$(cat "$PTL_DIR/$node/pid")/stat")
                read -r -a stat <<<"${stat##*) }"
                total=$((total + stat[11] + stat[12]))
        done
        echo "$total"
}

test_idle_nodes_use_under_ten_percent() {
        local before window=10
        cluster_up || return
        # What is done at start ends first; then a window in which nothing is asked of the nodes.
        until_true 60 quiet || problem 'the nodes do not come to rest'
        before=$(ticks)
        local end=$((SECONDS + window))
        until_true $((window + 5)) eval "[ \$SECONDS -ge $end ]"
        local used=$(($(ticks) - before))
        # Hundredths of a second in $window seconds are percent, times $window.
        [ $used -lt $((10 * window)) ] || problem "$((used / window)) % of a processor"
}

# True if a second goes by in which the machines use less than a fifth of a processor.
quiet() {
        local before
        before=$(ticks)
        local end=$((SECONDS + 2))
        until_true 5 eval "[ \$SECONDS -ge $end ]"
        [ $(($(ticks) - before)) -lt 40 ]
}

as_nobody() {
        if [ "$(id -u)" -eq 0 ]; then
                setpriv --reuid=65534 --regid=65534 --clear-groups env -u PTL_DIR HOME=/nonexistent "$@"
        else
                env -u PTL_DIR "$@"
        fi
}

test_two_clones_of_an_unprivileged_user() {
        local clone
        chmod a+rx "$scratch"
        mkdir -m 777 "$scratch/user"
        for clone in one two; do
                as_nobody git -c safe.directory='*' clone -q "$top" "$scratch/user/$clone" || {
                        problem "git clone failed"
                        return
                }
                (printf 'nodes\nsum /fs/README.md\n' |
                        as_nobody make -s -C "$scratch/user/$clone" run SETUP=no \
                                >"$scratch/$clone.out" 2>"$scratch/$clone.err"
                echo $? >"$scratch/$clone.status") &
        done
        wait
        for clone in one two; do
                expect "status of $clone" "$(cat "$scratch/$clone.status")" 0
                expect_in "output of $clone" "$(cat "$scratch/$clone.out")" '^n3 +up epoch'
                expect_in "output of $clone" "$(cat "$scratch/$clone.out")" "$(sum_of README.md)"
        done
        expect 'processes left' "$(grep -lsz "$scratch/user" /proc/[0-9]*/cmdline | wc -l)" 0
}

run_tests "$@"
