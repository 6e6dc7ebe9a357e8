// An office's authority and its box's certificate, for mail.office.lan.
#pragma once

#include "net/authority.h"

#include <chrono>
#include <stdexcept>
#include <string>

namespace postern::net {

struct Office {
    std::string authority;
    TlsIdentity server;
};

// The machine's own date must lie within what it is good for.
inline core::WallTime today() {
    return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
}

inline Office make_office(core::WallTime now = today()) {
    core::SeededRandom random(7);
    auto const authority = make_authority("office.lan", random);
    Certificates certificate;
    PrivateKey key;
    if (certificate.parse(authority->certificates) || key.parse(authority->key.reveal())) throw std::logic_error("PEM");
    PrivateKey server_key;
    if (generate(server_key, random)) throw std::logic_error("no key");
    auto server =
        issue_server_certificate(certificate.first(), key, server_key, server_names("office.lan", {}), now, random);
    return {authority->certificates, std::move(*server)};
}

} // namespace postern::net
