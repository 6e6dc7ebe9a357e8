// Passwords of accounts that are set anew, by whomever it is. On the network thread.
#pragma once

#include "core/secret.h"
#include "office/office.h"
#include "store/error.h"
#include "store/records.h"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

namespace postern::office {

// What is kept of it. Nothing: not every client could send it (wire::prepare_password).
asio::awaitable<std::optional<store::ScramVerifier>> hash_password(Office& office, core::Secret password);

// On flash before it comes back; then all sessions that began with the old one are dismissed. `by`: who does it, for
// the audit and the log.
asio::awaitable<store::Result<void>> set_password(Office& office, std::string login, store::ScramVerifier verifier,
                                                  std::string by);

} // namespace postern::office
