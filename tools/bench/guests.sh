# Guests on a switch, and what they say: sourced by the scripts of this folder, from the top of the tree.
#
# Whatever a script starts ends with it. `work` is the folder of its consoles; guest K of a folder DIR has
# DIR/nK/serial.log and, in `guest[K]`, its process.
# shellcheck shell=bash disable=SC2034 # some are for whoever sources it

build=build work=build/bench
qemu=${PTL_QEMU:-qemu-system-x86_64}
card=$(sed -n 's/^device //p' drivers/net/virtio_net/card)
problems=0

started=() guest=()
stop_all() {
        local process
        for process in "${started[@]}"; do kill "$process" 2>/dev/null; done
        for process in "${started[@]}"; do
                timeout 20 tail -s 0.02 --pid="$process" -f /dev/null || kill -KILL "$process" 2>/dev/null
                wait "$process" 2>/dev/null
        done
        started=() guest=()
}

# Whatever ends this script ends what it has started.
with_us() { exec setpriv --pdeathsig KILL "$@"; }

problem() {
        echo "bench: $*" >&2
        problems=$((problems + 1))
}

# quotient A B [DIGITS [C]]: A / B / C
quotient() { awk -v a="$1" -v b="$2" -v d="${3:-2}" -v c="${4:-1}" 'BEGIN { printf "%.*f", d, a / b / c }'; }

# until_line FILE PATTERN SECONDS: waits until the file has such a line.
until_line() {
        local deadline=$((SECONDS + $3))
        until grep -qE -- "$2" "$1" 2>/dev/null; do
                if [ $SECONDS -ge $deadline ]; then
                        problem "$1 has no line '$2' after $3 s"
                        return 1
                fi
                read -r -t 0.05 <> <(:) # a pause without a process
        done
        return 0
}

# said FILE PATTERN: what the first group of the pattern was in the file's last such line.
said() { sed -nE "s/.*$2.*/\1/p" "$1" | tail -n 1; }

# switch_start DIR NODES [OPTION…]: a switch for nodes 1 to NODES, which boots nobody unless options say so.
switch_start() {
        local dir=$1 nodes=$2 k options=()
        shift 2
        rm -rf "$dir"
        for ((k = 1; k <= nodes; k++)); do
                mkdir -p "$dir/n$k"
                options+=(--node "n$k=52:54:00:00:00:$(printf %02x "$k")")
        done
        with_us $build/tools/switch/portolan-switch --dir "$dir" --seed 1 "${options[@]}" "${@:---no-boot}" \
                >"$dir/switch.log" 2>&1 &
        started+=($!)
        until_line "$dir/switch.log" '^ready' 10
}

# switch_do DIR COMMAND: false if the switch refuses it.
switch_do() { [ "$(printf '%s\n' "$2" | timeout 10 socat - "UNIX-CONNECT:$1/switch.ctl" | tail -n 1)" = ok ]; }

# guest_start DIR K OPTION…: guest K on the switch of DIR, with the machine that all guests between nodes
# have. `rom` may have the card boot it.
guest_start() {
        local dir=$1 k=$2
        shift 2
        with_us "$qemu" -nodefaults -no-user-config -no-reboot -M q35 -accel tcg -cpu max \
                -display none -serial "file:$dir/n$k/serial.log" -device virtio-rng-pci,disable-legacy=on \
                -netdev "dgram,id=net,local.type=unix,local.path=$dir/n$k/qemu.sock,remote.type=unix,remote.path=$dir/n$k/switch.sock" \
                -device "$card,netdev=net,mac=52:54:00:00:00:$(printf %02x "$k")${rom-,romfile=}" "$@" \
                </dev/null >"$dir/n$k/qemu.log" 2>&1 &
        guest[k]=$!
        started+=("${guest[k]}")
}

# portolan_words NODES K: the command line of node K of so many. Packets between them are in clear, unless
# `cipher` is set, which then seals them; the nodes' keys lie in `keys`.
cipher=
portolan_words() {
        echo "node=n$2 id=$(printf %016x "$2") cluster=00000000000000b7 nodes=$(seq -s, -f n%g "$1")" \
                "ip=10.77.0.$((10 + $2)) seed=$(od -An -N8 -tx8 /dev/urandom | tr -d ' ') ${cipher:+cipher=}${cipher:-plaintext=yes}"
}

# portolan_start DIR NODES K DESCRIPTION ARCHIVE [OPTION…]: node K of so many, with the archive `boot.cpio`
# of programs, and the files in DIR/files.cpio, if there are any.
portolan_start() {
        local dir=$1 nodes=$2 k=$3 description=$4 modules=$5
        shift 5
        modules="$build/boot/init.elf init,$modules boot.cpio,$description system"
        [ -z "$cipher" ] || set -- "$@" -fw_cfg "name=opt/org.portolan/keys,file=$keys/n$k.keys"
        [ ! -e "$dir/files.cpio" ] || modules+=",$dir/files.cpio files"
        guest_start "$dir" "$k" -kernel $build/boot/portolan.elf \
                -append "$(portolan_words "$nodes" "$k")" -initrd "$modules" "$@"
}
