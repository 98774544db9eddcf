#!/bin/bash
# Boots the kernel on machines and processors of many kinds, each time without a module, so that it has to
# come up to kernel_main, and then to say in a panic, with function names, that there is no first task.
#
# Then it is interrupted, in the middle of a program, by what ends in a panic.
#
# A kernel with an assertion that fails (boot_assertion.c) has to say which.
#
#   usage: tests/kernel/boot_machines.sh KERNEL PROGRAM FAILING-KERNEL [QEMU]
set -u
. "$(dirname "$0")/../harness.sh"
kernel=$1 program=$2 failing=$3
qemu=${4:-qemu-system-x86_64}
folder=$(mktemp -d) || exit 1
log=$folder/log
trap 'rm -r "$folder"' EXIT
mkfifo "$folder/monitor.in" "$folder/monitor.out"

# boot NAME LAST ARGUMENTS…: runs a machine until its serial line shows LAST, at most 30 s for a line.
# Meanwhile QEMU's monitor gets `command`, if it is set, when a line shows `moment`.
command='' moment=''
boot() {
        local last=$2 pid line
        name=$1
        shift 2
        : >"$log"
        exec 3< <(exec "$qemu" -nodefaults -display none -serial stdio -no-reboot -kernel "$kernel" "$@" \
                </dev/null 2>&1)
        pid=$!
        while IFS= read -r -t 100 line <&3; do
                printf '%s\n' "${line%$'\r'}" >>"$log"
                [[ $command && $line == *"$moment"* ]] && echo "$command" >"$folder/monitor.in" && command=
                [[ $line == *"$last"* ]] && break
        done
        kill "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
        exec 3<&-
}

# expect PATTERN…: each must match a line of the last boot.
expect() {
        local pattern missing=''
        for pattern; do
                grep -Eq -- "$pattern" "$log" || missing+="no line matches \"$pattern\""$'\n'
        done
        [ -z "$missing" ]
        result "$name" $? "$missing$(cat "$log")"
}

halted='The node is halted'
reached=('^kernel panic: ' '^  from [0-9a-f]{16} kernel_main' '^  from [0-9a-f]{16} boot_start')

boot 'pc, 32 MiB, oldest processor' "$halted" -M pc -cpu qemu64 -m 32
expect "${reached[@]}" 'by the HPET'
grep -m 1 '^  from ' "$log" | grep -q kernel_main
result 'a backtrace begins where the panic came about' $? "$(cat "$log")"
boot 'q35, 32 MiB, oldest processor' "$halted" -M q35 -cpu qemu64 -m 32
expect "${reached[@]}"
boot 'pc, memory above 4 GiB' "$halted" -M pc -cpu Haswell-noTSX -m 5G
expect "${reached[@]}" 'smep.* xsave'
boot 'q35, memory above 4 GiB, all features' "$halted" -M q35 -cpu max -m 6G
expect "${reached[@]}" 'nx smep smap umip fsgsbase xsave'
boot 'q35 without HPET, SMEP and SMAP' "$halted" -M q35,hpet=off -cpu max,-smap,-smep -m 64
expect "${reached[@]}" 'by the ACPI timer'
boot 'pc, instructions counted' "$halted" -M pc -cpu max -m 64 -icount shift=0
expect "${reached[@]}" 'timer (999|1000)[0-9]* kHz'
boot 'q35 without NX' "$halted" -M q35 -cpu EPYC,-nx -m 64
expect "${reached[@]}"
boot 'q35 with four processors and a screen' "$halted" -M q35 -cpu max -smp 4 -m 64 -vga std
expect "${reached[@]}"
boot 'no ACPI' "$halted" -M microvm,acpi=off,isa-serial=on -cpu max -m 64
expect '^kernel panic: no ACPI root pointer'
boot 'a 32-bit processor' '64-bit' -M pc -cpu qemu32 -m 64
expect 'needs a 64-bit x86 processor'

# Each of its three turns has a line of its own.
boot 'q35, 4 GiB, for a memory object beyond one' memory_goes_beyond_a_gibibyte -M q35 -cpu max -m 4G -initrd "$program init"
expect 'ok memory_goes_beyond_a_gibibyte' 'a large object'

watched=(-M pc -cpu qemu64 -m 64 -vga std -monitor "pipe:$folder/monitor")
moment='init: ok' command='nmi'
boot 'a non-maskable interrupt' "$halted" "${watched[@]}" -initrd "$program init"
expect '^kernel panic: non-maskable interrupt'
command='mce 0 1 0xb200000000000000 0x5 0 0'
boot 'a machine check' "$halted" "${watched[@]}" -initrd "$program init"
expect '^kernel panic: machine check'

# What a panic says on the screen stays there, whatever comes afterwards. The second interrupt says
# nothing that could be waited for: stopping and going on gives the processor turns to take it.
moment=$halted command="nmi
$(for ((i = 0; i < 20; i++)); do printf 'stop\ncont\n'; done)
pmemsave 0xb8000 4000 \"$folder/screen\"
quit"
boot 'an interrupt after a panic' 'QEMU ends first' "${watched[@]}"
tr -d '\007\000' <"$folder/screen" | fold -w 80 >"$log"
expect '^kernel panic: '

kernel=$failing
boot 'a failed assertion' "$halted" -M pc -cpu qemu64 -m 64 -initrd "$program init"
expect '^kernel panic: tests/kernel/boot_assertion.c:9: assertion failed: !image \|\| bytes % 2 == 2 \|\| !"a module, %s"' \
        '^at ffffffff80[0-9a-f]{6}' '^r8  [0-9a-f]{16} r9 ' '^  from ffffffff80'

checks_end
