/* Numbers with units: whatever is read is a number, and can be shown. */
#include "fuzz.h"

#include "model/quantity.h"

#include <math.h>
#include <string.h>

/* The first byte is the unit; the rest is the text. */
FUZZ_TARGET(quantity)
{
    char text[256], out[FORMAT_ROOM];
    if (len < 1 || len > sizeof(text))
        return;
    memcpy(text, bytes + 1, len - 1);
    text[len - 1] = '\0';
    struct err err;
    double x;
    for (int unit = 0; unit < UNIT_COUNT_; unit++) {
        if (!quantity_parse(text, (enum unit)unit, &x, &err)) {
            FUZZ_CHECK(strlen(err.text) > 10 && strlen(err.text) < sizeof(err.text));
            continue;
        }
        FUZZ_CHECK(isfinite(x));
        FUZZ_CHECK(strlen(quantity_format(out, x, (enum unit)unit, TEXT_UTF8)) < FORMAT_ROOM);
        FUZZ_CHECK(strlen(quantity_format_rate(out, x, (enum unit)unit, TEXT_ASCII)) < FORMAT_ROOM);
    }
}
