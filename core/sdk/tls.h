/* tls.h - the host's extension for plugins that speak with servers under TLS.
 *
 * The plugin sees the bytes that TLS carries and nothing of TLS itself: a connection is read, written, watched and
 * closed by tp_io, as one of tp_io.connect() is.
 */
#ifndef TP_TLS_H
#define TP_TLS_H
#include "plugin.h"
#ifdef __cplusplus
extern "C" {
#endif

#define TP_TLS_ID "turnpike.tls/1"

typedef struct tp_tls tp_tls; /* how a server is spoken with; host-owned, lives as long as the instance */

typedef struct tp_tls_spec {
    uint32_t struct_size;
    /* 1: whoever answers is believed, whatever certificate it shows, and `trust` must be empty. */
    uint32_t is_unverified;
    /* Whom the server's certificate must be for: a host name, which the server is told as well (SNI), or a numeric
     * address, without brackets. Never empty. */
    tp_str server_name;
    /* Paths of PEM files. trust: authorities, empty: those that this machine trusts. certificate, key: shown to a
     * server that asks for them, both or none. */
    tp_str trust, certificate, key;
    tp_str protocol; /* told to the server by ALPN, "http/1.1"; empty: none is told */
} tp_tls_spec;

typedef struct tp_tls_service {
    uint32_t struct_size;
    uint32_t reserved;
    /* [setup] Reads the files. NULL: one of them is wrong, or they contradict each other; why, as a sentence that
     * begins with the part's name, is in `why`, ended by NUL and cut to `size`. */
    tp_tls* (*declare)(tp_setup*, const tp_tls_spec*, char* why, size_t size);
    /* [loop] As tp_io.connect() to an address of TCP, but TP_WRITABLE tells that the handshake has come to an end,
     * so *done is always 0. Sessions are resumed with the same address and tp_tls. Afterwards, beyond what holds
     * for any socket: what write() has said -EAGAIN to may be on its way in part, and the same bytes must come
     * again; read() gives 0 only for an end that the server has told of (close_notify), and an error for one that
     * may be a cut. TP_READABLE may mean that nothing has come for the plugin. */
    int32_t (*connect)(tp_request* payer, tp_str address, tp_tls*, int32_t* done);
    /* [loop] Why connected(), read() or write() has failed, or what is missing while the handshake goes on, in
     * words that fit behind a colon: "certificate not for \"app.example\", but for DNS:old.example". Empty where
     * errno says it all. Until close(). */
    tp_str (*fault)(int fd);
} tp_tls_service;

#ifdef __cplusplus
}
#endif
#endif
