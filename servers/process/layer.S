/* The file of the Linux layer, to be mapped beside each program for Linux. */
        .section .rodata
        .globl layer_file, layer_file_end
        .balign 4096
layer_file:
        .incbin "build/user/layer.bin"
layer_file_end:

        .section .note.GNU-stack, "", @progbits
