# What test scripts share: sourced by each of them, which ends with `checks_end` or `tests_run "$@"` and so
# with the line `N passed, N failed`. A script is either a list of checks,
#
#       check 'what it proves' COMMAND…
#
# or functions test_…, each of which passes if nothing in it was a problem.
# shellcheck shell=bash

passed=0 failed=0 problems="" notes=""

# ---- checks

# result WHAT STATUS [DETAIL]: counts what was found out already.
result() {
        if [ "$2" -eq 0 ]; then
                passed=$((passed + 1)) && echo "ok      $1"
        else
                failed=$((failed + 1)) && echo "FAILED  $1"
                [ -z "${3-}" ] || printf '        %s\n' "${3//$'\n'/$'\n'        }"
        fi
}

# check WHAT COMMAND…: the command succeeds, and all of it if it is a function; what it prints is shown if
# not.
check() {
        local said
        said=$(set -e; "${@:2}" 2>&1) # not in a condition: there -e would mean nothing
        result "$1" $? "$said"
}

checks_end() {
        echo "$passed passed, $failed failed"
        [ $failed -eq 0 ] && [ $passed -gt 0 ]
}

# ---- tests

problem() { problems+="    $*"$'\n'; }

# note TEXT: a figure, shown below the test.
note() { notes+="        $*"$'\n'; }

# expect WHAT GOT WANTED
expect() { [ "$2" = "$3" ] || { problem "$1: got '$2', wanted '$3'"; false; }; }

# expect_in WHAT TEXT PATTERN: a line of the text matches the extended regular expression.
expect_in() { grep -Eq -- "$3" <<<"$2" || problem "$1: no line like '$3' in:"$'\n'"$2"; }

# until_true SECONDS COMMAND…: runs the command again and again until it succeeds; fails if the time is
# up.
until_true() {
        local deadline=$((SECONDS + $1))
        shift
        until "$@" >/dev/null 2>&1; do
                [ $SECONDS -lt $deadline ] || return 1
                read -r -t 0.05 <> <(:) || : # a pause without a process
        done
        return 0
}

# For a script to define anew: what is done after each test, and after one that failed.
after_test() { :; }
after_failure() { :; }

# tests_run [test_NAME…]: runs the tests of the file, or those.
tests_run() {
        local test started
        for test in $(compgen -A function test_); do
                [ $# -eq 0 ] || [[ " $* " = *" $test "* ]] || continue
                problems="" notes="" started=$SECONDS
                "$test"
                after_test
                [ -z "$problems" ]
                result "$test ($((SECONDS - started)) s)" $?
                printf %s "$notes$problems"
                [ -z "$problems" ] || after_failure "$test"
        done
        checks_end
}
