#!/bin/bash
# Boots QEMU's real iPXE ROM through the switch: a script that fetches a module of 3 MB and then, if
# that went well, a file named by the node's address. The switch's events tell what happened.
#
#   usage: pxe.sh PORTOLAN-SWITCH
set -u
. "$(dirname "$0")/../../harness.sh"
switch=$(realpath "$1") || exit 1
work=$(mktemp -d /tmp/portolan-pxe-XXXXXX) || exit 1
mapfile -t cards < <(sed -n 's/^device //p' "$(dirname "$0")"/../../../drivers/net/*/card)
limit=120 # seconds, for the slowest machine
switch_pid='' qemu_pids='' watch_pid=''

stop_all() {
        for pid in $qemu_pids $watch_pid $switch_pid; do
                kill "$pid" 2>/dev/null
                wait "$pid" 2>/dev/null
        done
        switch_pid='' qemu_pids='' watch_pid=''
}
trap 'stop_all; rm -rf "$work"' EXIT

mkdir "$work/tftp"
head -c 3000000 /dev/urandom >"$work/tftp/module.bin"
for address in 10.77.0.11 10.77.0.12 10.77.0.13; do
        echo "$address" >"$work/tftp/done-$address"
done
cat >"$work/tftp/boot.ipxe" <<'SCRIPT'
#!ipxe
imgfetch module.bin && imgfetch done-${net0/ip}
reboot
SCRIPT

# ask COMMAND…: sends commands to the switch and prints the answers.
ask() {
        printf '%s\n' "$@" | socat -t5 - "UNIX-CONNECT:$work/run/switch.ctl"
}

# start_switch NODES: starts it, with its events on descriptor 3.
start_switch() {
        rm -rf "$work/run"
        mkdir "$work/run"
        local nodes=()
        : >"$work/ready"
        for ((i = 1; i <= $1; i++)); do
                nodes+=(--node "n$i=52:54:00:00:00:0$i")
        done
        "$switch" --dir "$work/run" "${nodes[@]}" --tftp "$work/tftp" --bootfile boot.ipxe \
                --seed 7 --capture "$work/capture.pcapng" >"$work/ready" 2>"$work/errors" &
        switch_pid=$!
        local deadline=$((SECONDS + limit))
        until grep -q ready "$work/ready"; do
                if [ $SECONDS -ge $deadline ] || ! kill -0 "$switch_pid" 2>/dev/null; then
                        cat "$work/errors"
                        return 1
                fi
        done
        exec 3< <(echo events | exec socat -t $limit - "UNIX-CONNECT:$work/run/switch.ctl")
        watch_pid=$!
}

# start_node NUMBER DEVICE
start_node() {
        local dir="$work/run/n$1"
        qemu-system-x86_64 -machine q35 -m 64 -display none -nodefaults -no-reboot -boot n \
                -netdev "dgram,id=net0,local.type=unix,local.path=$dir/qemu.sock,remote.type=unix,remote.path=$dir/switch.sock" \
                -device "$2,netdev=net0,mac=52:54:00:00:00:0$1" \
                3<&- >"$work/qemu$1.log" 2>&1 &
        qemu_pids="$qemu_pids $!"
}

# expect_event LINE…: waits until each of them was seen, in any order.
expect_event() {
        local deadline=$((SECONDS + limit)) line wanted
        for wanted; do
                until grep -qxF "event $wanted" "$work/events"; do
                        if ! read -r -t $((deadline - SECONDS + 1)) -u 3 line; then
                                echo "missing: $wanted; seen:"
                                cat "$work/events"
                                return 1
                        fi
                        echo "$line" >>"$work/events"
                done
        done
}

# boots NUMBER…: waits until these nodes have run the script to its end.
boots() {
        local n
        for n; do
                expect_event "n$n dhcp 10.77.0.1$n" "n$n tftp boot.ipxe" \
                        "n$n tftp-done module.bin 3000000" \
                        "n$n tftp-done done-10.77.0.1$n 11" || return 1
        done
}

# A reader finds all frames sound, and frames of each interface.
capture_is_sound() {
        local interface malformed
        malformed=$(tshark -r "$work/capture.pcapng" -o udp.check_checksum:TRUE \
                -Y "_ws.malformed || udp.checksum.status == 0" 2>/dev/null | wc -l)
        [ "$malformed" -eq 0 ] || {
                echo "$malformed malformed frames"
                return 1
        }
        for interface; do
                tshark -r "$work/capture.pcapng" -T fields -e frame.interface_name 2>/dev/null |
                        grep -qx "$interface" || return 1
        done
}

boot_one() {
        start_switch 1 || return 1
        start_node 1 "$1"
        boots 1
}

boot_three_disturbed() {
        start_switch 3 || return 1
        ask 'default loss 100%' 'partition n1 / n2 / n3' | grep -q error && return 1
        for n in 1 2 3; do start_node $n "${cards[n % ${#cards[@]}]}"; done
        boots 1 2 3 && capture_is_sound n1 n2 n3 boot
}

boot_through_loss() {
        start_switch 1 || return 1
        ask 'link n1 boot loss 5% dup 2%' | grep -q error && return 1
        start_node 1 "${cards[0]}"
        boots 1 && ask stats | grep '^boot ' | grep -qv 'dropped_loss=0 '
}

boots_well() { # NAME FUNCTION ARGUMENT…
        local started=${EPOCHREALTIME/[^0-9]/}
        : >"$work/events"
        "${@:2}" || { cat "$work"/qemu*.log; false; }
        result "$1 ($(((${EPOCHREALTIME/[^0-9]/} - started) / 1000)) ms)" $?
        stop_all
}

for card in "${cards[@]}"; do boots_well "$card boots" boot_one "$card"; done
boots_well 'three boot at once while nodes are parted' boot_three_disturbed
boots_well 'boot survives loss and duplicates' boot_through_loss
checks_end
