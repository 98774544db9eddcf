#!/bin/bash
# README's "Your first service", word for word: the page's own shell blocks run in a clone of the
# repository, and what they print is what the page promises.
. "$(dirname "$0")/lib.sh"

# The blocks of a language in the section, in order.
blocks() { # LANGUAGE
        awk -v fence="\`\`\`$1" '
                /^## / { inside = $0 == "## Your first service" }
                inside && $0 == fence { block = 1; next }
                block && /^```$/ { block = 0; next }
                block' README.md
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
        blocks sh >"$scratch/page.sh"
        expect "commands of the page" "$(grep -c make "$scratch/page.sh")" 2
        output=$(cd "$scratch/clone" && env -u PTL_DIR CI=true bash -eu "$scratch/page.sh" \
                2>"$scratch/page.err" </dev/null) ||
                problem "the page's commands failed:"$'\n'"$(tail -n 25 "$scratch/page.err")"
        expect_in "what the call printed" "$output" '^text: hello$'
        expect_in "what the call printed" "$output" '^count: 1$'
        expect_in "what tshark printed" "$output" 'greet\.say'
        # Nothing outside the service's folder and the description was edited.
        expect "changed files" "$(diff -rq --exclude=build --exclude=.git --exclude=greet.pcapng --exclude=greet.keys . \
                "$scratch/clone" | grep -v '^Only in \./\?' | sort)" \
                "$(printf 'Files ./cluster/system.description and %s differ\nOnly in %s: greet' \
                        "$scratch/clone/cluster/system.description" "$scratch/clone/servers")"
}

tests_run "$@"
