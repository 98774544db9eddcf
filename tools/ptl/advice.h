/* What to do where something in the run directory cannot be written or started. */
#ifndef PTL_ADVICE_H
#define PTL_ADVICE_H

/* For an error number, the end of a message: `WHAT: WHY; ADVICE`. */
const char *advice(int error);

#endif
