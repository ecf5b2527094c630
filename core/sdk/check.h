/* check.h - the host's extension for plugins that look through the files of their site, where an administrator
 * asks for it: `turnpike check --deep`.
 */
#ifndef TP_CHECK_H
#define TP_CHECK_H
#include "plugin.h"
#ifdef __cplusplus
extern "C" {
#endif

#define TP_CHECK_ID "turnpike.check/1"

typedef struct tp_check {
    uint32_t struct_size;
    uint32_t reserved;
    /* [setup] 1: look through them, nobody waits for this. 0: the server starts or reloads, or the config alone is
     * looked over; found() is not called then. */
    int32_t (*is_deep)(const tp_setup*);
    /* [setup] Something is wrong there. line: from 1, 0 for the file as a whole. Copied. The plugin is configured
     * all the same. */
    void (*found)(tp_setup*, tp_str file, uint32_t line, tp_str what);
} tp_check;

#ifdef __cplusplus
}
#endif
#endif
