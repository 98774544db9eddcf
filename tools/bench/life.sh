# How nodes come and go, beside Linux, and many that send to one: sourced by tools/bench/net. Times are the
# host's, which sees all machines; a console is looked at every few milliseconds.
# shellcheck shell=bash disable=SC2154 # what tools/bench/net has set

nodes_description=tests/bench/portolan/nodes.description

# milliseconds: of the host's clock.
milliseconds() { echo $((${EPOCHREALTIME/./} / 1000)); }

# when_line FILE PATTERN SECONDS: waits for such a line, and prints the time. False: it does not come.
when_line() {
        local deadline=$(($(milliseconds) + $3 * 1000))
        until grep -qE -- "$2" "$1" 2>/dev/null; do
                [ "$(milliseconds)" -lt $deadline ] || return 1
                read -r -t 0.005 <> <(:)
        done
        milliseconds
}

# ---- join and death ------------------------------------------------------------------------------

# stamp FILE PATTERN: milliseconds of the node's clock in front of the first such line.
stamp() { sed -nE "s/^\[([0-9]+)\.([0-9]{3})\] .*$2.*/\1\2/p" "$1" | head -n 1 | sed 's/^0*\(.\)/\1/'; }

# Three nodes. The last one joins: from the line of its driver, for which the transport waits, to its own
# `joined`. Then another is killed: until each of the others has told that it is dead.
members_measure() {
        local dir=$work/members killed told latest=0 k
        switch_start "$dir" 3 || return
        for k in 3 2; do portolan_start "$dir" 3 $k $nodes_description $work/boot.cpio -m 64; done
        until_line "$dir/n2/serial.log" 'n3: up' 60 && until_line "$dir/n3/serial.log" 'n2: up' 60 || return
        portolan_start "$dir" 3 1 $nodes_description $work/boot.cpio -m 64
        for k in 1 2 3; do until_line "$dir/n$k/serial.log" 'boot: joined' 60 || return; done
        echo "$1 join_ms $(($(stamp "$dir/n1/serial.log" 'boot: joined') -
                $(stamp "$dir/n1/serial.log" 'nic: .*MAC')))" >>"$figures"
        killed=$(milliseconds)
        kill -KILL "${guest[3]}"
        wait "${guest[3]}" 2>/dev/null
        for k in 1 2; do
                told=$(when_line "$dir/n$k/serial.log" 'n3: .*dead' 30) || {
                        problem "$dir/n$k/serial.log does not tell that n3 is dead"
                        return 1
                }
                [ "$told" -le $latest ] || latest=$told
        done
        echo "$1 node_death_ms $((latest - killed))" >>"$figures"
        stop_all
}

# ---- many to one -----------------------------------------------------------------------------------

# switch_drops DIR: frames that the switch had no room for.
switch_drops() {
        printf 'stats\n' | timeout 10 socat - "UNIX-CONNECT:$1/switch.ctl" | tr ' ' '\n' |
                awk -F= '/^dropped_(slow_receiver|queue_full)=/ { sum += $2 } END { print sum + 0 }'
}

# All but n2 send to it at once, 1 MiB each. What is dropped counts from when all are there but n1, the last.
incast_measure() {
        local dir=$work/incast nodes=$((${SENDERS:-16} + 1)) description=$work/incast.description k before drops
        sed "s/@senders@/n1,$(seq -s, -f n%g 3 $nodes)/; s/@count@/$((nodes - 1))/" \
                tests/bench/portolan/incast.description >"$description"
        switch_start "$dir" $nodes || return
        for k in $(seq 2 $nodes); do portolan_start "$dir" $nodes "$k" "$description" $work/boot.cpio -m 64; done
        for k in $(seq 3 $nodes); do until_line "$dir/n$k/serial.log" 'bench incast waits' 120 || return; done
        before=$(switch_drops "$dir")
        portolan_start "$dir" $nodes 1 "$description" $work/boot.cpio -m 64
        until_line "$dir/n1/serial.log" 'bench (end|failed.*)' 300 || return
        drops=$(said "$dir/n1/serial.log" 'incast_card_drops ([0-9]+)')
        if [ -z "$drops" ]; then
                problem "$dir/n1/serial.log: $(said "$dir/n1/serial.log" '(bench failed.*)')"
                return 1
        fi
        echo "$1 incast_drops $((drops + $(switch_drops "$dir") - before))" >>"$figures"
        stop_all
}

# ---- boot over the network -------------------------------------------------------------------------

# pxe_guest DIR MIB: guest 1 boots what the switch's TFTP has as boot.ipxe.
pxe_guest() { rom=,bootindex=1 guest_start "$1" 1 -m "$2"; }

# booted ALTERNATION FIGURE LOG PATTERN BEGIN: from BEGIN until that line.
booted() {
        local told
        told=$(when_line "$3" "$4" 120) || {
                problem "$3 has no line '$4'"
                return 1
        }
        echo "$1 $2 $((told - $5))" >>"$figures"
        stop_all
}

# From the power of a node until it has joined one that waits for it.
portolan_boot() {
        local dir=$work/boot tftp=$PWD/$work/tftp-portolan begin
        mkdir -p "$tftp"
        cp $build/boot/portolan.elf $build/boot/init.elf $work/boot.cpio $nodes_description "$tftp/"
        printf '%s\n' '#!ipxe' "kernel portolan.elf $(portolan_words 2 1)" 'module init.elf init' \
                'module boot.cpio boot.cpio' 'module nodes.description system' boot >"$tftp/boot.ipxe"
        switch_start "$dir" 2 --tftp "$tftp" --bootfile boot.ipxe || return
        portolan_start "$dir" 2 2 $nodes_description $work/boot.cpio "${memory[@]}"
        until_line "$dir/n2/serial.log" 'nic: attached' 60 || return
        begin=$(milliseconds)
        pxe_guest "$dir" 256
        booted "$1" boot_ms "$dir/n1/serial.log" 'boot: joined' "$begin"
}

# From the power of a guest until its first process runs: before it has an address.
linux_boot() {
        local dir=$work/boot tftp=$PWD/$work/tftp-linux begin
        mkdir -p "$tftp"
        cp $linux/boot/vmlinuz-* "$tftp/vmlinuz"
        tools/bench/linux $linux $build/tests/bench/linux/init "$tftp/init.cpio" || return
        printf '%s\n' '#!ipxe' "kernel vmlinuz initrd=init.cpio $(linux_words 1) role=boot" 'initrd init.cpio' boot \
                >"$tftp/boot.ipxe"
        switch_start "$dir" 1 --tftp "$tftp" --bootfile boot.ipxe || return
        begin=$(milliseconds)
        pxe_guest "$dir" 256
        booted "$1" linux_boot_ms "$dir/n1/serial.log" 'bench init' "$begin"
}

# ---- memory ----------------------------------------------------------------------------------------

# Whether guest 1 with so many MiB comes to that line before it ends.
comes_up() {
        local log=$1/n1/serial.log deadline=$((SECONDS + 30))
        until grep -qE "$2" "$log" 2>/dev/null; do
                kill -0 "${guest[1]}" 2>/dev/null && [ $SECONDS -lt $deadline ] &&
                        ! grep -qsE 'boot: failed|panic' "$log" || return 1
                read -r -t 0.05 <> <(:)
        done
        return 0
}

portolan_fits() {
        local dir=$work/memory
        switch_start "$dir" 2 || return
        portolan_start "$dir" 2 2 $nodes_description $work/boot.cpio -m 64
        portolan_start "$dir" 2 1 $nodes_description $work/boot.cpio -m "$1"
        comes_up "$dir" 'boot: joined'
}

linux_fits() {
        local dir=$work/memory
        switch_start "$dir" 1 || return
        guest_start "$dir" 1 -kernel "$(echo $linux/boot/vmlinuz-*)" -initrd $work/tftp-linux/init.cpio \
                -append "$(linux_words 1) role=boot" -m "$1"
        comes_up "$dir" 'bench init'
}

# least FIGURE COMMAND LOW HIGH: the fewest MiB with which COMMAND succeeds, if it does with HIGH.
least() {
        local low=$3 high=$4 middle
        while [ $((high - low)) -gt 1 ]; do
                middle=$(((low + high) / 2))
                if "$2" $middle; then high=$middle; else low=$middle; fi
                stop_all
        done
        echo "0 $1 $high" >>"$figures"
}

memory_measure() {
        least memory_mib portolan_fits 8 64
        tools/bench/linux $linux $build/tests/bench/linux/init $work/tftp-linux/init.cpio || return
        least linux_memory_mib linux_fits 24 160
}
