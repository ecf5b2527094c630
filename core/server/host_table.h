// host_table.h - the functions that plugins call, as the table of plugin.h and the extensions of services.h.
#pragma once
#include "sdk/check.h"
#include "sdk/services.h"
#include "sdk/tls.h"

namespace turnpike::server {

/// The table of this server. One for all plugins; lives as long as the process.
const tp_host& hostTable();

/// Extensions (see services.h, tls.h, check.h), for tp_host.extension().
const tp_io& ioTable();
const tp_tls_service& tlsTable();
const tp_process& processTable();
const tp_backend_service& backendTable();
const tp_request_service& requestTable();
const tp_background_service& backgroundTable();
const tp_folders& foldersTable();
const tp_shared_service& sharedTable();
const tp_response_service& responseTable();
const tp_check& checkTable();

}  // namespace turnpike::server
