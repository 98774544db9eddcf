#!/bin/bash
# `ptl run NODE FILE`: programs of the host on a node, as if they were here: input, output, status, Ctrl-C; `ptl ps`;
# and `ptl push NODE/NAME FILE`: other programs for components.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

busybox=/usr/bin/busybox
cat >"$scratch/hello.c" <<'END'
#include <stdio.h>
#include <unistd.h>
int main(int count, char **arguments)
{
        for (int i = 1; i < count; i++)
                puts(arguments[i]);
        fprintf(stderr, "terminals: %d %d %d\n", isatty(0), isatty(1), isatty(2));
        return 7;
}
END

# away STATUS OUTPUT ERRORS ARGUMENT…: what `ptl run` of that says; its input is the test's.
away() {
        local output status
        output=$("$ptl" run "${@:4}" 2>"$scratch/err")
        status=$?
        expect "status of '${*:4}'" $status "$1"
        expect "output of '${*:4}'" "$output" "$2"
        grep -Eq -- "$3" "$scratch/err" || [ -z "$3$(cat "$scratch/err")" ] ||
                problem "errors of '${*:4}': no line like '$3' in:"$'\n'"$(cat "$scratch/err")"
}

# A program that runs until it is ended: $run.
mkfifo "$scratch/silent"
exec 9<>"$scratch/silent"
waiting() {
        rm -f "$scratch/out"
        "$ptl" run n2 "$busybox" sh -c 'echo ready; read line' >"$scratch/out" 2>"$scratch/err" <&9 &
        run=$!
        until_true 20 grep -q ready "$scratch/out" || problem "it does not run: $(cat "$scratch/err")"
}

agent_is_idle() { [ "$("$ptl" run n2 "$busybox" echo alive 2>&1)" = alive ]; }

test_a_program_compiled_a_second_before() {
        cluster_up N=2 BOOT=direct || return
        gcc -static -O2 -o "$scratch/hello" "$scratch/hello.c"
        # gcc's and glibc's: nobody has linked it for anything but Linux.
        away 7 $'one\ntwo words' '^terminals: 0 0 0$' n2 "$scratch/hello" one 'two words' </dev/null
        # So may one of 2 MB be, within ten times what is promised for that.
        { cat "$scratch/hello" && head -c 2097152 /dev/urandom; } >"$scratch/large"
        chmod +x "$scratch/large"
        timeout 20 "$ptl" run n2 "$scratch/large" large 2>/dev/null </dev/null | grep -qx large ||
                problem 'a program of 2 MB does not start within 20 s'
        (cd "$scratch" && PTL_DIR=$PTL_DIR "$ptl" run n2 ./hello relative 2>&1) | grep -q relative ||
                problem 'a relative path does not work'
        script -qec "'$ptl' run n2 '$scratch/hello'" /dev/null </dev/null 2>&1 | grep -q 'terminals: 1 1 1' ||
                problem 'a terminal is none for the program'
}

test_input_output_and_errors_are_streams() {
        cluster_up N=2 BOOT=direct || return
        away 0 $'a\nb\nc' '' n2 "$busybox" sort <<<$'c\na\nb'
        away 1 '' "can't open '/nothing'" n2 "$busybox" cat /nothing </dev/null
        head -c 1000000 /dev/urandom >"$scratch/noise"
        "$ptl" run n2 "$busybox" cat <"$scratch/noise" | cmp - "$scratch/noise" ||
                problem 'a million bytes come back otherwise'
        # A reader that has enough ends the program, here and there.
        expect 'one line of many' "$("$ptl" run n2 "$busybox" yes | head -n 1)" y
        until_true 20 agent_is_idle || problem 'then no program starts'
        # Input that nobody reads.
        away 3 '' '' n2 "$busybox" sh -c 'exit 3' <"$scratch/noise"
        "$ptl" run n1 "$busybox" seq 5 | "$ptl" run n2 "$busybox" tail -n 1 | grep -qx 5 ||
                problem 'a pipeline over two nodes'
}

# A shell and the programs that it starts read one input, each what those before have left.
test_shells_and_their_programs_share_the_input() {
        mkdir -p "$scratch/shells/bin"
        cp /bin/bash-static "$scratch/shells/bin"
        cluster_up N=2 BOOT=direct FILES="$scratch/shells" || return
        cat >"$scratch/lines" <<'END'
/fs/bin/bash-static --norc -c 'read a; echo "child: $a"'
for the child
read b
for the shell
(read c; echo "within: $c")
for the one within
echo "shell: $b"; exec /fs/bin/bash-static --norc
echo "the rest"
END
        away 0 $'child: for the child\nwithin: for the one within\nshell: for the shell\nthe rest' '' \
                n2 /bin/bash-static <"$scratch/lines"
}

# state WHAT: the program's, as its node says.
state() { "$ptl" ps n2 | grep -Eq "^ *[0-9]+ busybox +$1"; }

test_signals_are_the_programs() {
        cluster_up N=2 BOOT=direct || return
        rm -f "$scratch/out"
        "$ptl" run n2 "$busybox" sh -c 'trap "echo caught" INT; trap "exit 9" TERM; echo ready; while :; do :; done' \
                >"$scratch/out" <&9 &
        run=$!
        until_true 20 grep -q ready "$scratch/out" || problem 'it does not run'
        kill -INT "$run"
        until_true 20 grep -q caught "$scratch/out" || problem 'its trap does not run'
        kill -TSTP "$run"
        until_true 20 state stopped || problem 'it is not stopped'
        until_true 20 grep -q '^State:.*T' "/proc/$run/status" || problem 'ptl is not stopped'
        kill -CONT "$run"
        until_true 20 state running || problem 'it does not go on'
        kill -TERM "$run"
        wait "$run"
        expect 'its own status' $? 9
}

test_it_ends_with_its_user() {
        cluster_up N=2 BOOT=direct || return
        waiting
        kill -INT "$run"
        wait "$run"
        expect 'status after Ctrl-C' $? 130
        waiting
        kill -KILL "$run"
        wait "$run" 2>/dev/null
        # Four lines again: the killed one has let go of its own.
        for _ in 1 2 3 4; do until_true 20 agent_is_idle || problem 'a line is not free again'; done
}

bye_said() { [ "$(on n2 'cat /fs/tmp/bye' 2>/dev/null)" = bye ]; }

none_runs() { ! state running; }

# Whose user is gone without a word can still put its things in order; who does not listen ends all the same.
test_it_hears_that_its_user_is_gone() {
        local what
        cluster_up N=2 BOOT=direct || return
        for what in 'echo bye >/tmp/bye; exit' ''; do
                rm -f "$scratch/out"
                "$ptl" run n2 "$busybox" sh -c "trap '$what' HUP; echo ready; while :; do :; done" >"$scratch/out" <&9 &
                run=$!
                until_true 20 grep -q ready "$scratch/out" || problem 'it does not run'
                kill -KILL "$run"
                wait "$run" 2>/dev/null
                until_true 20 none_runs || problem "it runs on: '$what'"
        done
        until_true 20 bye_said || problem 'its trap has not run'
        expect 'its file' "$("$ptl" run n2 "$busybox" readlink /proc/self/exe)" '/busybox (deleted)'
}

test_what_does_not_run_is_told_why() {
        cluster_up N=2 BOOT=direct || return
        away 125 '' '^ptl: it is linked dynamically: link it with -static' n2 /bin/ls </dev/null
        echo text >"$scratch/text"
        away 125 '' '^ptl: it is no program: not an ELF file$' n2 "$scratch/text" </dev/null
        away 125 '' "^ptl: $scratch/none: No such file" n2 "$scratch/none" </dev/null
        away 125 '' "^ptl: $scratch: it is no file" n2 "$scratch" </dev/null
        away 125 '' '^ptl: it needs more than the 100 KiB' -m 100K n2 "$busybox" true </dev/null
        away 125 '' '^ptl: n5: it has no power, or there is no such node' n5 "$busybox" true </dev/null
        away 125 '' '^ptl: usage: ptl run' -x n2 "$busybox" </dev/null
        away 125 '' '^ptl: its arguments are longer' n2 "$busybox" echo "$(head -c 20000 /dev/zero | tr '\0' x)" </dev/null
        # A fault is told, as a shell does.
        away 139 '' '' n2 "$busybox" sh -c 'kill -SEGV $$' </dev/null
}

test_ps_lists_components_and_processes() {
        cluster_up N=2 BOOT=direct || return
        waiting
        expect_in 'ptl ps n2' "$("$ptl" ps n2)" '^ *[0-9]+ busybox +running'
        expect_in 'ptl ps n2' "$("$ptl" ps n2)" '^agent +running'
        local all
        all=$("$ptl" ps) || problem 'ptl ps failed'
        expect_in 'ptl ps' "$all" '^n2 +[0-9]+ busybox +running'
        expect_in 'ptl ps' "$all" '^n1 +agent +running'
        kill -INT "$run"
        wait "$run"
        "$ptl" stop n2 2>/dev/null
        expect 'nodes without power' "$("$ptl" ps | cut -d' ' -f1 | sort -u)" n1
        expect_in 'ptl ps of such a node' "$("$ptl" ps n2 2>&1)" '^ptl: n2: it has no power'
}

test_driver_and_agent_die() {
        cluster_up N=2 BOOT=direct || return
        away 0 alive '' n2 "$busybox" echo alive </dev/null
        on n1 'kill n2/host' >/dev/null || problem 'kill n2/host failed'
        until_true 50 agent_is_idle || problem 'no program starts after the driver died'
        on n1 'kill n2/agent' >/dev/null || problem 'kill n2/agent failed'
        until_true 50 agent_is_idle || problem 'no program starts after the agent died'
        waiting
        kill -KILL "$(cat "$PTL_DIR/n2/pid")"
        wait "$run"
        expect 'status when the machine dies' $? 125
        expect_in 'what it says' "$(cat "$scratch/err")" '^ptl: n2: the line to its agent ended'
}

# Of one listing of n2: nothing runs there that ptl has sent; and the driver of its lines is away.
program_gone() { listing=$(on n2 ps) && ! grep -q busybox <<<"$listing"; }
driver_away() { grep -Eq '^host +(backoff|given-up) ' <<<"$listing"; }

# Whoever has sent a program is gone for it when the line is, whether or not there will be another driver. That is
# looked at while there is none: its pauses grow with each death.
test_a_program_ends_with_its_line() {
        local listing=''
        cluster_up N=2 BOOT=direct || return
        while ! driver_away; do
                until_true 50 agent_is_idle || problem 'no program starts after the driver died'
                waiting
                program_gone && problem "it is not listed: $listing"
                on n1 'kill n2/host' >/dev/null || problem 'kill n2/host failed'
                until_true 20 program_gone || problem "it goes on without its line: $listing"
                kill -KILL "$run"
                wait "$run" 2>/dev/null
                [ -z "$problems" ] || return
        done
        on n1 'start n2/host' >/dev/null 2>&1 # unless it is back by itself
        until_true 50 agent_is_idle || problem 'no program starts with the next driver'
        waiting
        on n1 'kill n2/agent' >/dev/null || problem 'kill n2/agent failed'
        until_true 20 program_gone || problem "it goes on without its agent: $listing"
        kill -KILL "$run"
        wait "$run" 2>/dev/null
}

# ---- ptl push --------------------------------------------------------------------------------------

# A cluster whose echo is on n2; other programs for it are build/tests/system/root/bin/NAME.
echo_up() {
        { cat cluster/system.description && echo 'component echo on n2'; } >"$scratch/system"
        cluster_up N=2 BOOT=direct SYSTEM="$scratch/system"
}
edited=$top/build/tests/system/root/bin
count_of() { on n1 'call n2/echo echo.say x' 2>&1 | sed -n 's/^count: //p'; }

# pushed STATUS ERRORS ARGUMENT…: what `ptl push` of that says.
pushed() {
        "$ptl" push "${@:3}" 2>"$scratch/err"
        expect "status of 'push ${*:3}'" $? "$1"
        expect_in "errors of 'push ${*:3}'" "$(cat "$scratch/err")" "$2"
}

# Calls without a pause, one after the other: the answers of all go to $scratch/answers.
callers_begin() {
        rm -f "$scratch/answers" "$scratch/stop"
        while [ ! -e "$scratch/stop" ]; do
                echo asked
                on n1 'call n2/echo echo.say x' 2>&1
        done >"$scratch/answers" &
        callers=$!
}

test_a_pushed_program_answers_and_no_call_is_lost() {
        echo_up || return
        callers_begin
        until_true 20 grep -q '^count: 3$' "$scratch/answers" || problem 'no calls'
        pushed 0 '' n2/echo "$edited/counts"
        until_true 20 grep -q '^count: 1003$' "$scratch/answers" || problem 'the new program does not answer'
        touch "$scratch/stop"
        wait "$callers"
        # Each call was answered, or failed with a reason.
        expect 'calls without an end' "$(grep -c ^asked "$scratch/answers")" \
                "$(grep -Ec '^(count: |call: )' "$scratch/answers")"
        expect 'counts' "$(sed -n 's/^count: //p' "$scratch/answers" | awk '
                NR > 1 && $1 != last + 1 && !($1 == 1001 && last < 1000) { print "gap before", $1 }
                { last = $1 }')" ''
        expect_in 'the log' "$("$ptl" log n2/echo)" 'echo is started again: another program was installed'
        # Others restart it with that.
        on n1 'kill n2/echo' >/dev/null
        until_true 20 [ "$(count_of)" = 1001 ] || problem 'after a death it has another program'
}

test_a_pushed_program_that_fails_gives_way() {
        echo_up || return
        pushed 125 '^ptl: it has failed, and what ran before is back' n2/echo "$edited/fails"
        expect_in 'the log' "$("$ptl" log n2/echo)" 'echo: the program that was installed has failed: what ran before is back'
        until_true 20 eval '[ "$(count_of)" = 1 ]' || problem 'the old one is not back'
        # What ran before need not be the archive's.
        pushed 0 '' n2/echo "$edited/counts"
        pushed 125 '^ptl: it has failed' n2/echo "$edited/fails"
        until_true 20 eval '[ "$(count_of)" = 1001 ]' || problem 'the pushed one is not back'
}

test_what_cannot_be_pushed_is_told_why() {
        echo_up || return
        gcc -static -s -o "$scratch/hello" "$scratch/hello.c"
        pushed 125 '^ptl: it is a program for Linux' n2/echo "$scratch/hello"
        pushed 125 '^ptl: it is no program: not an ELF file$' n2/echo /etc/passwd
        pushed 125 '^ptl: the node has no such component' n2/nobody "$edited/counts"
        pushed 125 '^ptl: echo: not NODE/NAME' echo "$edited/counts"
        head -c 2000000 /dev/zero >"$scratch/large"
        pushed 125 '^ptl: its file may have 1024 KiB: strip it' n2/echo "$scratch/large"
        local bytes
        for bytes in 1 63 64 400 4096 20000; do
                head -c $bytes "$edited/counts" >"$scratch/cut"
                pushed 125 '^ptl: .*[a-z]' n2/echo "$scratch/cut"
        done
        # Numbers of the first segment that no linker writes: 16 bytes from its offset on, each at a time.
        for bytes in 24 32 54 56 72 80 96 104; do
                cp "$edited/counts" "$scratch/odd"
                printf '\377\377\377\377\377\377\377\377' | dd of="$scratch/odd" bs=1 seek=$bytes conv=notrunc status=none
                pushed 125 '^ptl: .*[a-z]' n2/echo "$scratch/odd"
        done
        expect 'the old one' "$(count_of)" 1
        expect 'its restarts' "$(on n2 ps | awk '$1 == "echo" { print $6 }')" 0
}

tests_run "$@"
