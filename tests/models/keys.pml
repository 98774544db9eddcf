/* The key phases of one direction: a sender that takes the next key when it may, and a receiver that knows
 * three, over a network that does what it likes. When a phase may end, and which key a packet is opened with,
 * are the conditions of netipc/crypto/phases.def, by which protect.c goes.
 *
 * What has to hold is asserted: no packet is ever tried with a key that is not its own, none is opened twice,
 * the receiver is never more than one phase behind, and a packet that is new is refused only if it is of a
 * phase whose key is not kept any more. */
#include "tests/models/network.pml"

#define PACKETS 8
#define PHASES 4

byte phase_of[PACKETS]; /* by number, from 1 */
bool opened[PACKETS];
byte acknowledged; /* the largest number that was, as the network has it: it may arrive at any time */

/* A sender of protect.h. */
byte tx_phase, tx_first = 1, tx_next = 1, tx_acknowledged;
/* A receiver. */
byte rx_phase, rx_first, rx_last, rx_largest;
bool rx_used, rx_late;

#define TX(field) tx_##field
#define RX(field) rx_##field
#define NUMBER number

active proctype sender()
{
        byte number;
        do
        :: d_step { tx_next < PACKETS -> phase_of[tx_next] = tx_phase; tx_next++ }
        :: d_step { acknowledged > tx_acknowledged -> tx_acknowledged = acknowledged }
        /* It is time for the next key. */
        :: d_step { tx_phase < PHASES - 1 &&
#define PHASE_MAY_END(condition) condition
#include "netipc/crypto/phases.def"
                -> tx_phase++; tx_first = tx_next; assert(tx_phase <= rx_phase + 1) }
        od
}

#define KEY_before -1
#define KEY_now 0
#define KEY_after 1
#define NONE 9

inline open(number)
{
        key = NONE;
        if
#define PHASE_KEY(distance, name, condition) :: phase_of[number] - rx_phase == distance -> if :: condition -> key = KEY_##name :: else fi;
#include "netipc/crypto/phases.def"
        :: else
        fi;
        if
        :: key == NONE ->
                /* Refused, though it is new and true: only what is older than the key of the phase before. */
                assert(phase_of[number] < rx_phase && (phase_of[number] < rx_phase - 1 || !rx_late))
        :: else ->
                assert(rx_phase + key == phase_of[number]);
                assert(!opened[number]);
                opened[number] = true;
                if
                :: key == KEY_before && number > rx_last -> rx_last = number
                :: key == KEY_after ->
                        rx_phase++; rx_used = true; rx_last = rx_largest; rx_late = true; rx_first = number
                :: key == KEY_now && (!rx_used || number < rx_first) -> rx_first = number; rx_used = true
                :: else
                fi;
                if
                :: number > rx_largest -> rx_largest = number
                :: else
                fi;
                assert(rx_last < rx_first || !rx_used)
        fi
}

active proctype receiver()
{
        byte number;
        short key;
        do
        :: d_step { number < PACKETS - 1 -> number++ }
        :: d_step { number > 1 -> number = 1 }
        /* It arrives; a number that was used is refused before anything else. */
        :: d_step { number > 0 && number < tx_next && !opened[number] -> open(number) }
        :: d_step { number > 0 && number < tx_next && opened[number] && number > acknowledged -> acknowledged = number }
        :: d_step { rx_late -> rx_late = false } /* the time of the key before is up */
        od
}
