# What the tests of programs for Linux share beyond lib.sh.
# shellcheck shell=bash
# shellcheck source=tests/system/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# both_build FOLDER NAME…: programs of tests/programs, built with musl and with glibc, as FOLDER/NAME-LIBC.
both_build() {
        local folder=$1 program
        shift
        for program; do
                musl-gcc -static -O2 -s -I . -o "$folder/$program-musl" "tests/programs/$program.c" -pthread
                gcc -static -O2 -s -I . -o "$folder/$program-glibc" "tests/programs/$program.c" -pthread
        done
}

# prints NODE COMMAND TEXT: it succeeds, with exactly that.
prints() {
        local output
        output=$(on "$1" "$2" 2>&1)
        expect "status of '$2' on $1" $? 0
        expect "output of '$2' on $1" "$output" "$3"
}

# runs NODE OPTIONS PROGRAM TEST…: each ends with 0, built either way.
runs() {
        local node=$1 options=$2 program=$3 test libc output
        shift 3
        for libc in musl glibc; do
                for test; do
                        output=$(on "$node" "run $options $program-$libc $test" 2>&1) ||
                                problem "$program-$libc $test: status $?: $output"
                done
        done
}
