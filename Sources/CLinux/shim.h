// What Linux offers and Swift cannot call by itself, because it takes a varying number of arguments.
#ifndef PARCELD_CLINUX_H
#define PARCELD_CLINUX_H

#include <sys/prctl.h>

// No core dumps, and no looking into this program's memory for others of its user.
static inline int clinux_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

#endif
