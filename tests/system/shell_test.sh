#!/bin/bash
# The shell's commands, near and far, as `ptl on` runs them.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

files=$scratch/files
file_make "$files/short" 3000
mkdir -p "$files/folder"
ln -s short "$files/link"

# says STATUS PATTERN COMMAND: what it prints has such a line, and that is its status.
says() {
        local output
        output=$(on n1 "$3")
        expect "status of '$3'" $? "$1"
        expect_in "'$3'" "$output" "$2"
}

# prints COMMAND TEXT: it succeeds, with exactly that.
prints() {
        local output
        output=$(on n1 "$1")
        expect "status of '$1'" $? 0
        expect "output of '$1'" "$output" "$2"
}

test_every_command_has_a_usage() {
        local command help
        cluster_up BOOT=direct FILES="$files" || return
        help=$(on n1 help)
        for command in help nodes names on ls cd pwd cat write sum ps ping exports kill crash time '&' wait jobs export exit; do
                expect_in help "$help" "^ *([A-Z]+ )?$command( |$)"
                says 0 "^usage: ([A-Z]+ )?$command( |$)" "help '$command'"
        done
        says 1 '^help: nonsense: ' 'help nonsense'
        for command in cat sum write ping kill time; do
                says 2 "^$command: usage: $command " "$command"
        done
        says 127 '^nonsense: no such command' nonsense
        says 2 ' is not closed$' 'cat "open'
        says 7 '' 'exit 7'
}

# A command is a task of its own: whatever becomes of it, the shell goes on, and nothing is left of it.
test_a_command_that_crashes_leaves_the_shell_alone() {
        local before i
        cluster_up N=1 BOOT=direct FILES="$files" || return
        on n1 'cat /fs/short' >/dev/null
        before=$(used_by batch)
        says 139 '^crash: it crashed; the log has more' crash
        says 0 'batch: crash: #0 0x[0-9a-f]+ crash[.a-z]*\+0x' log
        says 139 '^time: it crashed' 'time crash'
        for ((i = 0; i < 20; i++)); do echo crash; done | "$ptl" sh n1 >/dev/null 2>&1
        expect 'memory that the shell uses' "$(used_by batch)" "$before"
        says 0 '^batch +running .* 0$' ps
        says 0 '^\[1\]$' 'crash &'
        says 139 '^\[1\] failed: crash$' wait
        prints 'cat /fs/short' "$(cat "$files/short")"
}

# used_by COMPONENT: KiB of it on n1.
used_by() { on n1 ps | awk -v name="$1" '$1 == name { print $5 }'; }

test_files() {
        local odd='/fs/folder/mit Leerzeichen und ä'
        cluster_up BOOT=direct FILES="$files" || return
        prints 'cat /fs/short' "$(cat "$files/short")"
        prints 'sum /fs/short /fs/link' \
                "$(sum_of "$files/short")  /fs/short"$'\n'"$(sum_of "$files/short")  /fs/link"
        prints "write '$odd' some text" ''
        prints "cat '$odd'" 'some text'
        prints 'ls /fs/folder' "${odd##*/}"
        says 0 'link -> short$' 'ls -l /fs'
        # Another node reads what was written.
        expect 'on n3' "$(on n3 "cat '$odd'")" 'some text'
        # The same from the current folder on, and by the node that has the files.
        prints 'cd /fs/folder' ''
        prints ls "${odd##*/}"
        prints 'cat ../short' "$(cat "$files/short")"
        says 1 '^cd: nothing: not found$' 'cd nothing'
        says 1 '^cd: ../short: not a directory$' 'cd ../short'
        prints pwd /fs/folder
        prints 'cd ../../n2/fs' ''
        prints "cat 'folder/${odd##*/}'" 'some text'
        prints 'sum /n2/fs/short' "$(sum_of "$files/short")  /n2/fs/short"
        prints 'ls /n2' fs
        says 1 '^ls: /n3: not found$' 'ls /n3'
        prints 'cd /' ''
        says 1 '^cat: /fs/nothing: not found$' 'cat /fs/nothing'
        says 1 '^ls: /nowhere: not found$' 'ls /nowhere'
        says 1 '^ls: /f\*: not found; there are no patterns here: ' 'ls /f*'
        says 1 '^cat: /fs/folder: ' 'cat /fs/folder'
        says 1 '^write: /fs/folder: ' 'write /fs/folder text'
        says 0 '^[0-9]+\.[0-9]+ s$' 'time sum /fs/short'
        says 1 '^[0-9]+\.[0-9]+ s$' 'time cat /fs/nothing'
}

test_cluster_commands() {
        cluster_up BOOT=direct FILES="$files" || return
        says 0 '^n1 up epoch [0-9a-f]{32} \(this node\)$' nodes
        says 0 '^n2 up epoch [0-9a-f]{32} rtt [0-9.]+ ms$' nodes
        # A node's names come a moment after the node itself, and the last of them is fs.
        until_true 30 on_says n1 names '^n2/fs$' || problem "n1 does not learn of n2's fs"
        says 0 '^n2/fs$' names
        until_true 30 on_says n1 names '^n3/proc$' || problem "n1 does not learn of n3's proc"
        says 0 '^n2 [0-9.]+ ms$' 'ping n2'
        expect 'echoes' "$(on n1 'ping n3 5' | grep -c '^n3 ')" 5
        says 1 '^ping: n9: not found$' 'ping n9'
        says 1 '^ping: many: not a count from 1 to 1000000$' 'ping n2 many'
        says 0 '^batch +running ' ps
        says 0 '^fs +running ' 'ps n2'
        says 1 '^ps: n9: not found$' 'ps n9'
        # At once: there is no such node to wait for.
        says 1 '^0\.[0-9]+ s$' 'time ps n9'
        says 1 '^0\.[0-9]+ s$' 'time call n9/echo echo.say x'
        expect "the order of nodes" "$(on n3 nodes | cut -d" " -f1 | paste -sd" ")" "n1 n2 n3"
        # What the commands used is given back; to ask n2 takes a right to its transport.
        until_true 20 no_references || problem "n1 still has: $(on n1 exports)"
        says 0 '^export to n1 id [0-9]+ generation [0-9]+ count 1' 'exports n2'
}

no_references() { [ -z "$(on n1 exports)" ]; }

test_kill_and_crash() {
        cluster_up BOOT=direct FILES="$files" || return
        says 1 '^kill: n2/nothing: not found$' 'kill n2/nothing'
        says 1 '^crash: n9/fs: not found$' 'crash n9/fs'
        for component in log nic net tty0 shell fs name; do
                # n2 may have to be found again after the one before.
                until_true 50 on_says n1 'ping n2 1' '^n2 ' || problem 'n2 is not found again'
                until_true 50 crashes "$component" || problem "crash n2/$component: $(cat "$scratch/out")"
                until_true 50 runs_again "$component" || problem "n2/$component: $(on n2 ps)"
                expect_in "n2's log" "$(cat "$PTL_DIR/n2/serial.log")" \
                        "^init: $component: #0 0x[0-9a-f]+ [a-z_]+\+0x"
        done
        # The terminal that the answer goes to: what the next node has is no replacement.
        says 0 '' 'crash tty1'
        prints 'cat /fs/short' "$(cat "$files/short")"
        until_true 50 on_says n1 'sum /fs/short' "$(sum_of "$files/short")" ||
                problem "the file cannot be read after all that: $(on n1 'sum /fs/short')"
}

# What n1 knew of n2's names may be from before its transport's last end; and a crash of the transport may take
# the answer along.
crashes() {
        on n1 "crash n2/$1" >"$scratch/out" || grep -q 'perhaps executed: node restarted' "$scratch/out"
}

runs_again() {
        on n2 ps | awk -v name="$1" '$1 == name && $2 == "running" && $6 > 0 { found = 1 }
                END { exit !found }'
}

test_background() {
        local output
        cluster_up BOOT=direct FILES="$files" || return
        output=$(printf '%s\n' 'sum /fs/short &' 'cat /fs/nothing &' wait nodes |
                while read -r line; do on n1 "$line"; echo "status $?"; done)
        expect_in 'the first' "$output" "^$(sum_of "$files/short") "
        expect_in 'its end' "$output" '^\[1\] done: sum /fs/short$'
        expect_in 'the second' "$output" '^cat: /fs/nothing: not found$'
        expect_in 'its end' "$output" '^\[[12]\] failed: cat /fs/nothing$'
        expect_in 'wait tells of the failure' "$output" '^status 1$'
        # Neither waits for itself.
        says 1 '^wait: not in the background$' 'wait &'
        says 1 '^exit: not in the background$' 'exit &'
        says 1 '^wait: it stands at the beginning of a line' 'time wait'
}

test_cancel() {
        local started client
        cluster_up BOOT=direct FILES="$files" || return
        "$ptl" on n1 'ping n2 100000' >"$scratch/out" 2>&1 &
        client=$!
        until_true 20 grep -q '^n2 ' "$scratch/out" || problem 'no echoes'
        started=${EPOCHREALTIME/./}
        kill -TERM $client
        wait $client
        expect 'status' $? 130
        note "interrupted after $(ms_since "$started") ms"
        prints 'cat /fs/short' "$(cat "$files/short")"
}

# Whatever a command has to hold at once, there is room for it.
test_commands_have_the_memory_that_they_need() {
        local long client i
        file_make "$files/large" 1048576
        for ((i = 0; i < 200; i++)); do file_make "$files/many/a rather long name of a file, number $i" 1; done
        cluster_up MEM=64 N=2 BOOT=direct FILES="$files" || return
        long=$(head -c 3500 /dev/zero | tr '\0' x)
        "$ptl" on n1 'nodes -w' >"$scratch/out" 2>&1 &
        client=$!
        until_true 30 grep -q '^n2 up' "$scratch/out" || problem 'nodes -w tells nothing'
        kill -TERM $client
        wait $client
        printf '%s\n' "export LONG=$long" "cat /fs/$long" "write /fs/long $long" 'cat /fs/short' 'sum /fs/large /fs/large' \
                'ls -l /fs/many' names nodes 'ps n2' exports 'ping n2 2' log 'help run' 'call n2/fs fs.stat /large' \
                "run nothing $long" 'on n2 help' | "$ptl" sh n1 >"$scratch/out" 2>&1
        ! grep -Ei 'it crashed|no memory|has used [0-9]+ of [0-9]+ KiB' "$scratch/out" "$PTL_DIR/n1/serial.log" ||
                problem 'a command has too little memory'
        rm -r "$files/many" "$files/large"
}

# A node without a port of its own: its batch shell runs what n1's sends it.
test_a_node_without_ports_is_reached_through_another() {
        local client
        printf 'one\x1e0\n\x1e\x1e7\ntwo' >"$files/marks"
        cluster_up BOOT=direct FILES="$files" PORTS=n1 || return
        [ ! -e "$PTL_DIR/n3/batch.sock" ] || problem 'n3 has a port'
        expect_in "n3's answer" "$(on n3 nodes)" '^n3 up epoch [0-9a-f]{32} \(this node\)$'
        # Nothing in the output can pass for its end.
        on n3 'cat /fs/marks' >"$scratch/out"
        expect 'status' $? 0
        cmp "$files/marks" "$scratch/out" || problem 'the output is not what the command wrote'
        on n3 'exit 7'
        expect 'status of exit 7' $? 7
        on n3 "write /fs/folder/quoted 'it is' \"a 'quoted' word\"" || problem 'write failed'
        prints 'cat /fs/folder/quoted' "it is a 'quoted' word"
        expect 'in the background' "$(printf 'sum /fs/short &\nwait\n' | "$ptl" sh n2 | grep -v '^\[1\]')" \
                "$(sum_of "$files/short")  /fs/short"
        # A cancelled command ends there, too.
        "$ptl" on n3 'ping n2 100000' >"$scratch/out" 2>&1 &
        client=$!
        until_true 20 grep -q '^n2 ' "$scratch/out" || problem 'no echoes'
        kill -TERM $client
        wait $client
        expect 'status of what was cancelled' $? 130
        expect 'after that' "$(on n3 'cat /fs/short')" "$(cat "$files/short")"
        # Its shell may die, and the node.
        on n3 'crash batch' >"$scratch/out"
        expect 'status of a command whose shell dies' $? 125
        until_true 50 on_says n3 'nodes' '^n3 up' || problem 'its shell does not come back'
        "$ptl" stop n3
        on n3 nodes >"$scratch/out"
        expect 'status of what cannot be reached' $? 125
        "$ptl" stop n1
        on n2 nodes >"$scratch/out" 2>&1
        expect 'status without n1' $? 125
        expect_in 'why' "$(cat "$scratch/out")" 'n1, through which they go, has no power'
}

tests_run "$@"
