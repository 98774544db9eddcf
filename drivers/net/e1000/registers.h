/* Registers and descriptors of Intel's 8254x family (PCI/PCI-X Family of Gigabit Ethernet
 * Controllers Software Developer's Manual, 317453; sections in brackets), as far as the driver uses
 * them. */
#ifndef DRIVERS_NET_E1000_REGISTERS_H
#define DRIVERS_NET_E1000_REGISTERS_H

#include <stddef.h>
#include <stdint.h>

/* Offsets in base address register 0 [13.2]. */
enum e1000_register {
        E1000_CTRL = 0x0000,
        E1000_STATUS = 0x0008,
        E1000_ICR = 0x00c0, /* reading clears */
        E1000_ITR = 0x00c4,
        E1000_IMS = 0x00d0,
        E1000_IMC = 0x00d8,
        E1000_RCTL = 0x0100,
        E1000_TCTL = 0x0400,
        E1000_TIPG = 0x0410,
        E1000_RDBAL = 0x2800,
        E1000_RDBAH = 0x2804,
        E1000_RDLEN = 0x2808,
        E1000_RDH = 0x2810,
        E1000_RDT = 0x2818,
        E1000_RDTR = 0x2820,
        E1000_TDBAL = 0x3800,
        E1000_TDBAH = 0x3804,
        E1000_TDLEN = 0x3808,
        E1000_TDH = 0x3810,
        E1000_TDT = 0x3818,
        E1000_MTA = 0x5200,
        E1000_RAL0 = 0x5400,
        E1000_RAH0 = 0x5404,
        E1000_REGISTER_BYTES = 0x20000,
        E1000_MTA_WORDS = 128,
};

enum e1000_ctrl { /* [13.4.1] */
                  E1000_CTRL_ASDE = 1 << 5,
                  E1000_CTRL_SLU = 1 << 6,
                  E1000_CTRL_RST = 1 << 26,
};

enum e1000_status { E1000_STATUS_LU = 1 << 1 }; /* [13.4.2] */

enum e1000_interrupt { /* [13.4.17] */
                       E1000_INTERRUPT_TXDW = 1 << 0,
                       E1000_INTERRUPT_LSC = 1 << 2,
                       E1000_INTERRUPT_RXDMT0 = 1 << 4,
                       E1000_INTERRUPT_RXO = 1 << 6,
                       E1000_INTERRUPT_RXT0 = 1 << 7,
};

enum e1000_rctl { /* [13.4.22]; buffers of 2048 bytes */
                  E1000_RCTL_EN = 1 << 1,
                  E1000_RCTL_MPE = 1 << 4,
                  E1000_RCTL_LPE = 1 << 5, /* long packets */
                  E1000_RCTL_BAM = 1 << 15,
                  E1000_RCTL_SECRC = 1 << 26,
};

enum e1000_tctl { /* [13.4.33] */
                  E1000_TCTL_EN = 1 << 1,
                  E1000_TCTL_PSP = 1 << 3,
                  E1000_TCTL_CT = 0x0f << 4,    /* collision threshold */
                  E1000_TCTL_COLD = 0x40 << 12, /* collision distance, full duplex */
};

/* Inter-packet gap for copper, IEEE 802.3 [13.4.34]. */
enum { E1000_TIPG_COPPER = 10 | 8 << 10 | 6 << 20 };

enum { E1000_RAH_AV_BIT = 31 }; /* [13.5.4]: the address is valid */

struct e1000_receive_descriptor { /* [3.2.3] */
        uint64_t address;
        uint16_t length;
        uint16_t checksum;
        uint8_t status;
        uint8_t errors;
        uint16_t special;
};

struct e1000_transmit_descriptor { /* [3.3.3] legacy */
        uint64_t address;
        uint16_t length;
        uint8_t checksum_offset;
        uint8_t command;
        uint8_t status;
        uint8_t checksum_start;
        uint16_t special;
};

_Static_assert(sizeof(struct e1000_receive_descriptor) == 16, "317453, 3.2.3");
_Static_assert(offsetof(struct e1000_receive_descriptor, status) == 12, "317453, 3.2.3");
_Static_assert(sizeof(struct e1000_transmit_descriptor) == 16, "317453, 3.3.3");
_Static_assert(offsetof(struct e1000_transmit_descriptor, status) == 12, "317453, 3.3.3");

enum { E1000_RECEIVED_DD = 1 << 0, E1000_RECEIVED_EOP = 1 << 1 };
enum { E1000_SEND_EOP = 1 << 0, E1000_SEND_IFCS = 1 << 1, E1000_SEND_RS = 1 << 3 };
enum { E1000_SENT_DD = 1 << 0 };

#endif
