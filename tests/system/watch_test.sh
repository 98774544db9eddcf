#!/bin/bash
# Who is a member can be watched from another node, and who watches may give the watch to a third: tests/system/watcher
# is the program, `watcher` and `handing` are components of it on n1, which watch what n2 knows.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

watch_system() {
        archive_make "$top/build/tests/system/root/bin/watcher" -- tests/system/watcher/watcher.manifest
        cat cluster/system.description - >"$scratch/system.description" <<'END_OF_COMPONENTS'
component courier on n3
component watcher on n1 of=n2
component handing is watcher on n1 of=n2 keeper=n3
END_OF_COMPONENTS
        cluster_up N=4 BOOT=direct SYSTEM="$scratch/system.description"
}

# said COMPONENT: what it has said in the log of n1.
said() { tr -d '\r' <"$PTL_DIR/n1/serial.log" | sed -n "s/^\(\[[0-9. ]*\] \)\?$1: //p"; }

# told COMPONENT NODE WORDS: what it has said of the node so far, up or dead, a word each.
told() { [ "$(said "$1" | awk -v node="$2" '$1 == node { print $2 }' | xargs)" = "$3" ]; }

# How often a component has begun to watch.
watching() { [ "$(said "$1" | grep -cx watching)" -eq "$2" ]; }

# Whether the watcher has begun anew for that reason.
anew() { said watcher | grep -qx "begins anew: $1"; }

lives() { said "$1" | awk -v node="$2" '$1 == node && $2 == "up" { print $3 }' | sort -u | wc -l; }

both_told() { # NODE WORDS
        local who
        for who in watcher handing; do
                until_true 50 told $who "$1" "$2" || problem "$who of $1, not '$2':"$'\n'"$(said $who)"
        done
}

# What n2 has given to others and holds of theirs: a watch is one of each, on each way that it has gone.
references() { [ "$(on n2 exports | wc -l)" -eq "$1" ]; }

test_members_are_watched_from_afar() {
        watch_system || return
        until_true 50 watching watcher 1 || problem 'nobody watches'
        until_true 50 watching handing 1 || problem 'no watch was given away'
        both_told n4 up
        kill -KILL "$(cat "$PTL_DIR/n4/pid")"
        both_told n4 'up dead'
        expect_in 'why n4 was dead' "$(said watcher)" '^n4 dead node died$'
        "$ptl" start n4 >/dev/null 2>&1 || problem 'n4 does not start'
        both_told n4 'up dead up'
        expect 'lives of n4' "$(lives watcher n4)" 2
        # A watch ends with who holds it, wherever that is.
        until_true 50 references 4 || problem "n2 has: $(on n2 exports)"
        on n1 'kill n3/courier' >/dev/null || problem 'kill n3/courier failed'
        until_true 50 references 2 || problem "after the death of the watch's keeper n2 has: $(on n2 exports)"
        # It ends with the transport that was asked, and who holds it is told.
        on n1 'kill n2/net' >/dev/null 2>&1
        until_true 50 watching watcher 2 || problem "the next transport of n2 is not watched:"$'\n'"$(said watcher)"
        expect 'lives of n2' "$(lives watcher n2)" 2
        anew 'node restarted' || anew 'link lost' || problem "why it began anew:"$'\n'"$(said watcher)"
}

# The own link goes and comes back: the watch is lost with it, and what came meanwhile is not.
test_a_watch_outlives_the_own_link() {
        watch_system || return
        until_true 50 watching watcher 1 || problem 'nobody watches'
        cable n1 false || problem 'QEMU does not pull the cable'
        until_true 50 anew 'link lost' || problem "the loss is not told:"$'\n'"$(said watcher)"
        kill -KILL "$(cat "$PTL_DIR/n4/pid")"
        cable n1 true || problem 'QEMU does not plug the cable in'
        until_true 100 watching watcher 2 || problem "nobody watches again:"$'\n'"$(said watcher)"
        until_true 50 told watcher n4 'up dead' || problem "the death of n4 is not told:"$'\n'"$(said watcher)"
}

after_test() {
        cluster_down
        ptl=$top/build/ptl
}

tests_run "$@"
