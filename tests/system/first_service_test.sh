#!/bin/bash
# README's "Your first service", word for word: the page's own shell blocks run in a clone of the
# repository, and what they print is what the page promises.
. "$(dirname "$0")/lib.sh"

# The blocks of a kind on the page that is standard input, in order.
blocks() { # KIND
        awk -v fence="\`\`\`$1" '
                $0 == fence { block = 1; next }
                block && /^```$/ { block = 0; next }
                block'
}

# What is in the work tree, committed or not, and what was built of it, with their times: the page begins
# after a `make run`. (That a fresh clone builds is proven in host_test.sh.)
clone_make() {
        mkdir -p "$scratch/clone/build"
        git ls-files -z --cached --others --exclude-standard |
                xargs -0 cp -p --parents -t "$scratch/clone" 2>/dev/null
        find build -mindepth 1 -maxdepth 1 ! -name run ! -name test -exec cp -a -t "$scratch/clone/build" {} +
}

test_the_page_works_as_it_stands() {
        local output
        clone_make
        sed -n '/^## Your first service$/,/^## Your own programs$/p' README.md | blocks sh >"$scratch/page.sh"
        expect "commands of the page" "$(grep -c make "$scratch/page.sh")" 3
        output=$(cd "$scratch/clone" && env -u PTL_DIR CI=true bash -eu "$scratch/page.sh" \
                2>"$scratch/page.err" </dev/null) ||
                problem "the page's commands failed:"$'\n'"$(tail -n 25 "$scratch/page.err")"
        PTL_DIR=$scratch/clone/build/run "$ptl" down 2>/dev/null
        expect_in "what the call printed" "$output" '^text: hello$'
        expect_in "what the call printed" "$output" '^count: 1$'
        expect_in "what the pushed service answered" "$output" '^count: 100$'
        expect_in "what tshark printed" "$output" 'greet\.say'
        # Nothing outside the service's folder and the description was edited.
        expect "changed files" "$(diff -rq --exclude=build --exclude=.git --exclude=greet.pcapng --exclude=greet.keys . \
                "$scratch/clone" | grep -v '^Only in \./\?' | sort)" \
                "$(printf 'Files ./cluster/system.description and %s differ\nOnly in %s: greet' \
                        "$scratch/clone/cluster/system.description" "$scratch/clone/servers")"
}

# said COMPONENT: what it has said in the log of n1.
said() { tr -d '\r' <"$PTL_DIR/n1/serial.log" | sed -n "s/^\(\[[0-9. ]*\] \)\?$1: //p"; }
said_times() { [ "$(said "$1" | grep -c "$2")" -ge "$3" ]; }
client_knows() { said client | tail -n 1 | grep -qx "$(said poster | tail -n 1)"; }
posts() { # TIMES, so far
        until_true 50 said_times poster '^note [0-9]' "$1" || problem "it does not post: $(said poster)"
        until_true 50 client_knows || problem "the client is not told: $(said client)"
}

# The page's service on n2, its client on n1, and a program that posts notes and tries the rest (poster.c).
test_the_patterns_work() {
        local page=servers/PATTERNS.md cc=build/sdk/bin/portolan-cc program i lines
        make -s sdk >/dev/null || problem "make sdk"
        blocks idl <$page >"$scratch/board.idl"
        blocks c <$page >"$scratch/board.c"
        blocks 'c client' <$page >"$scratch/client.c"
        cp tests/system/patterns/poster.c "$scratch"
        for program in board client poster; do
                "$cc" -Wall -Wextra -Werror -o "$scratch/$program" "$scratch/$program.c" "$scratch/board.idl" \
                        2>"$scratch/cc.err" || problem "$program: $(cat "$scratch/cc.err")"
        done
        archive_make "$scratch"/{board,client,poster} -- tests/system/patterns/*.manifest
        cat cluster/system.description - >"$scratch/system" <<'END_OF_COMPONENTS'
component board on n2
component client on n1
component poster on n1
END_OF_COMPONENTS
        cluster_up N=2 BOOT=direct SYSTEM="$scratch/system" || return
        posts 1
        [ -z "$problems" ] || return
        # Who is gone has left nothing: there are sixteen places.
        for ((i = 0; i < 20; i++)); do
                lines=$(said client | grep -c '^note')
                on n1 'kill n1/client' >/dev/null || problem 'the client is not killed'
                on n1 'start n1/client' >/dev/null # unless it is back by itself
                until_true 50 said_times client '^note' $((lines + 1)) || problem "it does not read: $(said client)"
                [ -z "$problems" ] || return
        done
        on n1 'start n1/poster' >/dev/null
        posts 2
        # The service dies: the client subscribes to the next one, and is told of what comes.
        on n1 'crash n2/board' >/dev/null
        on n1 'start n1/poster' >/dev/null
        posts 3
        expect 'clients that gave up' "$(said client | grep -c 'no more news')" 0
}

# In a copy of it a program is built though nothing is found but the system's own tools, and what is only a
# warning stays one.
test_the_sdk_needs_no_tree() {
        make -s sdk >/dev/null || problem "make sdk"
        cp -r build/sdk "$scratch/kit"
        expect "files that name the tree" "$(grep -rlF "$PWD" "$scratch/kit")" ""
        expect "files with -Werror" "$(grep -rlw -e '^[^#]*-Werror' "$scratch/kit/bin" "$scratch/kit/lib")" ""
        cp -r "$scratch/kit/template" "$scratch/greet"
        sed -i 's/^int main(void)$/static int unused;\n&/' "$scratch/greet/main.c"
        printf '#include <stdio.h>\nint main(void) { return puts("as for Linux") < 0; }\n' >"$scratch/greet/hello.c"
        (cd "$scratch/greet" && env -i PATH="$scratch/kit/bin:/usr/bin:/bin" make greet) >"$scratch/sdk.out" 2>&1 ||
                problem "the template does not build: $(cat "$scratch/sdk.out")"
        expect_in "what the compiler said" "$(cat "$scratch/sdk.out")" 'warning: .unused. defined but not used'
        (cd "$scratch/greet" && env -i PATH=/usr/bin:/bin "$scratch/kit/bin/portolan-cc" --linux -o hello hello.c) ||
                problem "a program for Linux does not build"
        expect "what it prints here" "$("$scratch/greet/hello")" "as for Linux"
}

tests_run "$@"
