#!/bin/bash
# The cluster as a guest of its host: what idle nodes cost, an unprivileged user with two clones at
# once, and what a host lacks.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# Processor time of the three machines so far, in hundredths of a second (utime and stime of
# /proc/PID/stat, behind the name in parentheses).
ticks() {
        local total=0 node stat
        for node in n1 n2 n3; do
                stat=$(cat "/proc/$(cat "$PTL_DIR/$node/pid")/stat")
                read -r -a stat <<<"${stat##*) }"
                total=$((total + stat[11] + stat[12]))
        done
        echo "$total"
}

# seconds_pass COUNT: what is measured is a time in which nothing happens.
seconds_pass() {
        local end=$((SECONDS + $1))
        until_true $(($1 + 5)) eval "[ \$SECONDS -ge $end ]"
}

test_idle_nodes_use_under_ten_percent() {
        local before window=10
        cluster_up BOOT=direct || return
        # What is done at start ends first.
        until_true 60 quiet || problem 'the nodes do not come to rest'
        before=$(ticks)
        seconds_pass $window
        local used=$(($(ticks) - before))
        # Hundredths of a second in $window seconds are percent, times $window.
        note "three idle nodes: $((used / window)).$((used % window)) % of a processor"
        [ $used -lt $((10 * window)) ] || problem "$((used / window)) % of a processor"
}

# True if two seconds go by in which the machines use less than a fifth of a processor.
quiet() {
        local before
        before=$(ticks)
        seconds_pass 2
        [ $(($(ticks) - before)) -lt 40 ]
}

# user_clone FOLDER: a clone that belongs to the unprivileged user.
user_clone() {
        git clone -q "$top" "$1" || return
        [ "$(id -u)" -ne 0 ] || chown -R 65534:65534 "$1"
}

# The name of a clone's folder may have anything in it.
test_two_clones_of_an_unprivileged_user() {
        local clone odd="it's \"one\" of 100% & \$more" started=${EPOCHREALTIME/./}
        chmod a+rx "$scratch"
        if ! user_clone "$scratch/$odd" ||
                ! as_nobody make -s -j2 -C "$scratch/$odd" run-programs >"$scratch/err" 2>&1; then
                problem "no clone, or it does not build: $(tail "$scratch/err")"
                return
        fi
        note "cloned and built in $(ms_since "$started") ms"
        # A clone with what is built in it, to save time.
        cp -a "$scratch/$odd" "$scratch/two"
        started=${EPOCHREALTIME/./}
        for clone in "$odd" two; do
                (printf 'nodes\nsum /fs/README.md\n' |
                        marked as_nobody make -s -C "$scratch/$clone" run SETUP=no \
                                >"$scratch/$clone.out" 2>"$scratch/$clone.err"
                echo $? >"$scratch/$clone.status") &
        done
        wait
        note "both ran in $(ms_since "$started") ms"
        for clone in "$odd" two; do
                expect "status of $clone" "$(cat "$scratch/$clone.status")" 0 ||
                        problem "$(tail -n 10 "$scratch/$clone.err")"
                expect_in "output of $clone" "$(cat "$scratch/$clone.out")" '^n3 +up epoch'
                expect_in "output of $clone" "$(cat "$scratch/$clone.out")" \
                        "$(sum_of "$scratch/$clone/README.md")"
        done
        expect_nothing_left
}

# fails PATTERN COMMAND…: it fails, with such a line on standard error and nothing on standard output,
# and leaves nothing behind.
fails() {
        local pattern=$1 output status
        shift
        output=$(echo nodes | marked "$@" 2>"$scratch/err")
        status=$?
        [ $status -ne 0 ] || problem "$*: status 0"
        expect "standard output of $*" "$output" ''
        expect_in "standard error of $*" "$(cat "$scratch/err")" "$pattern"
        expect_nothing_left
}

test_no_qemu() {
        fails '^ptl: /nowhere/qemu: .*tools/setup' make -s run PTL_QEMU=/nowhere/qemu
        # Every program but QEMU.
        mkdir -p "$scratch/bin"
        cp -rs /usr/sbin/. /usr/bin/. "$scratch/bin" 2>/dev/null # what is in both comes once
        rm -f "$scratch/bin"/qemu-system-*
        fails '^setup: .*QEMU' env PATH="$scratch/bin" make -s run SETUP=no
}

test_missing_library() {
        echo 'int gone(void) { return 0; }' | gcc -shared -fPIC -xc -o "$scratch/libgone.so" -
        echo 'int gone(void); int main(void) { return gone(); }' |
                gcc -xc -o "$scratch/qemu" - -L"$scratch" -lgone
        fails 'libgone.so: cannot open shared object file' make -s run PTL_QEMU="$scratch/qemu"
}

test_port_in_use() {
        local line listener
        exec 7< <(exec socat -d -d TCP-LISTEN:0,bind=127.0.0.1 - 2>&1 </dev/null)
        listener=$!
        read -r line <&7
        fails "^ptl: GDB=n2:${line##*:}: Address already in use" make -s run "GDB=n2:${line##*:}"
        kill $listener
        exec 7<&-
}

test_unreadable_files() {
        fails '^ptl: FILES=/nowhere: No such file' make -s run FILES=/nowhere
        mkdir -p "$scratch/theirs" "$scratch/files"
        # A clone below /root is closed to others: they get the programs elsewhere.
        programs_copy "$scratch/theirs"
        chmod -R a+rX "$scratch/theirs"
        chmod a+rx "$scratch" "$scratch/files"
        chmod 777 "$scratch/theirs"
        echo secret >"$scratch/files/secret"
        chmod 0 "$scratch/files/secret"
        fails '^.*secret: Permission denied' \
                as_nobody PTL_DIR="$scratch/theirs/run" FILES="$scratch/files" "$scratch/theirs/build/ptl" run
        chmod 0 "$scratch/files"
        fails '^ptl: FILES=.*: Permission denied' \
                as_nobody PTL_DIR="$scratch/theirs/run" FILES="$scratch/files" "$scratch/theirs/build/ptl" run
        chmod 755 "$scratch/files"
}

# What $scratch/much takes of a node, in bytes.
image_room() { build/tools/image/image -n -o "$scratch/much.cpio" "$scratch/much" | cut -d' ' -f2; }

test_too_many_files_for_the_memory() {
        local room
        mkdir -p "$scratch/much"
        truncate -s 5G "$scratch/much/file"
        fails '^image: .* take [0-9]+ KiB of a node, which has room for [0-9]+ KiB; .*MEM' \
                make -s run MEM=48 BOOT=direct FILES="$scratch/much"
        expect_in 'no node is that large' "$(cat "$scratch/err")" '^ptl: no node can have room for that'
        # With as much as there is room for, counted in entries and in bytes, all of n2 runs.
        room=$(grep -o 'room for [0-9]*' "$scratch/err" | cut -d' ' -f3)
        truncate -s 0 "$scratch/much/file"
        (cd "$scratch/much" && seq $((room / 2)) | xargs touch)
        truncate -s $((room - 1 - $(image_room) / 1024))K "$scratch/much/file"
        cluster_up N=2 MEM=48 BOOT=direct FILES="$scratch/much" || return
        expect 'the file' "$(on n1 'sum /fs/file')" "$(sum_of "$scratch/much/file")  /fs/file"
        expect 'what does not run on n2' "$(on n2 ps | awk 'NR > 1 && $2 != "running"')" ''
        expect 'entries' "$(on n1 'ls /fs' | wc -l)" $((room / 2 + 1))
        # The estimate that refuses must not be far from what the kernel finds.
        note "n2: $(grep -o 'kernel [0-9]* KiB free' "$scratch/up.err" | tail -n 1), room for $room KiB of files"
}

test_one_service_too_many_for_the_memory() {
        mkdir -p "$scratch/larger"
        programs_copy "$scratch/larger"
        sed -i 's/^memory.*/memory 60M/' "$scratch/larger/build/boot/root/manifest/echo"
        (cat cluster/system.description && echo 'component echo on n3') >"$scratch/system"
        fails '^ptl: n3: its components may take [0-9]+ KiB, and a node with MEM=64 has [0-9]+ KiB for them; give nodes MEM=' \
                env MEM=64 SYSTEM="$scratch/system" "$scratch/larger/build/ptl" up
}

# small_disk SIZE COMMAND…: runs it with a file system of that size at $scratch/disk.
small_disk() {
        local size=$1
        shift
        mkdir -p "$scratch/disk"
        unshare -rm bash -c "mount -t tmpfs -o size=$size none $scratch/disk && \"\$@\"" bash "$@"
}

test_full_disk() {
        if ! unshare -rm true 2>/dev/null; then
                note 'skipped: no user name spaces here'
                return
        fi
        fails '^ptl: .*: No space left on device' small_disk 100k env PTL_DIR="$scratch/disk/run" "$ptl" run
        # A capture that ends early is told, and the commands still run.
        local output
        output=$(echo 'sum /fs/README.md' | marked small_disk 8k \
                env BOOT=direct CAPTURE="$scratch/disk/capture" "$ptl" run 2>"$scratch/err")
        [ $? -ne 0 ] || problem 'status 0 though the capture is cut'
        expect_in 'the command' "$output" "$(sum_of README.md)"
        expect_in 'the notice' "$(cat "$scratch/err")" '^ptl: CAPTURE=.*: No space left on device'
        expect_nothing_left
}

tests_run "$@"
