# Draws mutations: each changes one line of one file.
#
#   usage: awk -v seed=NUMBER -f tests/mutants/mutate.awk FILE…
#
# Prints all that the files offer, in the order in which the seed draws them, one a line, parted by tabs:
#
#   FILE  LINE  KIND  BEFORE  AFTER        (the text of the line, whole)
#
# First the kind is drawn, then one of that kind: so each kind is early in the list, however seldom it is
# in the text. What is no code, and what only tells or asserts, is masked before anything is looked for.
# The random numbers are our own (Park and Miller, Communications of the ACM 31, 1988): those of awk differ
# from one awk to the next.

function next_random(below) {
        random = (random * 16807) % 2147483647
        return random % below
}

# The line with blanks for comments, strings and characters. `inside` is true from one line to the next
# within a comment.
function mask(line,    at, out, c, two, quote) {
        out = ""
        quote = ""
        for (at = 1; at <= length(line); at++) {
                c = substr(line, at, 1)
                two = substr(line, at, 2)
                if (inside || quote != "") {
                        out = out " "
                        if (inside && two == "*/") {
                                inside = 0
                                out = out " "
                                at++
                        } else if (quote != "" && c == "\\") {
                                out = out " "
                                at++
                        } else if (c == quote) {
                                quote = ""
                        }
                } else if (two == "//") {
                        break
                } else if (two == "/*") {
                        inside = 1
                        out = out "  "
                        at++
                } else if (c == "\"" || c == "'") {
                        quote = c
                        out = out " "
                } else {
                        out = out c
                }
        }
        while (length(out) < length(line))
                out = out " "
        return out
}

# Where the parenthesis that opens at `open` closes; 0 if on a later line.
function closes(text, open,    depth, at, c) {
        depth = 0
        for (at = open; at <= length(text); at++) {
                c = substr(text, at, 1)
                if (c == "(")
                        depth++
                if (c == ")" && --depth == 0)
                        return at
        }
        return 0
}

# Offers the line with `text` in place of `size` characters at `at`.
function offer(kind, at, size, text,    id) {
        id = count[kind]++
        after[kind, id] = substr($0, 1, at - 1) text substr($0, at + size)
        before[kind, id] = $0
        where[kind, id] = FILENAME "\t" FNR
}

# All places of an operator, which the format of the tree sets between blanks.
function operators(kind, from, to,    at, found) {
        for (at = 1; (found = index(substr(code, at), " " from " ")) > 0; at += found)
                offer(kind, at + found, length(from), to)
}

function conditions(    at, close_at) {
        at = match(code, /(^|[^a-z_])(if|while) \(/)
        if (at) {
                at += RLENGTH - 1
                close_at = closes(code, at)
                if (close_at)
                        offer("condition", at, close_at - at + 1, "(!" substr($0, at, close_at - at + 1) ")")
        }
        operators("condition", "&&", "||")
        operators("condition", "||", "&&")
        operators("condition", "==", "!=")
        operators("condition", "!=", "==")
}

function comparisons() {
        operators("comparison", "<", "<=")
        operators("comparison", "<=", "<")
        operators("comparison", ">", ">=")
        operators("comparison", ">=", ">")
}

# Numbers below 100 and masks. Times and the sizes of texts are left alone: nobody promises them to the
# unit.
function constants(    at, digits, value) {
        if (code ~ /1000|SECOND|char [a-z_]+\[/)
                return
        at = 1
        while (match(substr(code, at), /(^|[^A-Za-z0-9_.])[0-9][A-Za-z0-9_.]*/)) {
                at += RSTART - 1
                digits = substr(code, at, RLENGTH)
                if (digits !~ /^[0-9]/) {
                        digits = substr(digits, 2)
                        at++
                }
                value = digits
                sub(/[uUlL]+$/, "", value)
                if (value ~ /^0x[0-9a-fA-F]+$/)
                        offer("constant", at, length(digits), "(" digits " - 1)")
                else if (value ~ /^[0-9]+$/ && value + 0 < 100) {
                        offer("constant", at, length(value), value + 1)
                        if (value + 0 > 0)
                                offer("constant", at, length(value), value - 1)
                }
                at += length(digits)
        }
}

# A member that an initializer in the line sets.
function initializers(    at, end, depth, c) {
        at = 1
        while (match(substr(code, at), /(^|[{ ,])\.[a-z_0-9.]+ = /)) {
                at += RSTART - 1
                if (substr(code, at, 1) != ".")
                        at++
                depth = 0
                for (end = at; end <= length(code); end++) {
                        c = substr(code, end, 1)
                        if (index("({[", c))
                                depth++
                        if ((index(")}]", c) && --depth < 0) || (c == "," && depth == 0))
                                break
                }
                # Where the end is not found, the value goes on in the next line.
                if (end <= length(code))
                        offer("field", at, end - at + (c == ","), "")
                at++
        }
}

# Whole statements of one line. A declaration is none: two words stand before its sign.
function statements(    text, start) {
        text = code
        sub(/^ +/, "", text)
        sub(/ +$/, "", text)
        start = match($0, /[^ ]/)
        if (previous !~ /([;{}):]|else|do)$/ || text !~ /^[^;{}]*;$/ || start == 1)
                return
        if (text ~ /^[a-z_0-9*]+((->|\.)[a-z_0-9]+|\[[^]]*\])*(->|\.)[a-z_0-9]+(\[[^]]*\])* [-+|&^]?= /)
                offer("field", start, length(text), ";")
        else if (text ~ /^\*?[a-z_0-9]+(\[[^]]*\])* ([-+|&^]|<<|>>)?= / || text ~ /^(return|break|continue);$/ ||
                 text ~ /(\+\+|--);$/ || (text ~ /^[a-z_0-9>.-]+\(.*\);$/ && text !~ /^(return|if|for|while|switch)\(/))
                offer("statement", start, length(text), ";")
}

BEGIN {
        kinds = split("condition statement constant comparison field", kind_name, " ")
        for (i = 1; i <= kinds; i++)
                count[kind_name[i]] = 0
        random = seed % 2147483646 + 1
        for (i = 0; i < 8; i++)
                next_random(1)
}

FNR == 1 {
        inside = directive = silent = 0
        previous = ""
}

{
        code = mask($0)
        was_directive = directive
        directive = (code ~ /^ *#/ || was_directive) && code ~ /\\ *$/
        if (code ~ /^ *#/ || was_directive || code ~ /^ *$/)
                next
        if (code ~ /(^|[^a-zA-Z_])([a-z_]*assert|_Static_assert|core_log|log_line|journal)\(/)
                silent = 1
        if (!silent) {
                conditions()
                comparisons()
                constants()
                initializers()
                statements()
        }
        if (code ~ /[;{] *$/)
                silent = 0
        previous = code
        sub(/ +$/, "", previous)
}

END {
        for (;;) {
                full = 0
                for (i = 1; i <= kinds; i++)
                        if (count[kind_name[i]] > 0)
                                filled[++full] = kind_name[i]
                if (full == 0)
                        exit
                kind = filled[1 + next_random(full)]
                i = next_random(count[kind])
                print where[kind, i] "\t" kind "\t" before[kind, i] "\t" after[kind, i]
                last = --count[kind]
                where[kind, i] = where[kind, last]
                before[kind, i] = before[kind, last]
                after[kind, i] = after[kind, last]
        }
}
