/* Status codes and the thread's error record.
 *
 * Every function that can fail returns a pld_status. The message is set once, by pld_fail(), at
 * the place where the fault is seen; callers only pass the code up. Codes are the exit codes of
 * the program, so a command's status is its exit status.
 */
#ifndef PLD_CORE_STATUS_H
#define PLD_CORE_STATUS_H

#include <stdarg.h>

typedef enum pld_status {
    PLD_OK = 0,
    PLD_EFAIL = 1,  /* failed: I/O on an output, a broken invariant of the input, numeric trouble */
    PLD_EUSAGE = 2, /* command line or configuration */
    PLD_EGATE = 3,  /* a requested gate or target was not met */
    PLD_EMODEL = 4, /* model unreadable or unsupported */
    PLD_EDATA = 5,  /* dataset, image or detections file unreadable */
    PLD_EDEVICE = 6,      /* device or memory */
    PLD_EINCOMPLETE = 75, /* not finished, can be resumed */
    PLD_EINTERRUPT = 130, /* stopped by SIGINT (143 for SIGTERM is made by the command line) */
} pld_status;

/* What went wrong on this thread. `where` names the file, node or image concerned, or is "". */
struct pld_error {
    pld_status code;
    char where[512];
    char message[1536];
};

/* Records an error for this thread and returns `code`. `where` (may be NULL) is the file, node
 * or image; the message is one line, lower case, without a trailing full stop. */
pld_status pld_fail(pld_status code, const char *where, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Records "out of memory" without allocating. Returns PLD_EDEVICE. */
pld_status pld_fail_memory(const char *what);

/* This thread's last error; never NULL. Borrowed: valid until the next failure on this thread. */
const struct pld_error *pld_error_last(void);

/* Replaces this thread's record, to carry a worker's error to its caller. Returns error->code. */
pld_status pld_error_set(const struct pld_error *error);

/* Returns from the calling function if `expr` is not PLD_OK. For functions with nothing to free. */
#define PLD_TRY(expr)                                          \
    do {                                                       \
        pld_status pld_try_status_ = (expr);                   \
        if (pld_try_status_ != PLD_OK) return pld_try_status_; \
    } while (0)

#endif
