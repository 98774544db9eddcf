#!/bin/sh
# Makes the assembly source of the kernel's symbol table (see symbols.h) from `nm -n` of a linked kernel
# on standard input. Without input it makes an empty table, for the first link.
exec awk '
        $3 == "symbol_text_start" { start = $1 }
        # Local labels and the markers of the linker script are no functions.
        $2 ~ /^[tTwW]$/ && $3 !~ /^(symbol_text_|\.)/ && start != "" {
                address[count] = $1; name[count++] = $3 }
        END {
                print ".section .symbols, \"a\""
                print ".balign 4"
                print ".global symbol_table, symbol_count, symbol_names"
                print "symbol_table:"
                for (i = 0; i < count; i++) {
                        printf ".long 0x%s - 0x%s, %d\n", address[i], start, at
                        at += length(name[i]) + 1
                }
                printf "symbol_count: .long %d\n", count
                print "symbol_names:"
                for (i = 0; i < count; i++)
                        printf ".asciz \"%s\"\n", name[i]
                print ".section .note.GNU-stack, \"\", @progbits"
        }'
