// tls_tickets.h - sealing and opening session tickets (RFC 5077, RFC 8446 4.6.1). Private to net/.
#pragma once
#include <openssl/ssl.h>

#include "net/ticket_keys.h"

namespace turnpike::net {

/// Null: the context gives out no tickets. The keys must outlive it.
void useTickets(SSL_CTX* context, const TicketKeys* keys);

}  // namespace turnpike::net
