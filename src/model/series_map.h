/* The series of one target, by topic, metric and row. For the store alone. */
#ifndef MODEL_SERIES_MAP_H
#define MODEL_SERIES_MAP_H

#include "model/series.h"

struct series_entry;        /* a map is its first entry; NULL: it is empty */

void series_map_free(struct series_entry *map);
/* row 0: the metric of the whole frame. NULL: nothing yet. */
const struct series *series_map_find(const struct series_entry *map, int topic, const char *metric, uint64_t row);
/* Makes the series when it is not there, as store_add_point says. */
void series_map_add(struct series_entry **map, int topic, const char *metric, uint64_t row, int64_t at_us, double value);

#endif
