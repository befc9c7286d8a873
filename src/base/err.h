/* What went wrong, as a full sentence that says what to do next. A function that can fail for a reason that a
 * user can cause returns bool, is MUST_CHECK, and fills in the caller's struct err when it returns false. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/attr.h"

#include <stdbool.h>

struct err {
    char text[512];     /* empty: nothing went wrong */
};

/* Always returns false, so that "return err_set(...)" ends a failing function. Longer text is cut. */
bool err_set(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
