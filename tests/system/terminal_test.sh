#!/bin/bash
# A user at a terminal: `make run` and `ptl run` under a pseudo-terminal (script of bsdutils), with line
# editing, Ctrl-C, and each way to leave. However it ends, no process is left behind.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# Keys and screen of the terminal under test.
screen=$scratch/screen
seen=0 # bytes of the screen that a test has looked at

# terminal_start COMMAND…: runs it in a new session with a terminal of its own.
terminal_start() {
        rm -f "$scratch/keys"
        mkfifo "$scratch/keys"
        : >"$screen"
        seen=0
        marked env BOOT=direct FILES="$files" SHELL=/bin/bash \
                script -qefc "stty cols 80 rows 24; $*" /dev/null <"$scratch/keys" >"$screen" 2>&1 &
        terminal=$!
        exec 5>"$scratch/keys"
}

# type_keys FORMAT: as printf has it, so \r is the Enter key and \x03 is Ctrl-C.
type_keys() {
        # shellcheck disable=SC2059 # a format is wanted
        printf "$1" >&5
}

# The screen, without what only moves the cursor, from where the last look ended.
screen_rest() {
        sed 's/\x1b\[[0-9;?]*[a-zA-Z]//g; s/\r*$//; s/\r/\n/g' "$screen" | tail -c "+$((seen + 1))"
}

# True if the rest has a line like the pattern; the next look begins behind it.
screen_has() {
        local found at
        found=$(screen_rest | grep -aobE -m 1 -- "$1" | head -n 1) || return 1
        [ -n "$found" ] || return 1
        at=${found%%:*}
        seen=$((seen + at + $(printf %s "${found#*:}" | wc -c)))
}

# screen_shows WHAT PATTERN [SECONDS]: waits until a line is like the pattern.
screen_shows() {
        until_true "${3:-30}" screen_has "$2" ||
                problem "$1: nothing like '$2' on the screen:"$'\n'"$(screen_rest | tail -n 15)"
}

# terminal_ends STATUS: waits for its end.
terminal_ends() {
        until_true 30 test ! -e "/proc/$terminal" || {
                problem "it does not end:"$'\n'"$(screen_rest | tail -n 15)"
                kill -KILL "$terminal"
        }
        wait "$terminal"
        expect 'status' $? "$1"
        exec 5>&-
        expect_nothing_left
}

files=$scratch/files
file_make "$files/four" $((4 * 1024 * 1024))
echo 'a short file' >"$files/short"

# Once and for all tests: what make run would build.
make -s run-programs >/dev/null || exit 1

test_make_run_and_exit() {
        terminal_start make -s run
        screen_shows 'a prompt' '^n1> $' 120
        type_keys 'nodes\r'
        screen_shows 'the nodes' '^n3 +up epoch'
        type_keys 'cat /fs/short\r'
        screen_shows 'the file' '^a short file$'
        type_keys 'exit\r'
        terminal_ends 0
}

test_editing_and_history() {
        terminal_start build/ptl run
        screen_shows 'a prompt' '^n1> $'
        # Back over the wrong letters, forward, and both ends of the line.
        type_keys 'ct /fs/shortx\x7f\x01\x1b[Ca\x05\r'
        screen_shows 'the edited line' '^a short file$'
        type_keys 'nonsense\r'
        screen_shows 'another line' '^nonsense: no such command'
        type_keys '\x1b[A\x1b[A\r'
        screen_shows 'the line from history' '^a short file$'
        type_keys 'nonsense\x15ls /fs\r'
        screen_shows 'a line typed anew' '^short$'
        # An umlaut is one key, and one is deleted.
        type_keys 'cat /fs/\xc3\xa4\x7fshort\r'
        screen_shows 'a line with an umlaut' '^a short file$'
        # What does not come whole is not run: neither the beginning of a line nor what is left of it.
        type_keys 'write /fs/cut %4087s\r' x
        screen_shows 'the refusal of 4,101 bytes' '^a line has at most 4096 bytes; this one was not run$'
        type_keys 'write /fs/\x00cut x\r'
        screen_shows 'the refusal of a byte 0' 'something was lost, or is no text'
        type_keys 'ls /fs/cut\r'
        screen_shows 'nothing was written' '^ls: /fs/cut: not found$'
        # Tab completes commands and paths, and shows what there is to choose.
        type_keys 'nod\t\r'
        screen_shows 'the nodes' '^n3 +up epoch'
        type_keys 'cat /f\tsh\t\r'
        screen_shows 'the completed path' '^a short file$'
        type_keys 'ls /fs/\t'
        screen_shows 'names to choose' '^four$'
        type_keys 'f\t\x1bbx \x05\r'
        screen_shows 'moving by words' '^ls: x: not found'
        type_keys '\x04'
        terminal_ends 0
}

test_control_c_cancels_the_command_and_its_far_call() {
        terminal_start build/ptl run
        screen_shows 'a prompt' '^n1> $'
        (cd "$PTL_DIR" && echo 'link n1 n2 rate 1mbit' | socat -t 1 - UNIX-CONNECT:switch.ctl >/dev/null)
        type_keys 'sum /fs/four\r'
        screen_shows 'the line' 'sum /fs/four'
        until_true 20 far_files_open || problem 'the far file was never opened'
        local started=${EPOCHREALTIME/./}
        type_keys '\x03'
        screen_shows 'the cancelled command' '^sum: .*cancelled' 20
        note "cancelled after $(ms_since "$started") ms"
        screen_shows 'a prompt' '^n1> $'
        # The far call is gone, too: the file's capability comes home.
        until_true 50 eval '! far_files_open' || problem "n2 still exports: $(on n2 exports)"
        type_keys 'ping n2 100000\r'
        screen_shows 'echoes' '^n2 [0-9.]+ ms'
        type_keys '\x03'
        screen_shows 'a prompt' '^n1> $'
        type_keys 'echo\r'
        screen_shows 'the next command' '^echo: no such command'
        # At an empty prompt: the first warns, a key forgets it, the second in a row leaves.
        type_keys '\x03'
        screen_shows 'a warning' 'Ctrl-C once more'
        type_keys 'x\x7f\x03'
        screen_shows 'a warning again' 'Ctrl-C once more'
        type_keys '\x03'
        terminal_ends 0
}

# n2 has given a right to n1: to the file.
far_files_open() { on_says n2 exports "^export to n1"; }

test_background_and_wait() {
        terminal_start build/ptl run
        screen_shows 'a prompt' '^n1> $'
        type_keys 'sum /fs/four &\r'
        screen_shows 'a job' '^\[1\]'
        screen_shows 'its result' "^$(sum_of "$files/four") "
        screen_shows 'its end' '^\[1\] done: sum /fs/four'
        type_keys 'wait\r'
        screen_shows 'a prompt' '^n1> $'
        type_keys 'time ls /fs\r'
        screen_shows 'a time' '^[0-9.]+ s$'
        type_keys 'exit\r'
        terminal_ends 0
}

# jobs_show STATE: the shell says that its one job is so.
jobs_show() {
        type_keys 'jobs\r'
        until_true 3 screen_has "^\\[1\\] $1: "
}

test_programs_have_the_keys() {
        mkdir -p "$files/bin"
        cp /usr/bin/busybox /bin/bash-static "$files/bin"
        ln -sf busybox "$files/bin/cat"
        terminal_start build/ptl run
        screen_shows 'a prompt' '^n1> $'
        # Lines, mended while they are typed; Ctrl-D is their end.
        type_keys 'busybox cat\r'
        screen_shows 'the line' 'busybox cat'
        type_keys 'one twx\x7fo\r'
        screen_shows 'what cat says' '^one two$'
        # Ctrl-Z stops it; it goes on where it was.
        type_keys '\x1a'
        screen_shows 'that it is stopped' '^\[1\] stopped: busybox cat$'
        screen_shows 'a prompt' '^n1> $'
        type_keys 'jobs\r'
        screen_shows 'the job' '^\[1\] stopped: busybox cat$'
        type_keys 'fg\r'
        screen_shows 'that it goes on' '^\[1\] goes on: busybox cat$'
        type_keys 'three\r'
        screen_shows 'what cat says then' '^three$'
        type_keys '\x04'
        screen_shows 'a prompt' '^n1> $'
        # Ctrl-C ends the program, and the shell has the keys again.
        type_keys 'run -n n3 busybox sh -c "echo here; read line"\r'
        screen_shows 'what runs on n3' '^here$'
        type_keys 'x\x03'
        screen_shows 'a prompt' '^n1> $'
        type_keys 'busybox stty size | busybox cat\r'
        screen_shows 'the size of this terminal' '^24 80$'
        # A shell for Linux stops and resumes its own jobs.
        type_keys 'run -n n3 busybox sh -i\r'
        screen_shows 'its prompt' '# $'
        type_keys 'cat -n\r'
        screen_shows 'the line' 'cat -n'
        type_keys 'here\r' # what it says shows that it runs: until then Ctrl-Z is for its shell
        screen_shows 'what it has read' '^ +1\s+here$'
        type_keys '\x1a'
        screen_shows 'that it is stopped' '^(\^Z)?\[1\]\+ +Stopped +cat -n'
        type_keys 'fg\r'
        screen_shows 'that it goes on' '^cat -n$'
        type_keys 'deep\r'
        screen_shows 'what it has read' '^ +2\s+deep$'
        type_keys '\x04'
        screen_shows 'its prompt' '# $'
        type_keys 'exit 3\r'
        screen_shows 'a prompt' '^n1> $'
        # Debian's bash on another node, its file on a third: it edits its lines itself.
        type_keys 'run -n n3 bash-static --norc -i\r'
        screen_shows 'its prompt' '^bash-static-[0-9.]+# $'
        type_keys 'echo $((6*7)) $HOSTNAMx\x7fE\x01: && \r'
        screen_shows 'what it says' '^42 n3$'
        # It reads lines from the moment that a command of its runs.
        type_keys 'echo re""ady; read -r line; echo "got $line"\r'
        screen_shows 'that it runs' '^ready$'
        type_keys 'this\r'
        screen_shows 'what it has read' '^got this$'
        # It leads a session of its own.
        type_keys 'kill -0 -$$ && echo $-\r'
        screen_shows 'that it has job control' '^[a-zA-Z]*m[a-zA-Z]*$'
        # Who writes in the background is stopped, if the terminal says so.
        type_keys 'busybox stty tostop; cat /fs/short & wait $!; jobs; fg; busybox stty -tostop\r'
        screen_shows 'that it is stopped' '^\[1\]\+ +Stopped.*cat /fs/short'
        screen_shows 'what it writes then' '^a short file$'
        type_keys 'exit 3\r'
        screen_shows 'a prompt' '^n1> $'
        # Ctrl-C is a signal, which a program may handle; Ctrl-\ twice ends any.
        type_keys "run -n n3 bash-static -c 'trap \"echo caught\" INT; trap \"\" QUIT; echo waits; while :; do :; done'\r"
        screen_shows 'what waits' '^waits$'
        type_keys '\x03'
        screen_shows 'what its trap says' '^(\^C)?caught$'
        type_keys '\x1c'
        screen_shows 'the first' '\^\\'
        type_keys '\x1c'
        screen_shows 'a prompt' '^n1> $'
        # What is stopped goes on in the background, and gets signals there.
        type_keys "run -n n3 busybox sh -c 'trap \"echo more\" USR1; echo runs; while :; do :; done'\r"
        screen_shows 'what runs' '^runs$'
        type_keys '\x1a'
        screen_shows 'that it is stopped' '^\[1\] stopped: '
        type_keys 'bg %%1\r'
        screen_shows 'a prompt' '^n1> $'
        type_keys 'kill -USR1 %%1\r'
        screen_shows 'what its trap says' '^more$'
        type_keys 'kill %%1\r'
        screen_shows 'its end' '^\[1\] failed: '
        # Somebody else's SIGCONT is seen by `jobs`.
        type_keys 'busybox cat\r'
        screen_shows 'the line' 'busybox cat'
        type_keys 'line\r'
        screen_shows 'what it has read' '^line$'
        type_keys '\x1a'
        screen_shows 'that it is stopped' '^\[1\] stopped: '
        type_keys 'busybox kill -CONT -1\r'
        screen_shows 'a prompt' '^n1> $'
        until_true 30 jobs_show running || problem 'the job does not go on'
        type_keys 'kill -KILL %%1\r'
        screen_shows 'its end' '^\[1\] failed: '
        type_keys 'exit\r'
        terminal_ends 0
}

# What is typed ahead of a program's end, or of its stop, is for who reads next.
test_keys_typed_ahead_are_read_next() {
        mkdir -p "$files/bin"
        cp /usr/bin/busybox /bin/bash-static "$files/bin"
        terminal_start build/ptl run
        screen_shows 'a prompt' '^n1> $'
        # A whole line, and one that is only begun.
        type_keys 'busybox sh -c "echo runs; busybox sleep 2"\r'
        screen_shows 'that it runs' '^runs$'
        type_keys 'cat /fs/sx\x7fhort\rnod'
        screen_shows 'what the line says' '^a short file$'
        type_keys 'es\r'
        screen_shows 'what the begun line says' '^n3 +up epoch'
        # What is pasted at once, the first line of which runs a program.
        type_keys '\x1b[200~busybox true\rcat /fs/short\rbusybox true\rcat /fs/sho\x1b[201~'
        screen_shows 'what the first line says' '^a short file$'
        type_keys 'rt\r'
        screen_shows 'what the last one says' '^a short file$'
        # It reads what was pasted behind its line, and that alone.
        type_keys '\x1b[200~busybox cat -v\rpasted\r\x1b[201~'
        screen_shows 'what it has read' '^pasted$'
        type_keys 'x\r'
        screen_shows 'what it has read then' '^x$'
        type_keys '\x04'
        screen_shows 'a prompt' '^n1> $'
        type_keys 'ww\x7f\x7fnod\t\r'
        screen_shows 'what the mended and completed line says' '^n3 +up epoch'
        # A program that reads bytes, and one that reads its share.
        type_keys 'busybox sh -c "busybox stty raw; echo runs; busybox sleep 2"\r'
        screen_shows 'that it runs' '^runs$'
        type_keys 'cat /fs/short\r'
        screen_shows 'what the line says' '^a short file$'
        type_keys 'busybox sh -c "echo runs; busybox sleep 2; read a; echo got $a"\r'
        screen_shows 'that it runs' '^runs$'
        type_keys 'mine\rcat /fs/short\r'
        screen_shows 'what it has read' '^got mine$'
        screen_shows 'what the line says' '^a short file$'
        # A program that stops by itself.
        type_keys "busybox sh -c 'echo runs; busybox sleep 2; kill -STOP \$\$'\r"
        screen_shows 'that it runs' '^runs$'
        type_keys 'cat /fs/short\r'
        screen_shows 'that it is stopped' '^\[1\] stopped: '
        screen_shows 'what the line says' '^a short file$'
        type_keys 'kill -KILL %%1\r'
        screen_shows 'its end' '^\[1\] failed: '
        # Shells in the terminal read the same one.
        type_keys 'bash-static --norc\r'
        screen_shows 'its prompt' '^bash-static-[0-9.]+# $'
        type_keys 'bash-static --norc -c "echo ru""ns; busybox sleep 2; read a; echo got \$a"\r'
        screen_shows 'that it runs' '^runs$'
        type_keys 'mine\recho re""st; exit\rcat /fs/short\r'
        screen_shows 'what the child has read' '^got mine$'
        screen_shows 'what the shell has read' '^rest$'
        screen_shows 'what the line says' '^a short file$'
        type_keys '\x04'
        terminal_ends 0
}

# When a shell goes that leads the session of its terminal, those in the foreground and those that it has stopped hear of
# it, and nobody reads the terminal any more.
test_the_leader_of_a_session_ends() {
        mkdir -p "$files/bin"
        cp /usr/bin/busybox /bin/bash-static "$files/bin"
        ln -sf busybox "$files/bin/cat"
        terminal_start build/ptl run
        screen_shows 'a prompt' '^n1> $'
        type_keys 'run -n n3 bash-static --norc -i\r'
        screen_shows 'its prompt' '^bash-static-[0-9.]+# $'
        type_keys "busybox sh -c 'trap \"echo hung up; exit\" HUP; kill -9 \$PPID; while :; do :; done'\r"
        screen_shows 'what its trap says' '^hung up$'
        screen_shows 'a prompt' '^n1> $'
        type_keys 'run -n n3 bash-static --norc -i\r'
        screen_shows 'its prompt' '^bash-static-[0-9.]+# $'
        type_keys "busybox sh -c 'trap \"\" HUP; cat; kill -9 \$PPID; cat'\r"
        type_keys 'here\r'
        screen_shows 'what it has read' '^here$'
        type_keys '\x04'
        screen_shows 'that it reads no more' 'cat: read error: Input/output error$'
        screen_shows 'a prompt' '^n1> $'
        type_keys 'run -n n3 bash-static --norc -i\r'
        screen_shows 'its prompt' '^bash-static-[0-9.]+# $'
        type_keys "busybox sh -c 'trap \"echo hung up; exit\" HUP; kill -STOP \$\$; echo on'\r"
        screen_shows 'that it is stopped' '^\[1\]\+ +Stopped'
        type_keys 'kill -9 $$\r'
        screen_shows 'what its trap says' '^hung up$'
        screen_shows 'a prompt' '^n1> $'
        type_keys 'exit\r'
        terminal_ends 0
}

test_tab_completes_programs_and_nodes() {
        mkdir -p "$files/bin" "$files/folder/within"
        cp /usr/bin/busybox "$files/bin"
        terminal_start build/ptl run
        screen_shows 'a prompt' '^n1> $'
        type_keys 'busy\techo by name\r'
        screen_shows 'a program of PATH' '^by name$'
        type_keys 'run -n n\t'
        screen_shows 'nodes to choose' '^n3$'
        type_keys '3 bus\techo elsewhere |bus\tcat -n\r'
        screen_shows 'a program of the second node, and one behind |' '^ +1\s+elsewhere$'
        type_keys 'ls /n\t'
        screen_shows 'nodes that have folders' '^n2$'
        type_keys '2/f\tfol\t\r'
        screen_shows 'a folder of a node' '^within$'
        type_keys 'cd /fs/fol\t\r'
        screen_shows 'a prompt' '^n1> $'
        type_keys 'ls wi\t\t\x15pwd\r'
        screen_shows 'the folder' '^/fs/folder$'
        type_keys 'exit\r'
        terminal_ends 0
}

# What takes the keys of a program may hang: the shell's Ctrl-C ends the command then.
test_control_c_ends_a_command_that_hangs_with_the_keys() {
        mkdir -p "$files/bin"
        cp /usr/bin/busybox "$files/bin"
        terminal_start build/ptl run
        screen_shows 'a prompt' '^n1> $'
        build/ptl push n1/stream build/tests/system/root/bin/deaf || problem 'the deaf server does not start'
        for keys in 'x\x03' '\x03'; do
                type_keys 'busybox sh -c "echo runs; read line"\r'
                screen_shows 'what runs' '^runs$'
                type_keys "$keys"
                screen_shows 'the cancelled command' '^busybox: cancelled$'
                screen_shows 'a prompt' '^n1> $'
        done
        type_keys 'exit\r'
        terminal_ends 0
}

# A program of the host has the host's terminal as if it were local.
test_ptl_run_gives_a_terminal() {
        local run="build/ptl run n2"
        mkdir -p "$files/bin"
        cp /usr/bin/busybox "$files/bin"
        cluster_up N=2 BOOT=direct FILES="$files" || return
        terminal_start "export TERM=xterm-color; stty cols 91 rows 37; tty >$scratch/tty; $run /usr/bin/busybox stty size;" \
                "$run /usr/bin/busybox sh -c 'stty -echo; echo ready; read x; stty echo; echo got \$x';" \
                "$run /bin/bash-static --norc -i; echo status \$?; stty -a"
        screen_shows 'the size of this terminal' '^37 91$'
        screen_shows 'what asks for a secret' '^ready$'
        type_keys 'secret\r'
        screen_shows 'what it has read' '^got secret$'
        screen_rest | grep -q '^secret' && problem 'a secret was shown'
        screen_shows 'the prompt of bash' '^bash-static-[0-9.]+# $'
        type_keys 'echo $((6*7)) $TERx\x7fM\x01: && \r'
        screen_shows 'what an edited line says' '^42 xterm-color$'
        type_keys '\x1b[A\r'
        screen_shows 'the same by an arrow' '^42 xterm-color$'
        type_keys 'kill -0 -$$ && echo $-\r'
        screen_shows 'that it has job control' '^[a-zA-Z]*m[a-zA-Z]*$'
        type_keys 'echo re""ady; busybox cat -n\r'
        screen_shows 'that it runs' '^ready$'
        type_keys 'here\r'
        screen_shows 'what it has read' '^ +1\s+here$'
        type_keys '\x1a'
        screen_shows 'that it is stopped' 'Stopped .*busybox cat -n'
        type_keys 'fg\r'
        screen_shows 'that it goes on' 'busybox cat -n$'
        type_keys '\x03'
        screen_shows 'the prompt of bash' '^bash-static-[0-9.]+# $'
        stty -F "$(cat "$scratch/tty")" cols 77 rows 33
        until_true 20 eval 'type_keys "busybox stty size\r"; sleep 0.5; screen_has "^33 77\$"' ||
                problem 'the other size is not there'
        type_keys 'exit 3\r'
        screen_shows 'its status' '^status 3$'
        screen_shows 'the terminal as it was' '(^| )icanon .* echo '
        terminal_ends 0
}

# Ctrl-Z gives the terminal back to the shell that has started ptl; a pipe beside it is one.
test_ptl_run_stops_and_goes_on() {
        local run="build/ptl run n2 /usr/bin/busybox"
        mkdir -p "$files/bin"
        cp /usr/bin/busybox "$files/bin"
        cluster_up N=2 BOOT=direct FILES="$files" || return
        terminal_start "PS1='host> ' bash --norc --noediting -i"
        screen_shows 'a prompt' '^host> $'
        type_keys "$run cat -n\r"
        type_keys 'here\r'
        screen_shows 'what it has read' '^ +1\s+here$'
        type_keys '\x1a'
        screen_shows 'that it is stopped' '^\[1\]\+ +Stopped'
        type_keys 'stty -a\r'
        screen_shows 'the terminal as it was' '(^| )icanon .* echo '
        type_keys 'fg\r'
        screen_shows 'that it goes on' 'busybox cat -n$'
        type_keys 'more\r'
        screen_shows 'what it has read' '^ +2\s+more$'
        type_keys '\x04'
        screen_shows 'a prompt' '^host> $'
        type_keys "$run sh -c 'read x; test -t 0 && test ! -t 1 && echo got \$x' | cat\r"
        type_keys 'word\r'
        screen_shows 'what a pipe passes' '^got word$'
        type_keys "echo x | $run sh -c 'test ! -t 0 && test -t 1 && busybox cat'\r"
        screen_shows 'what comes from a pipe' '^x$'
        type_keys "$run sh -c 'echo runs; kill -9 \$\$'; stty -a\r"
        screen_shows 'that it runs' '^runs$'
        screen_shows 'the terminal as it was' '(^| )icanon .* echo '
        type_keys 'exit 0\r'
        terminal_ends 0
}

test_the_terminal_goes_away() {
        terminal_start build/ptl run
        screen_shows 'a prompt' '^n1> $'
        kill -KILL "$terminal"
        wait "$terminal" 2>/dev/null
        exec 5>&-
        expect_nothing_left
}

test_the_node_dies_under_its_user() {
        terminal_start build/ptl run
        screen_shows 'a prompt' '^n1> $'
        kill -KILL "$(cat "$PTL_DIR/n1/pid")"
        screen_shows 'the reason' 'n1'
        terminal_ends 1
}

tests_run "$@"
