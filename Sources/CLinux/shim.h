// What Linux offers and Swift cannot call by itself: functions with a varying number of arguments, and extensions of GNU.
#ifndef PARCELD_CLINUX_H
#define PARCELD_CLINUX_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

// No core dumps, and no looking into this program's memory for others of its user.
static inline int clinux_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

// Segments that are not writable: they are what the file says, and come back from the page cache at the next use. (No object
// here has text relocations, which only code that is not position independent would need.)
static inline int clinux_unmap_code(struct dl_phdr_info *object, size_t size, void *unused) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    (void)size, (void)unused;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) continue;
        uintptr_t first = object->dlpi_addr + segment->p_vaddr;
        uintptr_t start = (first + page - 1) & ~(page - 1), end = (first + segment->p_filesz) & ~(page - 1);
        if (start < end) madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

// Frees the heap's empty pages, and takes the code of the program and its libraries out of its memory.
static inline void clinux_give_memory_back(void) {
    malloc_trim(0);
    dl_iterate_phdr(clinux_unmap_code, 0);
}

#endif
