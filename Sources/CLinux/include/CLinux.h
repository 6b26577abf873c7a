// What Linux offers and Swift cannot call by itself: functions with a varying number of arguments, and extensions of GNU.
// Their headers stay in the source file: included here, GNU's view of the C library would disagree with Swift's.
#ifndef PARCELD_CLINUX_H
#define PARCELD_CLINUX_H

// No core dumps, and no looking into this program's memory for others of its user.
void clinux_forbid_dumps(void);

// Frees the heap's empty pages, and takes the code of the program and its libraries out of its memory.
void clinux_give_memory_back(void);

#endif
