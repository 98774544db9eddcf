#!/bin/bash
# ptl's verbs on machines that run: what a link is told is felt there, gdb stops where it is told,
# and a shell that dies over a command is told at once. (Start and stop are in failure_test.sh and
# transport_test.sh.)
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

files=$scratch/files
file_make "$files/quarter" $((256 * 1024))

# The shortest of five echoes from n1 to n2, in microseconds by n1's clock.
echo_us() { on n1 'ping n2 5' | awk '$1 == "n2" { print int($2 * 1000) }' | sort -n | head -n 1; }

# What a read of the file takes by n1's clock, in milliseconds.
read_ms() { on n1 'time sum /fs/quarter' | awk '/^[0-9.]+ s$/ { print int($1 * 1000) }'; }

# at_least WHAT GOT LEAST
at_least() {
        note "$1: $2"
        [ "${2:-0}" -ge "$3" ] || problem "$1: '$2', it should be at least $3"
}

# counter NODE NAME: what the switch counts of the frames that the node sent.
counter() {
        (cd "$PTL_DIR" && echo stats | socat -t 1 - UNIX-CONNECT:switch.ctl) | grep "^$1 " |
                grep -o "$2=[0-9]*" | cut -d= -f2
}

# bits_per_second FILE FROM TO: what the link let pass of what n2 sent between these times, by the
# capture alone: a frame arrives as long after its time stamp as its comment says.
bits_per_second() {
        tshark -r "$1" -T fields -E separator=" " -e frame.interface_name -e frame.time_epoch -e frame.len \
                -e frame.comment 2>/dev/null |
                awk -v from="$2" -v to="$3" '
                        $1 != "n2" || $2 < from || $2 > to || $4 == "dropped:" { next }
                        !first { first = $2 }
                        { bits += 8 * $3; end = $2 + ($4 == "delayed" ? $5 / 1000 : 0) }
                        end > last { last = end }
                        END { if (bits >= 8 * 256 * 1024) print int(bits / (last - first)) }'
}

test_link_delay_rate_and_loss_are_felt() {
        local before begun ended bits
        cluster_up N=2 BOOT=direct FILES="$files" CAPTURE="$scratch/capture" || return
        until_true 30 on_says n1 'sum /fs/quarter' "$(sum_of "$files/quarter")" || problem 'no read'
        note "an echo before: $(echo_us) µs"
        "$ptl" link n1 n2 'delay 20ms' || problem 'no delay'
        at_least 'an echo with 20 ms each way, in µs' "$(echo_us)" 40000
        # 256 KiB are 2,097,152 bits.
        "$ptl" link n1 n2 'rate 1mbit' || problem 'no rate'
        begun=$EPOCHREALTIME
        at_least 'the read at 1 Mbit/s, in ms' "$(read_ms)" 2097
        ended=$EPOCHREALTIME
        before=$(counter n1 dropped_loss)
        expect 'frames lost so far' "$before" 0
        "$ptl" link n1 n2 'loss 20%' || problem 'no loss'
        on n1 'ping n2 20' >/dev/null
        on n1 'sum /fs/quarter' >/dev/null || problem 'the read fails for 20 % of loss'
        at_least 'frames lost' "$(counter n1 dropped_loss)" 1
        # All three at once, as the help has it; then none.
        "$ptl" link n1 n2 'loss 10% delay 5ms rate 1mbit' || problem 'not all three'
        at_least 'an echo with 5 ms each way, in µs' "$(echo_us)" 10000
        "$ptl" link n1 n2 clear || problem 'no clear'
        before=$(counter n1 dropped_loss)
        on n1 'sum /fs/quarter' >/dev/null || problem 'no read over the clear link'
        expect 'frames lost after clear' "$(counter n1 dropped_loss)" "$before"
        "$ptl" partition n1 / n2 || problem 'no partition'
        on n1 'ping n2 1' >/dev/null 2>&1 && problem 'an echo crosses the partition'
        "$ptl" heal || problem 'no heal'
        until_true 30 on n1 'ping n2 1' || problem 'no echo after heal'
        cluster_down
        expect 'comments of the capture' \
                "$(grep -ao 'dropped: loss\|dropped: partition\|delayed 20.0 ms' "$scratch/capture" |
                        sort -u | paste -sd,)" \
                'delayed 20.0 ms,dropped: loss,dropped: partition'
        bits=$(bits_per_second "$scratch/capture" "$begun" "$ended")
        at_least 'bit/s at 1 Mbit/s, by the capture' "$bits" 500000
        [ "${bits:-0}" -le 1010000 ] || problem "1 Mbit/s let pass $bits bit/s"
}

# refused PATTERN ARGUMENT…: ptl says so, with status 1, and everything is as it was.
refused() {
        local pattern=$1 said
        shift
        said=$("$ptl" "$@" 2>&1)
        expect "status of $*" $? 1
        expect_in "$*" "$said" "^ptl: .*$pattern"
        expect "the switch's settings after $*" "$(settings)" "$set"
}

settings() { (cd "$PTL_DIR" && echo links | socat -t 1 - UNIX-CONNECT:switch.ctl) | tr '\n' ' '; }

test_what_no_link_can_be_is_refused() {
        local set
        cluster_up N=2 BOOT=direct FILES="$files" || return
        "$ptl" link n1 n2 'loss 10% delay 5ms rate 1mbit'
        "$ptl" partition n1 / n2
        set=$(settings)
        expect_in 'what is set' "$set" 'link n1 to n2 loss 10% delay 5ms rate 1000kbit .*partition n1 / n2 ok'
        refused "no node is called 'n9'" link n1 n9 'loss 10%'
        refused 'two different nodes' link n1 n1 'loss 10%'
        refused 'no impairment is given' link n1 n2
        refused 'loss needs a value from 0% to 100%' link n1 n2 'loss 110%'
        refused 'loss needs a value' link n1 n2 loss
        refused 'loss needs a value' link n1 n2 'loss -5%'
        refused 'loss is given twice' link n1 n2 'loss 1% loss 2%'
        refused 'delay needs a value from 0ms to 10s' link n1 n2 'delay 1min'
        refused 'rate needs a value from 1kbit' link n1 n2 'rate 0'
        refused 'jitter is larger than the delay' link n1 n2 'delay 1ms jitter 2ms'
        refused "no impairment is called 'speed'" link n1 n2 'delay 5ms speed 3'
        refused 'a group is empty' partition n1 / / n2
        refused "no node is called 'n7'" partition n1 / n7
        refused 'n1 is named twice' partition n1 / n1,n2
        "$ptl" heal
        expect 'status of heal without a partition' "$("$ptl" heal 2>&1)$?" 0
}

# One rule for `on`, for lines piped into `sh`, and for `run`: whatever cannot be passed on as it stands is
# refused and named, and everything else is done and answered.
# refused_before_boot PATTERN OPTION…: ptl says so, and no machine is started.
refused_before_boot() {
        if "$ptl" up BOOT=direct "${@:2}" 2>"$scratch/err"; then problem "up ${*:2}: accepted"; fi
        expect_in "up ${*:2}" "$(cat "$scratch/err")" "$1"
        ! grep -q ' power' "$scratch/err" || problem "up ${*:2}: a machine was started"
}

test_what_a_description_lacks_is_told_before_a_boot() {
        local system=$scratch/system.description shipped=cluster/system.description
        sed '/^component net /s/\*/n1/' $shipped >"$system"
        refused_before_boot "^$system:[0-9]+: no transport on n2,n3: component net is only on n1" SYSTEM="$system"
        sed '/^component fs /d' $shipped >"$system"
        refused_before_boot "^$system:[0-9]+: FILES is given, but nothing serves files" SYSTEM="$system" FILES="$files"
        sed 's/mode=batch/mode=bacth/' $shipped >"$system"
        refused_before_boot "^$system:[0-9]+: component batch: mode is not .bacth." SYSTEM="$system"
        refused_before_boot "^PLACE: component fs is placed on n9" PLACE=fs:n9
        refused_before_boot "^PLACE=fs:n1,fs:n1: " PLACE=fs:n1,fs:n1
        refused_before_boot "^$scratch: Is a directory" SYSTEM="$scratch"
}

test_what_is_no_command_is_refused_and_the_rest_done() {
        local long output
        cluster_up N=2 BOOT=direct FILES="$files" || return
        printf -v long 'write /fs/cut %04086dx' 0 # 4,101 bytes
        output=$(printf '%s\n' 'write /fs/piped x' "$long" '# none' $'rm /fs/piped\003' 'ping n2 1' 'cat /fs/piped' |
                "$ptl" sh n1 2>"$scratch/err")
        expect 'status of a pipe with a line refused' $? 1
        expect_in 'the answers' "$output" '^n2 [0-9.]+ ms$'
        expect_in 'the answers' "$output" '^x$'
        expect_in 'the refusals' "$(cat "$scratch/err")" 'line 2: longer than 4096 bytes'
        expect_in 'the refusals' "$(cat "$scratch/err")" 'line 4: a byte 0 or Ctrl-C'
        expect 'what the long line made' "$(on n1 'ls /fs/cut')" 'ls: /fs/cut: not found'
        # The longest that goes, and the statuses of a pipe.
        printf -v long 'write /fs/long %04081d' 0
        expect 'the longest line' "$(printf %s "$long" | "$ptl" sh n1 2>&1)$?" 0
        expect 'its end' "$(on n1 'ls -l /fs/long' | tr -s ' ' | cut -d' ' -f2)" 4082
        expect 'exit with a status' "$(printf 'nonsense\nexit 7\nnodes\n' | "$ptl" sh n1 >/dev/null 2>&1)$?" 7
        expect 'no commands' "$("$ptl" sh n1 </dev/null 2>&1)$?" 0
        expect 'no such node' "$(echo nodes | "$ptl" sh n9 2>&1)$?" \
                'ptl: n9: nodes: it has no power, or there is no such node; `ptl nodes` lists them1'
        expect 'of on' "$("$ptl" on n1 $'nodes \003' 2>&1)$?" \
                'ptl: n1: a command is one line of at most 4096 bytes, without Ctrl-C; this one was not run125'
}

# Where the command has ended by then, there is nothing to cancel and to wait for. Whether output and end
# come together is chance.
test_output_that_cannot_be_written_ends_the_wait() {
        local started
        cluster_up N=2 BOOT=direct FILES="$files" || return
        started=${EPOCHREALTIME/./}
        for _ in {1..20}; do
                expect 'status' "$("$ptl" on n1 'time wait' 2>&1 >/dev/full)$?" 'ptl: n1: its output cannot be written125'
        done
        [ "$(ms_since "$started")" -lt 4000 ] || problem "told after $(ms_since "$started") ms"
}

test_a_shell_that_dies_over_a_command_is_told() {
        local started
        cluster_up N=2 BOOT=direct FILES="$files" || return
        started=${EPOCHREALTIME/./}
        on n1 'kill n1/batch' 2>"$scratch/err"
        expect 'status' $? 125
        note "told after $(ms_since "$started") ms"
        expect_in 'the message' "$(cat "$scratch/err")" '^ptl: n1: its shell died meanwhile'
        expect_in 'the next command' "$(on n1 nodes)" '^n1 up '
        # The shell outlives the name service of its node.
        on n1 'kill n1/name' || problem 'kill n1/name has no answer'
        # Commands of make run go on behind it.
        cluster_down
        printf 'kill n1/batch\nnodes\n' | BOOT=direct N=2 "$ptl" run >"$scratch/out" 2>"$scratch/err"
        expect 'status of the run' $? 1
        expect_in 'the message' "$(cat "$scratch/err")" '^ptl: n1: kill n1/batch: its shell died'
        expect_in 'the next command of a run' "$(cat "$scratch/out")" '^n1 up '
}

test_a_kernel_panic_is_told_at_once() {
        local said
        mkdir "$scratch/broken"
        programs_copy "$scratch/broken"
        cp --parents build/kernel/portolan.elf64 "$scratch/broken" # knows files and lines
        : >"$scratch/broken/build/boot/init.elf"
        # Long before the time in which nodes have to come up is over.
        said=$(timeout 60 "$scratch/broken/build/ptl" up N=1 BOOT=direct 2>&1)
        expect status $? 1
        expect_in 'the panic' "$said" '^n1 .* FAILED at stage power: its kernel panicked'
        expect_in 'its reason' "$said" '^n1    \| kernel panic: first task: '
        expect_in 'its backtrace' "$said" \
                '^n1    \|   from [0-9a-f]+ kernel_main\+0x[0-9a-f]+ at (.*/)?kernel/([a-z]+/)?main.c:[0-9]+'
}

# gdb_line: what the user is told to type, once the machine can be reached.
gdb_line() { [ -S "$PTL_DIR/n2/gdb.sock" ] && grep '^gdb ' "$scratch/up.err"; }

test_gdb_stops_in_the_kernel_and_in_a_server() {
        local up said
        cluster_up BOOT=direct FILES="$files" GDB=n2 &
        up=$!
        until_true 30 gdb_line || problem "no line for gdb: $(cat "$scratch/up.err")"
        # The line as it stands, with commands behind it; what it names are the symbols of all.
        said=$(cd / && timeout 120 bash -c "$(gdb_line) -batch -ex 'break syscall_interrupt_bind' \
                -ex 'break servers/fs/main.c:main' -ex continue -ex backtrace -ex 'delete 1' \
                -ex continue -ex 'info symbol \$pc' -ex detach" 2>&1 </dev/null)
        expect_in 'in the kernel' "$said" '^Breakpoint 1, .*syscall_interrupt_bind .* at (\./)?kernel/syscall/'
        expect_in 'its callers' "$said" '^#1 .*kernel/'
        expect_in 'in fs' "$said" '^Breakpoint 2, .*main .* at servers/fs/main\.c:'
        expect_in 'whose symbol it is' "$said" '^main in section \.text of .*/fs\.elf$'
        # Without gdb the cluster goes on and joins.
        wait $up || problem "ptl up fails: $(cat "$scratch/up.err")"
        expect_in 'the nodes' "$(on n1 nodes)" '^n2 up '
        expect 'a read from n2' "$(on n1 'sum /fs/quarter')" "$(sum_of "$files/quarter")  /fs/quarter"
        # It does so at each start.
        "$ptl" stop n2
        "$ptl" start n2 2>"$scratch/start.err" &
        until_true 30 grep -q '^n2 .* power waits for gdb$' "$scratch/start.err" || problem 'n2 does not wait'
        cluster_down
        wait $!
}

test_log_of_one_component_goes_on() {
        local follower
        cluster_up N=2 BOOT=direct || return
        expect 'other lines than those of fs' "$("$ptl" log n2/fs | grep -vE '^(\[[0-9.]+\] fs|init: fs)')" ''
        expect_in 'the log of fs' "$("$ptl" log n2/fs)" 'fs: boot: files'
        "$ptl" log -f >"$scratch/followed" &
        follower=$!
        until_true 20 grep -q '^n1 .*boot: joined' "$scratch/followed" || problem 'it does not begin'
        on n1 'kill n2/fs' >/dev/null
        until_true 20 grep -q '^n2 init: fs ended' "$scratch/followed" || problem 'it does not go on'
        "$ptl" down
        wait $follower
        expect 'status at the end of the cluster' $? 0
        "$ptl" log n2/none.such 2>"$scratch/err"
        expect 'status of a wrong name' $? 2
        expect_in 'a wrong name' "$(cat "$scratch/err")" 'none.such: not a component'
}

tests_run "$@"
