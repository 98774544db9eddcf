#!/bin/bash
# Machines that differ from those that ptl makes: a second network card, cards without a driver, no PCI
# Express. PTL_QEMU is a script that changes QEMU's arguments.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# machine CHANGE: the machines that are started from now on are changed by these lines of bash, to which
# `node` is n1 …, and `arguments` QEMU's, in which they may replace and add.
machine() {
        export PTL_QEMU=$scratch/qemu
        cat >"$PTL_QEMU" <<END
#!/bin/bash
arguments=("\$@")
while [ "\$1" != -name ]; do shift; done
node=\$2
$1
exec qemu-system-x86_64 "\${arguments[@]}"
END
        chmod +x "$PTL_QEMU"
}

# The first card of each node is another one, on a network of its own: on n1 one with another driver, on n2
# one with the same.
test_of_two_cards_the_one_that_booted_is_taken() {
        machine 'case $node in n1) other=e1000 ;; *) other=virtio-net-pci ;; esac
                arguments=(-netdev hubport,id=other,hubid=0
                           -device "$other,netdev=other,mac=52:54:00:00:0e:01,addr=0x5" "${arguments[@]}")'
        cluster_up N=2 MACHINE=pc || return
        expect 'another node' "$(on n1 'ls /fs')" README.md
        expect 'the card of n1' "$("$ptl" log n1 | grep -c 'nic: 1af4:1041, MAC 525400000001,')" 1
        expect 'the card of n2' "$("$ptl" log n2 | grep -c 'nic: 1af4:1041, MAC 525400000002,')" 1
}

test_of_two_cards_the_one_that_booted_is_taken_without_pxe() {
        machine 'arguments=(-netdev hubport,id=other,hubid=0
                            -device virtio-net-pci,netdev=other,addr=0x5,romfile= "${arguments[@]}")'
        cluster_up N=2 NIC=e1000 BOOT=direct || return
        expect 'another node' "$(on n1 'ls /fs')" README.md
}

# undriven DEVICE PATTERN: a cluster with that card does not come up, and says so at once.
undriven() {
        machine "arguments=(\"\${arguments[@]/virtio-net-pci,disable-legacy=on/$1}\")"
        if "$ptl" up N=2 BOOT=direct PTL_TIMEOUT=600 2>"$scratch/said"; then
                problem "it came up with $1"
        else
                expect_in "what is said of $1" "$(cat "$scratch/said")" "FAILED at stage [a-z]+: $2"
        fi
}

test_a_card_without_a_driver_is_named() {
        undriven e1000e 'no device for nic, which drives .*1af4:1041.*; network cards without a driver: 8086:10d3 \(Ethernet, class 0200\) at 00:10.0'
}

test_a_legacy_virtio_card_is_told() {
        undriven virtio-net-pci,disable-modern=on '1af4:1000 at 00:10.0 is a legacy virtio device'
}

# The card is there and works: but the largest packet would be cut, or lost.
test_a_card_with_too_small_an_mtu_is_not_used() {
        local said='no link: the card 525400000001 has an MTU of 1000; give it, or its network, at least 1280'
        machine 'arguments=("${arguments[@]/virtio-net-pci,/virtio-net-pci,host_mtu=1000,}")'
        cluster_up N=1 BOOT=direct || return
        until_true 50 on_says n1 nodes "^$said\$" || problem "nodes: $(on n1 nodes)"
        expect_in 'the log' "$("$ptl" log n1)" "net: warning: $said"
        cluster_down
        "$ptl" up N=2 BOOT=direct PTL_TIMEOUT=600 2>"$scratch/said" && problem 'it came up with it'
        expect_in 'what is said by up' "$(cat "$scratch/said")" "FAILED at stage [a-z]+: $said"
}

test_a_card_with_just_enough_mtu_is_used() {
        machine '[ $node != n1 ] || arguments=("${arguments[@]/virtio-net-pci,/virtio-net-pci,host_mtu=1280,}")'
        cluster_up N=2 BOOT=direct || return
        expect 'another node' "$(on n1 'ls /fs')" README.md
        on_says n1 nodes 'no link' && problem "nodes: $(on n1 nodes)"
}

# switch COMMAND: does it to the testbed's switch.
switch() { (cd "$PTL_DIR" && echo "$1" | socat -t 1 - UNIX-CONNECT:switch.ctl); }

# frames: that nodes have sent so far.
frames() { switch stats | grep -o 'in_frames=[0-9]*' | cut -d= -f2 | awk '{ sum += $1 } END { print sum }'; }

# frames_read: how many it takes n1 to read a file of n2 of 1 MiB.
frames_read() {
        local before
        before=$(frames)
        expect 'its sum' "$(on n1 'sum /fs/large')" "$sum"
        read_by=$(($(frames) - before))
        note "1 MiB in $read_by frames"
}

# logged NODE N TEXT: its log has said that so often.
logged() { [ "$("$ptl" log "$1" | grep -c "$3")" -ge "$2" ]; }

# What the path takes is found, and found out when it takes no more: the session stands, and what is read is whole.
test_packets_are_as_large_as_the_path_takes() {
        local files=$scratch/files read_by small sum
        local large='n1: larger packets reach it (bytes 0x22f4)' usual='n1: larger packets reach it (bytes 0x5d8)'
        mkdir -p "$files" && head -c 1M /dev/urandom >"$files/large"
        sum="$(sum_of "$files/large")  /fs/large"
        cluster_up N=2 NIC=virtio BOOT=direct MTU=9000 FILES="$files" || return
        until_true 100 logged n2 1 "$large" || problem 'n2 does not find what the path takes'
        frames_read
        [ "$read_by" -lt 700 ] || problem "1 MiB takes $read_by frames"
        switch 'default mtu 1500' >/dev/null
        frames_read
        small=$read_by
        [ "$small" -gt 750 ] || problem "1 MiB takes $small frames, of 1,500 bytes at most"
        until_true 100 logged n2 1 'n1: larger packets are lost' || problem 'n2 does not notice that large packets are lost'
        until_true 100 logged n2 1 "$usual" || problem 'n2 does not find what is left of it'
        [ "$(on n1 nodes | grep -c ' up ')" = 2 ] || problem "nodes: $(on n1 nodes)"
        switch 'default mtu 9000' >/dev/null
        until_true 200 logged n2 2 "$large" || problem 'n2 does not find the path again'
        frames_read
        [ "$read_by" -lt 700 ] || problem "1 MiB takes $read_by frames again"
}

after_test() {
        unset PTL_QEMU
        cluster_down
}

tests_run "$@"
