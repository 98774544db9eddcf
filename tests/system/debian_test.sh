#!/bin/bash
# Programs and languages of Debian's (busybox, bash, zsh, Go, Lua, SQLite) and threads of both libcs, on the node of
# their files and on another, while packets are lost, and while the file server dies.
# LONG=yes: each of them near and far, and the file server dies three times.
# shellcheck source=tests/system/programs.sh
. "$(dirname "$0")/programs.sh"

files=$scratch/files
bin=$files/bin
mkdir -p "$bin" "$files/over"
cp /usr/bin/busybox /bin/bash-static /bin/zsh-static "$bin"
for applet in cat head rm seq sleep sort tr wc; do ln -s busybox "$bin/$applet"; done
both_build "$bin" outlives
# What they can load at run time needs the libc that they were linked with, says ld.
gcc -static -O2 -s -o "$bin/lua" tests/programs/lua.c -llua5.4 -lm -ldl 2>/dev/null
gcc -static -O2 -s -o "$bin/sqlite" tests/programs/sqlite.c -lsqlite3 -lm -ldl -pthread 2>/dev/null
GOCACHE=$scratch/go GOENV=off GOFLAGS='' GO111MODULE=off CGO_ENABLED=0 \
        go build -ldflags='-s -w' -o "$bin/goroutines" tests/programs/goroutines.go
cp tests/programs/{tour.sh,sum.lua,outlives.lua} "$files"
printf 'pear\napple\nfig\n' >"$files/fruit"
seq 3000 >"$files/text" # more than comes with an open
# A folder for those that outlive a server, where they are to do one round alone.
ln -s ../text "$files/over/text"
ln -s ../bin "$files/over/bin"
mkdir "$files/over/tmp"
: >"$files/over/go"

tour='apple
fig
3 2 1 by three
status 4
the trap ran
waited: 0
<here: 42>
2
fruit
not found: 127'

# shows NODE COMMAND TEXT: as prints; but who is told that the link was lost tries it again: with packets lost, a node
# that its host keeps from running is given up early.
shows() {
        local try status output
        for try in 1 2 3; do
                output=$(on "$1" "$2" 2>&1)
                status=$?
                [[ $status -ne 0 && $output = *'link lost'* ]] || break
        done
        expect "status of '$2' on $1 (try $try)" $status 0
        expect "output of '$2' on $1 (try $try)" "$output" "$3"
}

all_run() { # NODE
        shows "$1" 'run busybox sh /fs/tour.sh /fs' "$tour"
        shows "$1" 'run bash-static /fs/tour.sh /fs' "$tour"
        shows "$1" 'run zsh-static -o no_bg_nice /fs/tour.sh /fs' "$tour"
        shows "$1" "run zsh-static -c 'a=(3 1 2); print \${(on)a} /fs/f*(.:t)'" '1 2 3 fruit'
        shows "$1" 'run -m 16M goroutines once /fs' \
                '8 files of 28000 bytes; child; user defined signal 1; collected true'
        shows "$1" 'run lua /fs/sum.lua' $'1000\t500500\tfalse\tthrown\t6'
        shows "$1" "run sqlite /fs/tmp/base" $'500|name 99|125250\nok'
        shows "$1" 'rm /fs/tmp/base' ''
        shows "$1" 'run outlives-musl /fs/over' $'begun\ndone'
        shows "$1" 'run outlives-glibc /fs/over' $'begun\ndone'
}

test_all_run_near_and_far_while_packets_are_lost() {
        cluster_up BOOT=direct N=2 MEM=192 FILES="$files" LOSS=5 SEED=3 || return
        all_run n2
        all_run n1
}

# A log's index is memory that processes share through a file: files of /dev/shm are that, others say that they are not.
test_databases_with_write_ahead_logs() {
        local node
        cluster_up BOOT=direct N=2 MEM=128 FILES="$files" || return
        for node in n2 n1; do
                prints $node 'run -m 16M sqlite /dev/shm/base shared' $'wal\n81\nok'
                prints $node 'run sqlite /fs/tmp/alone alone' $'wal\ndisk I/O error: No such device\n1\nok'
                prints $node 'rm /fs/tmp/alone-shm' '' # it was to be the index
        done
        prints n2 'ls /fs/tmp' ''
}

# ---- the file server dies ----------------------------------------------------------------------------

declare -A running=() # by name, the process of ptl

# begin NODE NAME COMMAND…: it runs there until /fs/go is there, and says when it has begun.
begin() {
        "$ptl" run -m 12M "$1" "${@:3}" >"$scratch/$2.out" 2>"$scratch/$2.err" </dev/null &
        running[$2]=$!
}

all_have_begun() {
        local name
        for name in "${!running[@]}"; do grep -q '^begun$' "$scratch/$name.out" || return; done
}

none_runs() { ! kill -0 "${running[@]}" 2>/dev/null; }

expect_end() { # NAME OUTPUT
        local status
        kill -KILL "${running[$1]}" 2>/dev/null && problem "$1 has not ended"
        wait "${running[$1]}"
        status=$?
        expect "status of $1" $status 0 && expect "output of $1" "$(cat "$scratch/$1.out")" "$2" ||
                problem "$1 says: $(tail -n 5 "$scratch/$1.err")"
}

# Four on each of two nodes, as many as there are lines for programs of the host.
begin_all() { # NODE NODE
        local script
        script=$(<tests/programs/outlives.sh)
        begin "$1" busybox "$bin/busybox" sh -c "$script" sh /fs
        begin "$2" bash "$bin/bash-static" -c "$script" sh /fs
        begin "$1" zsh "$bin/zsh-static" -c "$script" sh /fs
        begin "$2" go "$bin/goroutines" outlives /fs
        begin "$1" lua "$bin/lua" /fs/outlives.lua /fs
        begin "$2" sqlite "$bin/sqlite" /fs/tmp/pairs /fs/go
        begin "$1" musl "$bin/outlives-musl" /fs
        begin "$2" glibc "$bin/outlives-glibc" /fs
}

# file_server_dies TIME: for the first time of its node, or the second …
file_server_dies() {
        on n1 'crash n2/fs' >/dev/null || problem 'crash n2/fs failed'
        until_true 60 on_says n1 'ps n2' "^fs +running( +[0-9]+){3} +$1\$" &&
                until_true 60 on n1 'sum /fs/text' || problem 'there is no next file server'
}

all_outlive_it() { # NODE NODE TIME…
        local time name
        running=()
        begin_all "$1" "$2"
        until_true 300 all_have_begun || problem "not all have begun: $(grep -L begun "$scratch"/*.out)"
        for time in "${@:3}"; do file_server_dies "$time"; done
        prints n2 'write /fs/go now' ''
        until_true 300 none_runs
        for name in busybox bash zsh go lua musl glibc; do expect_end $name $'begun\ndone'; done
        expect_end sqlite $'begun\nok\ndone'
        prints n2 'rm /fs/go' ''
}

test_all_outlive_the_file_server() {
        cluster_up BOOT=direct N=2 MEM=256 FILES="$files" LOSS=5 SEED=5 || return
        if [ "${LONG-}" = yes ]; then
                all_outlive_it n1 n2 1 2 3
                all_outlive_it n2 n1 4 5 6
        else
                all_outlive_it n1 n2 1
        fi
}

tests_run "$@"
