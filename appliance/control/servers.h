// What the commands about servers elsewhere have in common: where one is, how it is secured, and keeping a change.
#pragma once

#include "control/actions.h"
#include "control/daemon.h"
#include "store/records.h"
#include "store/transaction.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace postern::control {

// The part of a row that says it.
struct ServerFields {
    std::string& host;
    std::uint16_t& port;
    store::RelaySecurity& security;
    std::string& authority;
};
struct ServerPorts {
    std::uint16_t with_tls; // from the start
    std::uint16_t otherwise;
};

inline constexpr ServerPorts submission_ports{465, 587}; // RFC 8314 §3.3, RFC 6409 §3.1

// What of it is given; the rest stays. Without `opportunistic` that is no security. Nothing: it was done; otherwise a
// sentence.
[[nodiscard]] std::optional<std::string> apply_server(Arguments const& arguments, ServerFields fields,
                                                      ServerPorts ports, bool opportunistic);
[[nodiscard]] std::string_view describe_security(store::RelaySecurity security);

// Keeps what `edit` makes of the row that the argument `name` names, notes it in the audit log as "noun=name", and then
// lets it apply.
asio::awaitable<Answer> change_row(Call call, std::string event, std::string noun,
                                   std::function<Outcome(store::WriteTransaction&, std::string const& name)> edit,
                                   std::function<store::Result<void>(Daemon&)> apply);

} // namespace postern::control
