#!/bin/bash
# Programs that nobody built for Portolan: Debian's busybox, unchanged, and one compiled here, on any node,
# with their files on another.
# shellcheck source=tests/system/programs.sh
. "$(dirname "$0")/programs.sh"

files=$scratch/files
mkdir -p "$files/bin" "$files/sub"
cp /usr/bin/busybox "$files/bin/busybox"
musl-gcc -static -O2 -s -o "$files/bin/plain" tests/rt/plain/main.c
printf 'pear\napple\nfig\n' >"$files/a"
echo hello >"$files/hello.txt"
echo inner >"$files/sub/inner"
ln -s hello.txt "$files/link"
cp "$(readlink -f /bin/ls)" "$files/dynamic"
printf '#!/bin/sh\necho no\n' >"$files/script"

# says NODE STATUS PATTERN COMMAND: what it prints has such a line, and that is its status.
says() {
        local output
        output=$(on "$1" "$4" 2>&1)
        expect "status of '$4' on $1" $? "$2"
        expect_in "'$4' on $1" "$output" "$3"
}

test_busybox_runs_near_and_far_with_its_own_status() {
        cluster_up BOOT=direct FILES="$files" || return
        prints n2 'run busybox echo hello' hello
        prints n1 'run -n n3 busybox sort /fs/a' $'apple\nfig\npear'
        prints n1 'run -n n3 busybox hostname' n3
        says n1 1 '^$' 'run busybox false'
        says n1 3 '^$' 'run busybox sh -c "exit 3"'
        says n1 1 "can't open '/fs/nothing': No such file" 'run busybox cat /fs/nothing'
        prints n1 'run /fs/bin/busybox pwd' /
        prints n1 'busybox echo by its name' 'by its name'
        prints n1 'busybox seq 5 | busybox tail -n 1' 5
        says n1 2 '^run: which program' 'run -n n3'
}

printf '#!/fs/bin/busybox sh\nbusybox cat /proc/$$/comm\n' >"$files/named"
chmod +x "$files/named"
# tools.sh: what busybox's tools make of /proc, with two that sleep. Each line is told if it is so.
ln -s busybox "$files/bin/sleep"
cat >"$files/tools.sh" <<'END'
sleep 1000 & first=$!
sleep 2000 & second=$!
/fs/named
for _ in $(busybox seq 100); do
        [ "$(busybox cat /proc/$first/comm /proc/$second/comm | busybox xargs)" != "sleep sleep" ] || break
done
busybox ps -o pid,ppid,stat,comm,args | busybox grep -Eq "^ *$first +$$ +S +sleep +sleep 1000$" && echo ps
[ "$(busybox pidof sleep | busybox tr ' ' '\n' | busybox sort -n | busybox xargs)" = "$first $second" ] && echo pidof
busybox ps -o pid,comm,args | busybox grep -Eq "^ *$second +sleep +sleep 2000$" && echo its arguments
busybox free | busybox grep -Eq '^Mem: +[1-9][0-9]* +[1-9][0-9]* +[1-9]' && echo free
busybox top -b -n 1 >/fs/top
busybox grep -Eq '^Mem: [1-9][0-9]*K used, [1-9][0-9]*K free' /fs/top && echo memory
busybox grep -Eq '^CPU: .*[0-9]% idle' /fs/top && echo processor
busybox grep -Eq "^ *$first +$$ .*sleep 1000$" /fs/top && echo top
busybox killall sleep
wait $first 2>/dev/null || [ $? = 143 ] && wait $second 2>/dev/null || [ $? = 143 ] && echo killall
busybox pidof sleep || echo none
END

test_tools_see_processes_and_the_node() {
        cluster_up BOOT=direct N=2 MEM=192 FILES="$files" || return
        prints n1 'run busybox sh /fs/tools.sh' $'named\nps\npidof\nits arguments\nfree\nmemory\nprocessor\ntop\nkillall\nnone'
}

# One that asks for names that never come leaves the others their share.
test_a_hostile_program_starves_nobody_of_names() {
        cp build/tests/system/root/bin/greedy "$files/bin" || return
        cluster_up N=2 BOOT=direct FILES="$files" || return
        on n1 '/fs/bin/greedy &' >/dev/null
        # What a job in the background says is shown with the next command.
        until_true 30 on_says n1 'busybox true' '^asks$' || problem 'the hostile program does not ask'
        for _ in 1 2 3 4; do prints n1 'busybox cat /fs/hello.txt' hello; done
        prints n1 'busybox sh -c "busybox cat /n2/fs/hello.txt | busybox cat"' hello
}

# said COMPONENT: what it has said in the log of n1.
said() { tr -d '\r' <"$PTL_DIR/n1/serial.log" | sed -n "s/^\(\[[0-9. ]*\] \)\?$1: //p"; }
is_done() { said "$1" | grep -qx done; }

# Names, handles and methods of all kinds: what the process server, or the manifest, does not give is not to be had.
test_nothing_is_reached_that_was_not_granted() {
        cp build/tests/system/root/bin/prowler "$files/bin" || return
        archive_make "$top/build/tests/system/root/bin/prowler" -- tests/system/prowler/prowler.manifest
        { cat cluster/system.description && echo 'component prowler on n1'; } >"$scratch/system"
        cluster_up N=2 BOOT=direct FILES="$files" SYSTEM="$scratch/system" || return
        until_true 50 on_says n1 names '^n2/process$' || problem 'n1 does not learn of the names of n2'
        prints n1 'run prowler' $'reached fs\nreached n2/fs\nreached stream\ntasks 1 accounts 1\ndone'
        on n1 log >"$scratch/log"
        grep -q 'prowler ([0-9]*): it says what another one said$' "$scratch/log" ||
                problem 'the log has not what prowler says'
        grep -q 'process: what another one said' "$scratch/log" && problem 'prowler says what others say'
        says n1 139 'ended by signal 11' 'run prowler port'
        until_true 50 is_done prowler || problem "the component: $(said prowler)"
        expect 'what a component reaches' "$(said prowler)" \
                $'reached fs\nreached n2/fs\ntasks 1 accounts 1\ndone'
        expect_in 'the components' "$(on n1 ps)" '^entropy +running( +[0-9]+){3} +0$'
}

# As a snapshot, on this node and on another, within what the spawner's manifest says.
test_a_program_may_come_in_memory() {
        archive_make "$top/build/tests/system/root/bin/giver" -- tests/system/giver/giver.manifest
        { cat cluster/system.description && echo 'component giver on n1'; } >"$scratch/system"
        cluster_up N=2 BOOT=direct FILES="$files" SYSTEM="$scratch/system" || return
        until_true 50 is_done giver || problem 'it does not come to its end'
        expect 'what became of the programs' "$(said giver)" 'here: status 0
nothing: it is no program: not an ELF file
there: status 0
3 of 8 MiB: granted
6 of 8 MiB: granted
9 of 8 MiB: memory used up
again 6 of 8 MiB: granted
shared: invalid argument
done'
}

test_programs_get_what_is_exported() {
        cluster_up N=2 BOOT=direct FILES="$files" || return
        prints n1 'export FRUIT="a fig" EMPTY=' ''
        says n1 0 '^FRUIT=a fig$' 'run -n n2 busybox env'
        says n1 0 '^EMPTY=$' export
        says n1 1 '^export: 1=2: it is not NAME=VALUE' 'export 1=2'
        # By their names programs are found where PATH says.
        prints n1 'export PATH=/fs/sub:/fs/bin' ''
        says n1 127 'no such program in the folders of PATH, /fs/sub:/fs/bin$' 'run hello.txt'
        says n1 0 hello 'busybox echo hello'
        # A signal that comes before the program runs is not lost.
        prints n1 'busybox sleep 1000 &' '[1]'
        prints n1 'kill -KILL %1' ''
        says n1 137 '' wait
        # What runs in the background is listed.
        prints n1 jobs ''
        prints n1 'busybox sleep 1000 &' '[1]'
        prints n1 jobs '[1] running: busybox sleep 1000'
}

test_files_stand_in_for_streams() {
        cluster_up BOOT=direct FILES="$files" || return
        prints n1 'run busybox tr a-z A-Z < /fs/hello.txt > /fs/loud' ''
        prints n3 'cat /fs/loud' HELLO
        prints n1 'run -n n3 busybox echo more >> /fs/loud' ''
        prints n1 'run busybox cat /fs/loud' $'HELLO\nmore'
        says n1 1 '^$' 'run busybox cat /fs/nothing 2> /fs/wrong'
        says n1 0 "can't open '/fs/nothing'" 'cat /fs/wrong'
        prints n1 'run busybox cat' ''
        says n1 1 '^run: /fs/nothing: not found$' 'run busybox cat < /fs/nothing'
        says n1 2 'a file must follow' 'run busybox cat <'
        says n1 1 '^$' 'run busybox cat /fs/none 2>> /fs/wrong'
        prints n1 'run busybox grep -c open /fs/wrong' 2
        # The shell's own commands have no streams, and say so; nothing is made.
        says n1 2 '^cat: .* are for programs, as in `run busybox cat' 'cat /fs/a > /fs/loud'
        says n1 2 '^cat: .* are for programs' 'cat /fs/a | busybox sort'
        says n1 2 '^ls: .* are for programs' 'time ls /fs 2>> /fs/loud'
        prints n1 'cat /fs/loud' $'HELLO\nmore'
        says n1 1 '^cat: >: not found' "cat '>'"
        # What programs find in /bin and /tmp, the shell finds there.
        prints n1 'run busybox sh -c "echo there >/tmp/made"' ''
        prints n1 'cat /tmp/made' there
        says n1 0 'made$' 'ls /tmp'
        prints n1 'run /bin/busybox cat < //tmp/made' there
        says n1 1 '^cat: /tmpx/made: not found' 'cat /tmpx/made'
}

test_a_pipeline_spans_nodes() {
        cluster_up BOOT=direct FILES="$files" || return
        prints n1 'run -n n3 busybox sort /fs/a | run -n n1 busybox head -n 2' $'apple\nfig'
        prints n1 'run busybox seq 20000 | run -n n2 busybox tail -n 1 | busybox rev' 00002
        # The first ends by the second's end.
        prints n1 'run -n n3 busybox yes | busybox head -n 1' y
        says n1 4 '^$' 'run busybox echo x | busybox sh -c "read a; exit 4"'
}

test_what_cannot_run_is_told_why() {
        cluster_up BOOT=direct FILES="$files" || return
        says n1 1 '^run: /fs/dynamic: it is linked dynamically: link it with -static' 'run /fs/dynamic'
        says n1 1 '^run: /fs/script: it is a script: run ' 'run /fs/script'
        says n1 1 '^run: /fs/a: it is no program: not an ELF file$' 'run /fs/a'
        says n1 1 '^run: /fs/sub: is a directory$' 'run /fs/sub'
        says n1 127 '^run: nonsense: no such program in the folders of PATH, /fs/bin:/fs$' 'run nonsense'
        says n1 1 '^run: n9: not found$' 'run -n n9 busybox true'
        says n1 1 'have [0-9]+ KiB left: end some' 'run -m 100M busybox true'
        says n1 1 'needs more than the 100 KiB that it may use: give it more' 'run -m 100K busybox true'
        # More than the shell's manifest lets it start, here and on another node.
        says n1 1 'who starts it has 1048576 KiB left for programs on this node' 'run -m 1100M busybox true'
        says n1 1 'who starts it has 1048576 KiB left for programs on this node' 'run -n n3 -m 1100M busybox true'
        # A fault ends the program and nothing else.
        says n1 139 '^run: plain: ended by signal 11' 'run -m 16M plain overflow'
        says n1 0 'plain \([0-9]+\): page fault at .*: its stack is used up' log
        says n1 139 'ended by signal 11' 'run plain overflow'
        says n1 0 'does not suffice for its stack' log
        says n1 134 '^run: plain: ended by signal 6' 'run plain abort'
}

test_a_program_finds_its_folder_and_its_number() {
        cluster_up BOOT=direct FILES="$files" || return
        prints n2 'run busybox sh -c "cd /fs/sub; pwd"' /fs/sub
        says n1 0 '^[1-9][0-9]*$' "run busybox sh -c 'echo \$\$'"
        local near far
        near=$(on n1 "run busybox sh -c 'echo \$\$'")
        far=$(on n1 "run -n n3 busybox sh -c 'echo \$\$'")
        [ "$near" != "$far" ] || problem "two nodes give the same number: $near"
        # Where the shell is, a program begins.
        prints n1 'cd /fs/sub' ''
        prints n1 'busybox pwd' /fs/sub
        prints n1 'busybox cat inner ../hello.txt' $'inner\nhello'
        prints n1 'busybox tr a-z A-Z < inner > ../loud' ''
        prints n1 'cat /fs/loud' INNER
        prints n1 'cd /' ''
        prints n2 'run plain signals' ''
        prints n2 'run plain folders' ''
        prints n2 'run plain statuses' ''
        prints n1 'run -n n3 plain statuses' ''
        prints n2 'run plain truths' ''
        prints n1 'run -n n3 plain truths' ''
}

test_programs_run_on_when_packets_are_lost_and_the_file_server_dies() {
        cluster_up BOOT=direct FILES="$files" LOSS=5 SEED=11 || return
        prints n1 'run -n n3 busybox sort /fs/a | run -n n1 busybox head -n 2' $'apple\nfig'
        on n1 'crash n2/fs' >/dev/null
        until_true 60 on_says n1 'run -n n3 busybox cat /fs/hello.txt' '^hello$' ||
                problem 'no program is loaded from the next file server'
        prints n1 'run -n n3 busybox sort /fs/a' $'apple\nfig\npear'
}

# carried COMMAND…: KiB that the capture grows by meanwhile.
carried() {
        local before
        before=$(stat -c %s "$scratch/capture")
        "$@"
        echo $((($(stat -c %s "$scratch/capture") - before) / 1024))
}

test_a_far_program_is_read_once() {
        cluster_up BOOT=direct FILES="$files" CAPTURE="$scratch/capture" || return
        local first second whole
        whole=$(($(stat -c %s "$files/bin/busybox") / 1024))
        first=$(carried on n1 'run -n n1 busybox true')
        second=$(carried on n1 'run -n n1 busybox true')
        note "$first KiB, then $second KiB, of $whole"
        # What starts a process, and nothing of its content.
        [ "$first" -ge "$whole" ] && [ "$second" -lt 16 ] || problem 'it is read again'
        # What has another content is another program.
        prints n1 'run busybox cp /fs/bin/plain /fs/bin/busybox' ''
        prints n1 'run busybox signals' ''
}

# numbers NODE NODE: one writes files that the other reads, each from a shell of its own; the file server is on n2.
numbers() {
        local writer file
        on n1 "run -n $1 plain numbers-write" >"$scratch/writer" 2>&1 &
        writer=$!
        prints n2 "run -n $2 plain numbers-read" ''
        wait $writer || problem "the writer on $1 fails: $(cat "$scratch/writer")"
        # The next two begin at 0 again.
        for file in reader first second; do prints n1 "rm /fs/$file" ''; done
}

test_a_reader_is_never_behind_an_answered_change() {
        local node
        cluster_up BOOT=direct FILES="$files" || return
        for node in n1 n2; do
                until_true 50 on_says $node names '^n3/process$' || problem "$node does not learn of n3's names"
        done
        numbers n3 n1
        numbers n2 n2
        numbers n2 n3
}

# race NODE NODE: two at once make the same files, and write to the end of one.
race() {
        local other
        on n1 "run -n $1 plain race-1" >"$scratch/other" 2>&1 &
        other=$!
        prints n2 "run -n $2 plain race-2" ''
        wait $other || problem "the one on $1 fails: $(cat "$scratch/other")"
        on n3 'cat /fs/race' >"$scratch/race"
        expect 'lines' "$(wc -l <"$scratch/race")" 1002
        expect 'names that not just one has made' \
                "$(awk '{ seen[$1 " " $3]++ } END { for (one in seen) if (seen[one] != 1) print one }' "$scratch/race")" ''
        prints n1 'rm /fs/race' ''
}

test_two_nodes_make_a_file_once_and_append_all() {
        cluster_up BOOT=direct FILES="$files" || return
        race n1 n3
        race n2 n1
}

test_a_missing_call_is_named_once() {
        cluster_up N=2 BOOT=direct FILES="$files" || return
        prints n1 'run plain missing' ''
        expect 'what the log says of it' "$(on n1 log | grep -o 'plain ([0-9]*): Linux system call .*' |
                sed 's/([0-9]*)/(N)/')" 'plain (N): Linux system call 246 is not there: it answers ENOSYS'
}

# used NODE: KiB of the server of programs there, and of the one of pipes.
used() { on "$1" ps | awk '$1 == "process" || $1 == "stream" { printf "%s %s ", $1, $5 }'; }

# accounts: each component of all nodes, with what it uses, but for the shell that is asked.
accounts() {
        local node
        for node in n1 n2 n3; do on $node ps | awk -v node=$node '$2 == "running" { print node, $1, $5 }'; done
}

accounts_are() { [ "$(accounts)" = "$1" ]; }

# Every other one on another node.
many() { # NODE COUNT
        local i
        for ((i = 0; i < $2; i++)); do echo "run $([ $((i % 2)) = 0 ] || echo "-n n3") plain signals"; done | "$ptl" sh "$1" >"$scratch/many" 2>&1
}

test_many_programs_leave_nothing() {
        local before
        cluster_up BOOT=direct FILES="$files" || return
        many n2 8 || problem "they fail: $(tail -n 3 "$scratch/many")"
        before=$(accounts)
        many n2 1000 || problem "they fail: $(tail -n 3 "$scratch/many")"
        until_true 30 accounts_are "$before" ||
                problem "accounts differ: $(diff <(echo "$before") <(accounts))"
}

test_what_runs_ends_with_its_shell_and_with_its_server() {
        cluster_up BOOT=direct FILES="$files" || return
        local before
        on n1 'run busybox true' || problem 'it does not run'
        before=$(used n1)
        on n1 'run busybox sleep 1000 &' >/dev/null || problem 'it does not start'
        until_true 30 on_says n1 'ps' '^  *[0-9]+ busybox +running ' || problem 'it is not in the list'
        on n1 'kill n1/batch' >/dev/null 2>&1
        until_true 30 [ "$(used n1)" = "$before" ] || problem "more is in use: $(used n1), before $before"
        prints n1 'run busybox echo again' again
        on n1 'kill n1/process'
        until_true 30 on_says n1 'run busybox echo again' '^again$' || problem 'no programs any more'
}

# number NODE: of the busybox that runs there.
number() { on "$1" ps | awk '$2 == "busybox" { print $1; exit }'; }

test_a_process_is_sent_signals_by_its_number() {
        local afar
        cluster_up BOOT=direct FILES="$files" || return
        on n1 'run -n n3 busybox sleep 1000 &' >/dev/null
        until_true 30 on_says n3 ps '^  *[0-9]+ busybox +running ' || problem 'it does not run'
        afar=$(number n3)
        says n1 0 '' "kill -STOP n3/$afar"
        until_true 30 on_says n3 ps '^  *[0-9]+ busybox +stopped ' || problem 'it is not stopped'
        # Who has not started it may not.
        says n2 1 "^kill: $afar: refused" "kill -9 n3/$afar"
        says n1 1 '^kill: 4: not found' 'kill 4'
        says n1 1 '^kill: -NO: not a -SIGNAL' "kill -NO n3/$afar"
        says n1 0 '' "kill -KILL n3/$afar"
        says n1 137 '' wait
        until_true 30 says_not n3 ps '^  *[0-9]+ busybox ' || problem 'it runs on'
}

test_ctrl_c_ends_what_runs_afar() {
        local client
        cluster_up BOOT=direct FILES="$files" || return
        on n1 'run -n n3 busybox true' || problem 'it does not run'
        "$ptl" on n1 'run -n n3 busybox sleep 1000' >/dev/null 2>&1 &
        client=$!
        until_true 30 on_says n3 'ps' '^  *[0-9]+ busybox +running ' || problem 'it does not run'
        kill -TERM $client
        wait $client
        expect 'status' $? 130
        until_true 30 says_not n3 ps '^  *[0-9]+ busybox ' || problem 'it runs on'
}

# handles NODE: a program there has a handler for a signal of another, and one without has not.
handles() {
        local id
        on n1 "run -n $1 busybox sh -c 'trap \"exit 7\" TERM; echo >/fs/ready; while :; do :; done' &" >/dev/null
        until_true 30 on n1 'cat /fs/ready' >/dev/null 2>&1 || problem "it does not run on $1"
        id=$(number "$1")
        says n1 1 'No such process' "run -n $1 busybox kill 1"
        says n2 1 'not permitted' "run -n $1 busybox kill -9 $id" # n2's shell has not started it
        says n1 0 '' "run -n $1 busybox kill $id"
        says n1 7 '' wait
        on n1 "run -n $1 busybox sleep 1000 &" >/dev/null
        until_true 30 on_says "$1" ps '^ *[0-9]+ busybox +running' || problem "no other one runs on $1"
        says n1 0 '' "run -n $1 busybox kill -INT $(number "$1")"
        says n1 130 '' wait
        prints n1 'rm /fs/ready' ''
}

test_programs_signal_each_other() {
        cluster_up BOOT=direct FILES="$files" || return
        handles n1
        handles n3
        # A line is one process group.
        says n1 130 '' "run -n n3 busybox sleep 1000 | run -n n3 busybox sh -c 'kill -INT 0'"
}

# says_not NODE COMMAND PATTERN: no line of the output is like that.
says_not() { ! on_says "$1" "$2" "$3"; }

tests_run "$@"
