/* The Internet checksum, a word at a time: the frames summed are short. */
#include "servers/common/checksum.h"
#include "servers/common/byte_order.h"

uint32_t checksum_add(uint32_t sum, const uint8_t *bytes, size_t length)
{
        for (; length > 1; bytes += 2, length -= 2)
                sum += get16(bytes);
        return length ? sum + ((uint32_t)bytes[0] << 8) : sum;
}

uint16_t checksum_fold(uint32_t sum)
{
        while (sum >> 16)
                sum = (sum & 0xffff) + (sum >> 16);
        return (uint16_t)~sum;
}
