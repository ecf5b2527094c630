/* page.h - the page that every program under test answers with, so that only the way to it differs: as many
 * letters "x" as the query asks for. */
#ifndef TURNPIKE_MEASURE_PAGE_H
#define TURNPIKE_MEASURE_PAGE_H
#include <stddef.h> /* NOLINT(modernize-deprecated-headers): C11 */
#include <string.h> /* NOLINT(modernize-deprecated-headers): C11 */

#define PAGE_MOST (1u << 20)

/* N of "bytes=N", which begins the query; 0 when it does not, never above PAGE_MOST. */
static inline size_t pageBytes(const char* query, size_t length) {
    static const char key[] = "bytes=";
    size_t bytes = 0;
    if (length < sizeof key - 1 || memcmp(query, key, sizeof key - 1) != 0) return 0;
    for (size_t i = sizeof key - 1; i < length && query[i] >= '0' && query[i] <= '9' && bytes <= PAGE_MOST; ++i)
        bytes = bytes * 10 + (size_t)(query[i] - '0');
    return bytes < PAGE_MOST ? bytes : PAGE_MOST;
}
#endif
