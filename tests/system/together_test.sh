#!/bin/bash
# Components that share a task: the driver with the transport on each node, and two services with each other.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# The shipped system with nic in net's task, and echo in courier's.
together_system() {
        sed 's/^component nic is \* /&with net /' cluster/system.description
        echo 'component courier on *'
        echo 'component echo with courier on *'
}

# component NAME: its line of n2's ps, as `STATE RESTARTS HOME`; HOME only if it is another's.
component() { on n3 'ps n2' | awk -v name="$1" '$1 == name { print $2, $6, $11 }'; }

both_restarted() { [ "$(component nic), $(component net)" = 'running 1 net, running 1 ' ]; }

test_a_driver_and_its_transport_in_one_task() {
        local files=$scratch/files
        file_make "$files/one" $((1024 * 1024))
        together_system >"$scratch/system.description"
        cluster_up SYSTEM="$scratch/system.description" BOOT=direct FILES="$files" || return
        expect_in "n2's console" "$(cat "$PTL_DIR/n2/serial.log")" 'nic shares the task of net: what either may do, both can'
        expect 'nic of n2' "$(component nic)" 'running 0 net'
        expect 'net of n2' "$(component net)" 'running 0 '
        expect 'sum' "$(on n1 'sum /fs/one')" "$(sum_of "$files/one")  /fs/one"
        expect_in 'a far call of a guest' "$(on n1 'call n3/echo echo.say far')" '^text: far$'
        expect_in 'a near one' "$(on n1 'call n1/echo echo.say near')" '^text: near$'

        on n3 'kill n2/nic' >"$scratch/kill" || grep -q 'perhaps executed: node restarted' "$scratch/kill" ||
                problem "kill n2/nic: $(cat "$scratch/kill")"
        until_true 60 both_restarted || problem "nic is $(component nic), net is $(component net)"
        expect 'sum afterwards' "$(on n1 'sum /fs/one')" "$(sum_of "$files/one")  /fs/one"
}

tests_run "$@"
