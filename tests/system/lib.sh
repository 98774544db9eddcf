# What the multi-node tests share beyond tests/harness.sh: functions to start a cluster and to run commands
# on its nodes. A test file sources this, defines functions test_…, and ends with
# `tests_run "$@"`.
#
# Each file has a run directory of its own (PTL_DIR), so that the developer's cluster goes on running.
# Bounds are ten times those that the system promises: promises are measured in `make bench`.
# shellcheck shell=bash

set -u
CDPATH='' cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. tests/harness.sh
top=$PWD
ptl=$top/build/ptl
scratch=$(mktemp -d "${TMPDIR:-/tmp}/portolan-system-XXXXXX")
export PTL_DIR=$scratch/run
# Chosen by a user of the tests, not for them.
unset N NIC MEM PLACE FILES CAPTURE LOSS SEED BOOT GDB MACHINE SYSTEM PTL_TIMEOUT PLAINTEXT CIPHER KEYLOG MTU PORTS SERIAL
trap 'cluster_down; rm -rf "$scratch"' EXIT

# ms_since MICROSECONDS: since then, which was ${EPOCHREALTIME/./}.
ms_since() { echo $(((${EPOCHREALTIME/./} - $1) / 1000)); }

# cluster_up [NAME=VALUE…]: options as of make run. On failure the test has a problem, with the reason.
cluster_up() {
        cluster_down
        "$ptl" up "$@" 2>"$scratch/up.err" || {
                problem "ptl up $* failed:"$'\n'"$(tail -n 25 "$scratch/up.err")"
                return 1
        }
}

cluster_down() { "$ptl" down 2>/dev/null; }

# on NODE COMMAND: its output, and its status.
on() { "$ptl" on -t 120 "$1" "$2"; }

# on_says NODE COMMAND PATTERN: the output has such a line.
on_says() { on "$1" "$2" 2>&1 | grep -Eq -- "$3"; }

# marked COMMAND…: runs it with a mark in its environment, by which left_behind finds whatever it started.
marked() { PORTOLAN_TEST=$scratch "$@"; }

left_behind() {
        local pid
        for pid in $(grep -lsz "^PORTOLAN_TEST=$scratch" /proc/[0-9]*/environ | cut -d/ -f3); do
                tr '\0' ' ' <"/proc/$pid/cmdline" && echo
        done 2>/dev/null
}

nothing_left() { [ -z "$(left_behind)" ]; }

expect_nothing_left() { until_true 20 nothing_left || problem "left behind: $(left_behind)"; }

# programs_copy FOLDER: what ptl needs, for tests that others may use, or in which they break a part.
programs_copy() {
        cp -r --parents build/ptl build/boot cluster README.md \
                build/tools/{switch/portolan-switch,check/describe,image/image} "$1"
}

# archive_make PROGRAM… -- MANIFEST…: from now on $ptl is that of a copy with these in its boot archive, too.
archive_make() {
        local root=$scratch/top/build/boot/root manifest
        mkdir -p "$scratch/top"
        programs_copy "$scratch/top"
        ptl=$scratch/top/build/ptl
        while [ "$1" != -- ]; do
                cp "$1" "$root/bin/"
                shift
        done
        shift
        for manifest; do cp "$manifest" "$root/manifest/$(basename "$manifest" .manifest)"; done
        build/tools/image/image -o "$root.cpio" "$root" && mv "$root.cpio" "${root%root}boot.cpio"
}

# cable NODE true|false: plugs it into the node's card, or pulls it.
cable() {
        python3 - "$PTL_DIR/$1/qmp.sock" "$2" <<'END_OF_PYTHON'
import socket, sys
qmp = socket.socket(socket.AF_UNIX)
qmp.settimeout(60)
qmp.connect(sys.argv[1])
for command in ('"qmp_capabilities"', '"set_link", "arguments": {"name": "net", "up": %s}' % sys.argv[2]):
    qmp.send(b'{"execute": %s}\n' % command.encode())
said = qmp.makefile()
sys.exit([line for line in (next(said), next(said), next(said)) if '"error"' in line] or 0)
END_OF_PYTHON
}

# as_nobody COMMAND…: runs it as a user without privileges, whoever runs the tests.
as_nobody() {
        local -a drop=()
        [ "$(id -u)" -ne 0 ] || drop=(setpriv --reuid=65534 --regid=65534 --clear-groups)
        "${drop[@]}" env -u PTL_DIR HOME=/nonexistent "$@"
}

# A folder with a file of so many bytes that are the same on every run.
file_make() { # FILE BYTES
        mkdir -p "$(dirname "$1")"
        head -c "$2" < <(yes "$(basename "$1")" | nl) >"$1"
}

sum_of() { sha256sum "$1" | cut -d' ' -f1; }

after_test() { cluster_down; }

# The logs of a failed test outlive it.
after_failure() {
        local kept=$top/build/test/system/$1 log
        rm -rf "$kept"
        mkdir -p "$kept"
        for log in "$PTL_DIR"/n*/serial.log "$PTL_DIR"/*.log; do
                [ -r "$log" ] && cp "$log" "$kept/$(tr / - <<<"${log#"$PTL_DIR"/}")"
        done
        echo "    logs: build/test/system/$1"
}
