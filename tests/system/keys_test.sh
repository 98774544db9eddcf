#!/bin/bash
# Keys and seeds: handed over by QEMU, seen by nobody else, and said if they are missing.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# qemu_make SED-COMMANDS…: a QEMU whose arguments are changed, one a line.
qemu_make() {
        cat >"$scratch/qemu" <<END
#!/bin/bash
mapfile -t changed < <(printf '%s\n' "\$@" | sed -E $(printf -- " -e '%s'" "$@"))
exec qemu-system-x86_64 "\${changed[@]}"
END
        chmod +x "$scratch/qemu"
}

no_rdrand='s/^max$/max,rdrand=off,rdseed=off/'
no_device='s/^virtio-rng-pci,/virtio-balloon-pci,/'
no_file() { echo "s,^name=opt/org.portolan/$1.*,name=opt/none\\,string=x,"; }

says() { grep -q "$2" "$PTL_DIR/$1/serial.log" || problem "$1 does not say: $2"; }
says_not() { ! grep -q "$2" "$PTL_DIR/$1/serial.log" || problem "$1 says: $2"; }

# random_runs NODE TEST: what tests/programs/random.c says there.
program=$scratch/random
musl-gcc -static -O2 -s -I . -o "$program" tests/programs/random.c -pthread
random_runs() { "$ptl" run "$1" "$program" "$2" 2>&1; }

# alone_is_told WHY: the cluster does not come up, and ptl says why at once.
alone_is_told() {
        PTL_QEMU=$scratch/qemu "$ptl" up N=2 BOOT=direct 2>"$scratch/up.err" && problem 'the cluster came up'
        grep -q "FAILED at stage .*: this node stays alone: $1" "$scratch/up.err" || problem "$(cat "$scratch/up.err")"
}

test_a_node_without_rdrand_takes_its_seed() {
        local said first
        qemu_make "$no_rdrand"
        PTL_QEMU=$scratch/qemu cluster_up N=2 BOOT=direct || return
        says n1 'randomness: opt/org.portolan/seed seed= (public)'
        says_not n1 'can make no keys'
        says_not n1 'randomness: a virtio-rng device'
        on_says n1 nodes 'n2 up' || problem 'n2 is not up'
        said=$(random_runs n1 differ) || problem "random bytes of a program: $said"
        first=$(random_runs n1 show)
        expect 'what is shown' "$(grep -cE '^[0-9a-f]{32}$' <<<"$first")" 1
        [ "$(random_runs n1 show)" != "$first" ] || problem 'two programs are given the same bytes'
        "$ptl" stop n1 && "$ptl" start n1 2>/dev/null || problem 'n1 does not start again'
        [ "$(random_runs n1 show)" != "$first" ] || problem 'a node gives the same bytes after its restart'
}

test_a_node_with_neither_takes_what_a_device_gives() {
        qemu_make "$no_rdrand" "$(no_file seed)"
        PTL_QEMU=$scratch/qemu cluster_up N=2 BOOT=direct || return
        says n1 'can make no keys, unless it has a virtio-rng device'
        says n1 'net: randomness: a virtio-rng device'
        on_says n1 nodes 'n2 up' || problem 'n2 is not up'
}

test_a_node_without_a_secret_seed_stays_alone_and_says_what_is_missing() {
        qemu_make "$no_rdrand" "$(no_file seed)" "$no_device"
        alone_is_told 'it has keys, and no secret randomness'
        says n1 'can make no keys, .*: its processor has no RDRAND, and QEMU gave no file opt/org.portolan/seed'
}

test_a_public_seed_is_enough_for_clear_text() {
        local said
        qemu_make "$no_rdrand" "$(no_file seed)" "$no_device"
        PTL_QEMU=$scratch/qemu cluster_up N=2 BOOT=direct PLAINTEXT=yes || return
        on_says n1 nodes 'n2 up' || problem 'n2 is not up'
        said=$(random_runs n1 refused) || problem "random bytes of a program: $said"
}

test_a_node_without_keys_stays_alone_and_joins_in_clear_text_only_if_told_to() {
        qemu_make "$(no_file keys)"
        alone_is_told 'it has no keys to seal its packets with; plaintext=yes does without'
        says n1 'keys: none: QEMU gave no file opt/org.portolan/keys, and the boot loader no module'
        says_not n1 'boot: joined'
        PTL_QEMU=$scratch/qemu cluster_up N=2 BOOT=direct PLAINTEXT=yes || return
        on_says n1 nodes 'n2 up' || problem 'n2 is not up'
}

# As on a machine whose boot loader brings them: the node's own file, as one more module.
test_keys_come_as_a_boot_module_where_there_is_no_fw_cfg() {
        qemu_make "$(no_file keys)" 's,^(tftp/.* system.*)$,\1\,MODULE,'
        sed -i 's|^exec |node=; for word; do [ "$node" != name ] \|\| { node=$word; break; }; [ "$word" != -name ] \|\| node=name; done\nchanged=("${changed[@]/,MODULE/,$node/keys keys}")\n&|' \
                "$scratch/qemu"
        PTL_QEMU=$scratch/qemu cluster_up N=2 BOOT=direct || return
        says n1 'keys: from the boot module `keys`'
        says n2 'packets are sealed'
        on_says n1 nodes 'n2 up' || problem 'n2 is not up'
        ! on_says n1 nodes '^clear text' || problem 'packets are in clear text'
}

# What is read of a far file, as a whole number of bytes that stand in it.
file_is_seen() {
        local capture=$scratch/read.pcapng
        rm -f "$capture"
        mkdir -p "$scratch/files"
        yes 'nobody but the two nodes reads this line' | head -n 2000 >"$scratch/files/lines"
        cluster_up BOOT=direct FILES="$scratch/files" CAPTURE="$capture" "$@" || return
        [ "$(on n1 'sum /fs/lines' | cut -d' ' -f1)" = "$(sum_of "$scratch/files/lines")" ] || problem 'the file is not read'
        cluster_down
        grep -aq 'nobody but the two nodes' "$capture"
}

test_a_capture_shows_nothing_of_a_far_file() {
        ! file_is_seen || problem 'the file can be read in the capture'
}

test_with_plaintext_a_capture_shows_it_and_the_nodes_say_so() {
        file_is_seen PLAINTEXT=yes || problem 'the file cannot be read in the capture'
        says n1 'packets are in clear text, by plaintext=yes'
        cluster_up N=2 BOOT=direct PLAINTEXT=yes || return
        on_says n1 nodes '^clear text: ' || problem 'nodes does not say it'
        cluster_up N=2 BOOT=direct || return
        ! on_says n1 nodes '^clear text' || problem 'nodes says clear text of sealed packets'
}

test_each_cipher_can_be_forced() {
        local cipher
        for cipher in aes-256-gcm chacha20-poly1305; do
                cluster_up N=2 BOOT=direct CIPHER=$cipher || return
                says n1 "sealed: $cipher takes .* and is forced"
                on_says n1 nodes 'n2 up' || problem "n2 is not up with $cipher"
        done
}

test_a_key_log_has_the_keys_of_all_sessions_and_a_capture_carries_them() {
        local log=$scratch/keys capture=$scratch/keyed.pcapng
        local line='PORTOLAN_SESSION [0-9a-f]{64} [0-9a-f]{8} [0-9a-f]{8} [a-z0-9-]+ [0-9a-f]{64} [0-9a-f]{64}'
        touch "$log" && chmod 644 "$log"
        cluster_up BOOT=direct KEYLOG="$log" CAPTURE="$capture" || return
        says n2 'warning: the keys of all sessions are written to a key log'
        on_says n1 nodes '^key log: who has it reads' || problem 'nodes does not say it'
        "$ptl" stop n3 && "$ptl" start n3 2>/dev/null || problem 'n3 does not start again'
        cluster_down
        [ "$(stat -c %a "$log" "$capture" | sort -u)" = 600 ] || problem 'others can read the keys'
        # Three sessions, and two more of the node that was started again.
        [ "$(wc -l <"$log")" -ge 5 ] && [ "$(grep -cxE "$line" "$log")" -eq "$(wc -l <"$log")" ] ||
                problem "the key log is"$'\n'"$(cat "$log")"
        grep -aoE "$line" "$capture" | cmp -s - "$log" || problem 'the capture has other keys than the key log'
        ! grep -aqE "$line" "$PTL_DIR"/n*/*.log "$PTL_DIR"/*.log || problem 'a log shows keys'
        [ -z "$(ls "$PTL_DIR"/n*/keylog 2>/dev/null)" ] || problem 'keys are left behind'
        cluster_up N=2 BOOT=direct || return
        says_not n1 'key log'
        ! on_says n1 nodes '^key log' || problem 'nodes speaks of a key log that there is not'
        [ -z "$(ls "$PTL_DIR"/n*/keylog 2>/dev/null)" ] || problem 'keys are logged, and nobody has asked'
}

test_a_key_log_without_its_device_is_none_and_that_is_said() {
        qemu_make 's,^isa-debugcon.*,isa-debugcon\,iobase=0xe8\,chardev=keylog,'
        PTL_QEMU=$scratch/qemu cluster_up N=2 BOOT=direct KEYLOG="$scratch/none" || return
        says n1 'no key log: opt/org.portolan/keylog asks for one'
        on_says n1 nodes 'n2 up' || problem 'n2 is not up'
        ! on_says n1 nodes '^key log' || problem 'nodes speaks of a key log that there is not'
}

# Whether a file holds the secrets of n1: as text, or as the bytes of its seed.
shows_secrets() {
        local secret
        for secret in "$(sed -n 's/^psk //p' "$PTL_DIR/n1/keys")" "$(sed -n 's/^self n1 //p' "$PTL_DIR/n1/keys")" \
                "$(od -An -v -tx1 "$PTL_DIR/n1/seed" | tr -d ' \n')"; do
                [ ${#secret} -eq 64 ] || problem 'there is a secret with another length'
                od -An -v -tx1 "$1" | tr -d ' \n' | grep -q "$secret" && return
                grep -aq "$secret" "$1" && return
        done
        return 1
}

test_secrets_pass_neither_the_network_nor_a_command_line() {
        cluster_up N=2 CAPTURE="$scratch/boot.pcapng" || return
        [ "$(stat -c %a "$PTL_DIR/n1/keys" "$PTL_DIR/n1/seed" | sort -u)" = 600 ] ||
                problem 'others can read the keys or the seed'
        tr '\0' ' ' <"/proc/$(cat "$PTL_DIR/n1/pid")/cmdline" >"$scratch/command_line"
        local file
        shows_secrets "$PTL_DIR/n1/keys" && shows_secrets "$PTL_DIR/n1/seed" || problem 'the search finds nothing'
        for file in "$scratch/boot.pcapng" "$scratch/command_line" "$PTL_DIR"/tftp/* "$PTL_DIR"/n1/*.log; do
                ! shows_secrets "$file" || problem "$file shows a secret"
        done
        cluster_down
        [ -z "$(ls "$PTL_DIR"/n*/{keys,seed} 2>/dev/null)" ] || problem 'keys or seeds are left behind'
}

tests_run "$@"
