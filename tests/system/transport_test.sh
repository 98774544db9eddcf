#!/bin/bash
# What dies on a node while the node itself lives on, and is started again there: its transport, its
# name service, its log. For the other nodes it is a new life of the node: another epoch, and
# everything is back.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

files=$scratch/files
file_make "$files/some" 100000
sum=$(sum_of "$files/some")

epoch_of() { on n1 nodes | awk '$1 == "'"$1"'" && $2 == "up" { print $4 }'; }

# Whether the node is up with another epoch than that.
reborn() {
        local now
        now=$(epoch_of "$1")
        [ -n "$now" ] && [ "$now" != "$2" ]
}

no_references() { [ -z "$(on "$1" exports)" ]; }

# Kills a component of n2 from n1, which loses its link to n2 with it.
killed_and_everything_is_back() { # COMPONENT
        local before outcome node
        cluster_up FILES="$files" || return
        before=$(epoch_of n2)
        outcome=$(on n1 "kill n2/$1" 2>&1) && problem "kill n2/$1 says nothing of it"
        expect_in 'outcome of the kill' "$outcome" 'perhaps executed: node restarted'
        until_true 50 reborn n2 "$before" || problem "n2 does not come back: $(on n1 nodes)"
        until_true 50 on_says n1 names '^n2/fs$' || problem "n2's names do not come back"
        until_true 50 on_says n1 'sum /fs/some' "$sum" || problem 'no later read succeeds'
        until_true 50 on_says n2 nodes '^n1 +up' || problem 'n2 does not see n1'
        until_true 50 on_says n3 'ping n2' '^n2 .* ms' || problem 'n3 does not reach n2'
        for node in n1 n2 n3; do
                until_true 30 no_references "$node" ||
                        problem "$node still has: $(on "$node" exports)"
        done
}

test_transport_killed() { killed_and_everything_is_back net; }

test_name_service_killed() { killed_and_everything_is_back name; }

# Calls under way end, each time, and nothing is left of them.
test_transport_killed_often() {
        local i before
        cluster_up FILES="$files" || return
        for i in 1 2 3 4 5 6; do
                before=$(epoch_of n2)
                # Its names are known a moment after the node itself.
                until_true 50 on_says n1 'kill n2/net' 'perhaps executed' ||
                        problem "n2/net cannot be killed, time $i"
                until_true 100 reborn n2 "$before" || problem "n2 does not come back, time $i"
        done
        until_true 100 on_says n1 'sum /fs/some' "$sum" || problem 'no later read succeeds'
        until_true 30 no_references n1 || problem "n1 still has: $(on n1 exports)"
}

# A driver that was killed again and again is left alone for some seconds. Its own node knows that it was
# the link.
test_driver_that_is_away_too_long() {
        local before
        cluster_up FILES="$files" || return
        before=$(epoch_of n2)
        driver_is_away() { on n2 'kill n2/nic'; on_says n2 nodes '^n1 dead .*link lost'; }
        until_true 100 driver_is_away || problem "n2's links are not lost: $(on n2 nodes)"
        until_true 50 on_says n1 nodes '^n2 dead .*(node died|link lost)' ||
                problem "n1 does not miss n2: $(on n1 nodes)"
        until_true 200 on_says n1 nodes "^n2 up epoch $before" || problem 'n2 does not come back as itself'
        until_true 50 on_says n1 'sum /fs/some' "$sum" || problem 'no later read succeeds'
        until_true 50 on_says n2 names '^n1/proc$' || problem "n2 has not got n1's names again"
}

run_tests "$@"
