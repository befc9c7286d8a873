#include "model/rates.h"
struct schema *rates_schema(const struct schema *s) { (void)s; return NULL; }
struct frame *rates_between(const struct frame *before, const struct frame *now, const struct schema *schema) { (void)before; (void)now; (void)schema; return NULL; }
