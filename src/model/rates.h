#ifndef MODEL_RATES_H
#define MODEL_RATES_H
#include "model/frame.h"
struct schema *rates_schema(const struct schema *s);
struct frame *rates_between(const struct frame *before, const struct frame *now, const struct schema *schema);
#endif
