#!/bin/bash
# What dies on a node while the node itself lives on, and is started again there. For the other nodes a
# new transport is a new life of the node: another epoch, and everything is back. A new name service or
# log is not.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

files=$scratch/files
file_make "$files/some" 100000
file_make "$files/large" 4000000
sum=$(sum_of "$files/some")

epoch_of() { on n1 nodes | awk '$1 == "'"$1"'" && $2 == "up" { print $4 }'; }

# Whether the node is up with another epoch than that.
reborn() {
        local now
        now=$(epoch_of "$1")
        [ -n "$now" ] && [ "$now" != "$2" ]
}

no_references() { [ -z "$(on "$1" exports)" ]; }

# Killed from n1, which loses its link to n2 with it.
test_transport_killed() {
        local before outcome node
        cluster_up FILES="$files" || return
        before=$(epoch_of n2)
        outcome=$(on n1 'kill n2/net' 2>&1) && problem "kill n2/net says nothing of it"
        expect_in 'outcome of the kill' "$outcome" 'perhaps executed: node restarted'
        until_true 50 reborn n2 "$before" || problem "n2 does not come back: $(on n1 nodes)"
        until_true 50 on_says n1 names '^n2/fs$' || problem "n2's names do not come back"
        until_true 50 on_says n1 'sum /fs/some' "$sum" || problem 'no later read succeeds'
        until_true 50 on_says n2 nodes '^n1 +up' || problem 'n2 does not see n1'
        until_true 50 on_says n3 'ping n2' '^n2 .* ms' || problem 'n3 does not reach n2'
        # The own one: for a moment there are no far services, which the shell waits for.
        expect 'kill net' "$(on n1 'kill net' 2>&1)" ''
        expect_in 'ps after that' "$(on n1 'ps n2' 2>&1)" '^name +running '
        for node in n1 n2 n3; do
                until_true 30 no_references "$node" ||
                        problem "$node still has: $(on "$node" exports)"
        done
}

# Nobody but the name service itself begins anew, and a far reader goes on.
test_name_service_dies() {
        local before reader node
        cluster_up FILES="$files" || return
        before=$(epoch_of n2)
        until_true 50 on_says n1 names '^n2/fs$' || problem "n1 does not learn of n2's names"
        "$ptl" on -t 120 n3 'sum /fs/large' >"$scratch/out" 2>&1 &
        reader=$!
        expect 'kill n2/name' "$(on n1 'kill n2/name' 2>&1)" ''
        expect_in 'ps after that' "$(on n1 'ps n2')" '^name +running '
        expect 'a read after that' "$(on n1 'sum /fs/some')" "$sum  /fs/some"
        expect 'crash n1/name' "$(on n1 'crash name' 2>&1)" ''
        expect 'a read after that' "$(on n1 'sum /fs/some')" "$sum  /fs/some"
        expect_in 'the names of n1' "$(on n1 names)" '^n1/tty1$'
        wait $reader
        expect 'the far reader' "$(cat "$scratch/out")" "$(sum_of "$files/large")  /fs/large"
        until_true 50 on_says n3 names '^n2/fs$' || problem "n3 does not learn of n2's names again"
        expect 'epoch of n2' "$(epoch_of n2)" "$before"
        expect 'who was restarted' "$({ on n1 ps; on n1 'ps n2'; } | awk '$6 ~ /[1-9]/ { print $1 }' | xargs)" \
                'name name'
        for node in n1 n2 n3; do
                until_true 30 no_references "$node" ||
                        problem "$node still has: $(on "$node" exports)"
        done
}

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

# The next transport has never heard of it, and the last one cannot say why it went.
test_node_dies_while_the_transport_is_away() {
        cluster_up BOOT=direct || return
        until_true 50 on_says n1 names '^n2/proc$' || problem "n1 does not learn of n2's names"
        kill -KILL "$(cat "$PTL_DIR/n2/pid")"
        expect 'kill net' "$(on n1 'kill net' 2>&1)" ''
        until_true 50 on_says n1 names '^n3/proc$' || problem "n1 does not learn of n3's names again"
        on_says n1 names '^n2/' && problem "n1 still has names of n2: $(on n1 names)"
        until_true 20 on_says n1 'ps n2' ': link lost$' || problem "ps n2: $(on n1 'ps n2')"
}

# watch_begin NODE: lists there what changes, to $scratch/watch.NODE; its process joins $watchers.
watchers=()
watch_begin() {
        "$ptl" on -t 120 "$1" 'nodes -w' >"$scratch/watch.$1" 2>&1 &
        watchers+=($!)
}

watches_end() {
        kill "${watchers[@]}"
        wait "${watchers[@]}" 2>/dev/null
        watchers=()
}

# watch_says AT NODE WORDS: what that watch has said of a node so far: up or dead, a word a line.
watch_says() { [ "$(awk -v node="$2" '$1 == node { print $2 }' "$scratch/watch.$1" | xargs)" = "$3" ]; }

# How many lives of the node the watch has told of.
lives_told() { awk -v node="$2" '$1 == node && $2 == "up" { print $4 }' "$scratch/watch.$1" | sort -u | wc -l; }
told_of_lives() { [ "$(lives_told "$1" "$2")" -eq "$3" ]; }

# A program is told that a node dies, and why; that it is back, in another life; and of the next transport of
# its own node.
test_membership_is_watched() {
        cluster_up BOOT=direct || return
        watch_begin n1
        until_true 50 watch_says n1 n3 'up' || problem 'n3 is not listed'
        kill -KILL "$(cat "$PTL_DIR/n3/pid")"
        until_true 50 watch_says n1 n3 'up dead' || problem 'its death is not told'
        "$ptl" start n3 >/dev/null 2>&1 || problem 'n3 does not start'
        until_true 50 watch_says n1 n3 'up dead up' || problem 'that it is back is not told'
        expect_in 'why it was dead' "$(cat "$scratch/watch.n1")" '^n3 dead node died$'
        expect 'lives of n3' "$(lives_told n1 n3)" 2
        on n2 'kill n1/net' >/dev/null 2>&1
        until_true 50 told_of_lives n1 n1 2 || problem 'nothing is told of the next transport'
        watches_end
        [ -z "$problems" ] || problem "it was told:"$'\n'"$(cat "$scratch/watch.n1")"
}

frames() {
        (cd "$PTL_DIR" && echo stats | socat -t 1 - UNIX-CONNECT:switch.ctl) |
                grep -o 'in_frames=[0-9]*' | cut -d= -f2 | awk '{ sum += $1 } END { print sum }'
}

# Beacons, one a second from each node, and a PING with its ACK eight times a second for each pair.
test_idle_cluster_is_quiet() {
        local before rate
        cluster_up BOOT=direct || return
        until_true 50 on_says n1 names '^n2/proc$' || problem "n1 does not learn of n2's names"
        sleep 3
        before=$(frames)
        sleep 10
        rate=$(($(frames) - before))
        note "$rate frames in 10 s"
        [ "$rate" -ge 300 ] && [ "$rate" -le 560 ] || problem "an idle trio sends $rate frames in 10 s"
}

# A driver that was killed again and again is left alone for some seconds. Its own node knows that it was
# the link, later than the others give it up: they may have met it again by then.
test_driver_that_is_away_too_long() {
        local before
        cluster_up FILES="$files" || return
        before=$(epoch_of n2)
        driver_is_away() { on n2 'kill n2/nic'; on_says n2 nodes '^n1 dead .*link lost'; }
        until_true 100 driver_is_away || problem "n2's links are not lost: $(on n2 nodes)"
        grep -qE 'n2: (nothing heard|closed by the peer)' "$PTL_DIR/n1/serial.log" || problem 'n1 does not miss n2'
        until_true 200 on_says n1 nodes "^n2 up epoch $before" || problem 'n2 does not come back as itself'
        until_true 50 on_says n1 'sum /fs/some' "$sum" || problem 'no later read succeeds'
        until_true 50 on_says n2 names '^n1/proc$' || problem "n2 has not got n1's names again"
}

# The node knows that it is its own card, and the others that they do not hear it; who watches is told so, there
# and here, and that it is back, in the same life.
test_card_without_a_link() {
        local nic
        for nic in virtio e1000; do
                cluster_up NIC=$nic BOOT=direct || return
                watch_begin n1
                watch_begin n2
                until_true 50 watch_says n1 n2 'up' && until_true 50 watch_says n2 n1 'up' ||
                        problem "$nic: the nodes are not listed"
                cable n2 false || problem "$nic: QEMU does not pull the cable"
                until_true 50 watch_says n2 n1 'up dead' || problem "$nic: n2's links are not lost"
                until_true 50 watch_says n1 n2 'up dead' || problem "$nic: n1 does not miss n2"
                cable n2 true || problem "$nic: QEMU does not plug the cable in"
                until_true 100 watch_says n1 n2 'up dead up' || problem "$nic: n2 does not come back"
                until_true 50 watch_says n2 n1 'up dead up' || problem "$nic: n1 does not come back"
                watches_end
                expect_in 'why n1 was dead' "$(cat "$scratch/watch.n2")" '^n1 dead link lost$'
                expect_in 'why n2 was dead' "$(cat "$scratch/watch.n1")" '^n2 dead node died$'
                expect 'lives of n1' "$(lives_told n2 n1)" 1
                expect 'lives of n2' "$(lives_told n1 n2)" 1
                until_true 50 on_says n2 names '^n1/proc$' || problem "$nic: n2 has not got n1's names again"
                [ -z "$problems" ] || problem "n1 was told:"$'\n'"$(cat "$scratch/watch.n1")"$'\n'"n2 was told:"$'\n'"$(cat "$scratch/watch.n2")"
        done
}

tests_run "$@"
