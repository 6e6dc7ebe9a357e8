// What is written on top of a message that came in: how it came (RFC 5321 §4.4), and on submission what its sender left
// out (RFC 6409 §8). Pure; any thread.
#pragma once

#include "message/date.h"
#include "message/header.h"

#include <string>
#include <string_view>

namespace postern::smtp {

struct Trace {
    std::string_view hello = {};        // what the client called itself
    std::string_view peer_address = {}; // "192.168.1.20", "fe80::1"
    std::string_view host_name = {};    // ours
    std::string_view tls = {};          // protocol and cipher suite; empty without TLS
    bool extended = true;               // EHLO, not HELO
    bool authenticated = false;
    bool smtputf8 = false;
    std::string_view id = {};
    std::string_view recipient = {}; // empty if there are several: they do not learn of each other (RFC 5321 §7.2)
    message::DateTime date = {};
};

// With final CRLF, folded.
[[nodiscard]] std::string received_field(Trace const& trace);

// `reverse_path` as a mailbox; empty for the null reverse-path. With final CRLF.
[[nodiscard]] std::string return_path_field(std::string_view reverse_path);

// RFC 6409 §8.1 to §8.3: Date and Message-ID where `header` has none. `id_left` makes "<id_left@host_name>".
[[nodiscard]] std::string missing_fields(message::HeaderSection const& header, message::DateTime date,
                                         std::string_view id_left, std::string_view host_name);

} // namespace postern::smtp
