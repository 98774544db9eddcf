#!/bin/bash
# A right travels through three nodes and a deadline through two (servers/examples/journey has the
# steps); afterwards no node holds a reference of another.
. "$(dirname "$0")/lib.sh"

# The shipped system with a courier on every node, and the traveller on n1.
journey_system() {
        cat cluster/system.description
        echo "component courier on *"
        echo "component journey on n1 first=n2 second=n3"
}

journey_ended() { grep -Eq 'journey: (ok|FAILED)' "$PTL_DIR/n1/serial.log"; }

no_references() { [ -z "$(on "$1" exports)" ]; }

journey() { # OPTION…
        local node
        journey_system >"$scratch/system.description"
        cluster_up SYSTEM="$scratch/system.description" BOOT=direct "$@" || return
        until_true 120 journey_ended || problem "the journey does not end"
        expect_in "n1's log" "$(grep 'journey' "$PTL_DIR/n1/serial.log")" 'journey: ok'
        for node in n1 n2 n3; do
                until_true 30 no_references "$node" ||
                        problem "$node still has: $(on "$node" exports)"
        done
}

test_a_right_travels_and_a_deadline_follows() { journey; }

test_so_they_do_when_frames_are_lost() { journey LOSS=10 SEED=3 NIC=mixed; }

tests_run "$@"
