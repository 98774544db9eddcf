#!/bin/bash
# A file read across nodes that booted over the network, as a user does it: `make run` with commands on
# standard input, with each card, placement and impairment.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

# What `make -s run` prints for three commands, with the given options.
read_with() {
        local licenses=/usr/share/common-licenses output
        output=$(printf 'nodes\nls /fs\nsum /fs/GPL-3\nexit\n' |
                make -s run FILES=$licenses "$@" 2>"$scratch/err")
        expect "status with $*" $? 0
        [ -n "$output" ] || problem "$(tail -n 25 "$scratch/err")"
        for node in n1 n2 n3; do
                expect_in "nodes with $*" "$output" "^$node +up epoch [0-9a-f]+"
        done
        expect_in "ls with $*" "$output" '(^| )GPL-3( |$)'
        expect_in "sum with $*" "$output" "$(sum_of $licenses/GPL-3)"
}

test_virtio() { read_with; }
test_e1000() { read_with NIC=e1000 MACHINE=pc; }
test_mixed_cards() { read_with NIC=mixed; }
test_fs_on_n3() { read_with PLACE=fs:n3; }
test_fs_on_n1() { read_with PLACE=fs:n1; }
test_ten_percent_loss() {
        read_with LOSS=10 SEED=7 CAPTURE="$scratch/capture"
        local lost
        lost=$(grep -ao 'dropped: loss' "$scratch/capture" | wc -l)
        note "$lost frames were lost"
        [ "$lost" -gt 0 ] || problem 'no frame was lost'
}
test_large_file_despite_loss() {
        local files=$scratch/files started
        file_make "$files/four" $((4 * 1024 * 1024))
        cluster_up BOOT=direct LOSS=10 SEED=7 FILES="$files" || return
        started=${EPOCHREALTIME/./}
        expect 'sum' "$(on n1 'sum /fs/four')" "$(sum_of "$files/four")  /fs/four"
        note "4 MiB in $(ms_since "$started") ms"
}

test_direct_boot() { read_with BOOT=direct; }

test_five_nodes_and_odd_files() {
        local files=$scratch/files output
        file_make "$files/large" $((9 * 1024 * 1024))
        file_make "$files/a name with spaces" 1000
        file_make "$files/folder/inner" 5000
        : >"$files/empty"
        ln -s folder/inner "$files/link"
        echo end >"$files/TRAILER!!!"
        touch -d 1912-06-23T11:00Z "$files/old"
        touch -d 2238-01-01T00:00Z "$files/zz-late"
        output=$(make -s run N=5 MEM=64 FILES="$files" 2>"$scratch/err" <<'END'
nodes
sum /fs/large
sum /fs/empty
sum "/fs/a name with spaces"
sum /fs/folder/inner
sum /fs/link
ls -l /fs
END
        )
        expect status $? 0
        expect_in 'a date before 1970' "$output" '^- +0 1912-06-23 11:00 old$'
        expect_in 'a date after 2106' "$output" '^- +0 2238-01-01 00:00 zz-late$'
        expect_in 'the name that ends an archive' "$output" ' TRAILER!!!$'
        expect 'nodes that are up' "$(grep -Ec '^n[1-5] +up ' <<<"$output")" 5
        for file in large empty 'a name with spaces' folder/inner; do
                expect_in "sum of $file" "$output" "$(sum_of "$files/$file")"
        done
        expect 'the link reads as its target' "$(grep -c "$(sum_of "$files/link")" <<<"$output")" 2
}

test_readme_without_options() {
        local output
        output=$(echo 'cat /fs/README.md' | make -s run 2>"$scratch/err")
        expect status $? 0
        expect 'the file' "$output" "$(cat README.md)"
}

test_a_failed_command_is_told_and_the_rest_runs() {
        local output status
        output=$(printf 'cat /fs/nothing\nsum /fs/README.md\n' | make -s run 2>"$scratch/err")
        status=$?
        [ $status -ne 0 ] || problem 'status 0 after a failed command'
        expect_in 'the failed one' "$output" '^cat: .*not found'
        expect_in 'the next one' "$output" "$(sum_of README.md)"
}

tests_run "$@"
