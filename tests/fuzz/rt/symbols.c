/* Any bytes as a symbol table: a name that is found lies in the file, with its end. */
#include <stdlib.h>
#include <string.h>
#include "servers/rt/pure/symbols.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct symbol symbol;
        uint64_t address = 0x1000;
        if (size >= sizeof address)
                memcpy(&address, data + size - sizeof address, sizeof address);
        if (!symbol_find(data, size, address, &symbol))
                return 0;
        const uint8_t *name = (const uint8_t *)symbol.name;
        if (name < data || name >= data + size ||
            strlen(symbol.name) >= (size_t)(data + size - name))
                abort();
        return 0;
}
