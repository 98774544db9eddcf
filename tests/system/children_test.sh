#!/bin/bash
# Processes that programs make (tests/programs/children.c and execs.c, built with musl and with glibc), and what is made of
# them: Debian's bash and busybox as shells that run other programs, with all files on another node.
# shellcheck source=tests/system/programs.sh
. "$(dirname "$0")/programs.sh"

files=$scratch/files
bin=$files/bin
mkdir -p "$bin"
cp /usr/bin/busybox /bin/bash-static "$bin"
both_build "$bin" children execs groups
printf 'pear\napple\nfig\n' >"$files/a"
printf '#!/fs/bin/busybox sh\necho "$0 $1"\nexit 3\n' >"$files/script"
chmod +x "$files/script"
for applet in sh ls head sort wc sleep true seq rev; do ln -s busybox "$bin/$applet"; done

# bash_prints COMMAND TEXT: bash on n3 does that, and nothing goes wrong.
bash_prints() { prints n1 "run -n n3 /fs/bin/bash-static -c '$1'" "$2"; }

# used NODE: KiB of the servers of programs and of pipes there.
used() { on "$1" ps | awk '$1 == "process" || $1 == "stream" { printf "%s %s ", $1, $5 }'; }

says_not() { ! on_says "$1" "$2" "$3"; }

test_programs_make_processes_as_on_linux() {
        local before
        cluster_up BOOT=direct N=2 MEM=96 FILES="$files" || return
        # Their programs stay in the server's cache, and what its first file in memory takes stays in its heap.
        runs n2 '' /fs/bin/groups heard
        runs n2 '' /fs/bin/children bomb
        runs n2 '' /fs/bin/execs shell kept
        before=$(used n2)
        runs n2 '' /fs/bin/children statuses shares owners numbers memory files pipes threads failures bomb
        runs n2 '' /fs/bin/execs exec kept crowded full script shell spawned borrowed counted
        runs n2 '' /fs/bin/groups heard queued ignored orphaned
        expect 'memory that the servers use' "$(used n2)" "$before"
        runs n1 '' /fs/bin/execs exec kept
        prints n2 "run busybox sh -c 'umask 027; busybox sh -c umask'" '0027'
        # What nobody can write to of a program, most of it, is none of its processes' own.
        prints n2 "run -m 1M busybox sh -c 'echo \$(busybox echo has room)'" 'has room'
        # What is left when a job is over ends with it.
        on n2 'run /fs/bin/children-musl orphan' || problem 'it fails'
        until_true 30 says_not n2 ps ' children-musl ' || problem 'the orphan runs on'
        # Over such a link a program takes so long to load that a stop comes meanwhile.
        "$ptl" link n1 n2 'delay 10ms' || problem 'no delay'
        runs n1 '' /fs/bin/groups held
}

test_shells_run_other_programs_with_their_files_afar() {
        cluster_up BOOT=direct MEM=128 FILES="$files" LOSS=5 SEED=7 || return
        prints n1 "export PATH=/fs/bin" ''
        bash_prints 'ls /fs | head -n 2' $'a\nbin'
        bash_prints 'a=$(seq 3 | sort -r); echo $a $?' '3 2 1 0'
        bash_prints 'sleep 0.2 & true; wait $!; echo $?' 0
        bash_prints '/fs/script x; echo $?' $'/fs/script x\n3'
        bash_prints 'for i in 1 2 3; do echo $i; done | while read x; do echo "<$x>"; done' $'<1>\n<2>\n<3>'
        bash_prints 'sleep 100 & busybox ps -o comm | busybox grep -c sleep; kill $!' 1
        bash_prints 'rev <<< abc; (exit 4) || echo $?' $'cba\n4'
        bash_prints 'nothing 2>/dev/null; echo $?; /fs/a 2>/dev/null; echo $?' $'127\n126'
        prints n1 "run -n n3 busybox sh -c 'seq 5 | wc -l; echo \$(sort /fs/a)'" $'5\napple fig pear'
        on n1 'crash n2/fs' >/dev/null
        until_true 60 on_says n1 "run -n n3 /fs/bin/bash-static -c 'ls /fs/bin | wc -l'" '^[0-9]+$' ||
                problem 'no pipeline from the next file server'
}

# pid_of NODE PROGRAM: of one that runs there.
pid_of() { on "$1" ps | awk -v name="$2" '$2 == name && $3 == "running" { print $1 }'; }

test_a_signal_reaches_a_process_of_another_node_by_its_number() {
        local pid node
        cluster_up BOOT=direct N=2 MEM=96 FILES="$files" || return
        on n1 'run -n n2 busybox sleep 1000 &' >/dev/null || problem 'it does not start'
        until_true 30 eval 'pid=$(pid_of n2 busybox); [ -n "$pid" ]' || problem 'it does not run'
        prints n1 "run busybox kill -0 $pid" ''
        # Who has not started it may not, from here or there.
        for node in n1 n2; do
                on_says n2 "run -n $node busybox kill $pid" 'not permitted' || problem "another spawner's program on $node may"
        done
        on n1 "run busybox kill $pid" >/dev/null || problem 'it may not'
        until_true 30 eval '[ -z "$(pid_of n2 busybox)" ]' || problem 'it runs on'
        on_says n1 "run busybox kill $pid" 'No such process' || problem 'it is not said to be gone'
}

# Each of so many children, made either way, leaves the node as it was.
test_many_children_leave_nothing() {
        local libc how before started
        cluster_up BOOT=direct N=2 MEM=96 FILES="$files" || return
        for libc in musl glibc; do
                for how in many spawns; do
                        prints n2 "run /fs/bin/children-$libc $how 3" ''
                        before=$(used n2)
                        started=${EPOCHREALTIME/./}
                        prints n2 "run /fs/bin/children-$libc $how ${CHILDREN:-20}" ''
                        note "$libc $how ${CHILDREN:-20}: $(ms_since "$started") ms"
                        expect 'memory that the servers use' "$(used n2)" "$before"
                done
        done
}

tests_run "$@"
