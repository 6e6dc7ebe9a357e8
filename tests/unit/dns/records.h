// Records and messages as tests write them.
#pragma once

#include "dns/prepared_answer.h"
#include "wire/dns_message.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::dns::testing {

using wire::dns::ExtendedError;
using wire::dns::Message;
using wire::dns::Name;
using wire::dns::Question;
using wire::dns::Record;
using wire::dns::ResponseCode;
using wire::dns::Seconds;
using wire::dns::Type;

inline Name name(std::string_view written) { return Name::parse(written).value(); }

inline Record a(std::string_view owner, std::array<unsigned char, 4> address = {192, 0, 2, 1},
                std::uint32_t ttl = 300) {
    return {name(owner), Seconds(ttl), wire::dns::A{address}};
}
inline Record aaaa(std::string_view owner, std::array<unsigned char, 16> address, std::uint32_t ttl = 300) {
    return {name(owner), Seconds(ttl), wire::dns::Aaaa{address}};
}
inline Record cname(std::string_view owner, std::string_view canonical, std::uint32_t ttl = 300) {
    return {name(owner), Seconds(ttl), wire::dns::Cname{name(canonical)}};
}
inline Record ns(std::string_view owner, std::string_view host) {
    return {name(owner), Seconds(300), wire::dns::Ns{name(host)}};
}
inline Record soa(std::string_view zone, std::uint32_t minimum = 60, std::uint32_t ttl = 3600) {
    wire::dns::Soa data;
    data.primary = name("ns.example");
    data.minimum = Seconds(minimum);
    return {name(zone), Seconds(ttl), std::move(data)};
}
inline Record opaque(std::string_view owner, unsigned type, std::string octets, std::uint32_t ttl = 300) {
    return {name(owner), Seconds(ttl), wire::dns::Opaque{static_cast<Type>(type), std::move(octets)}};
}
// RFC 4034 §3.1
inline Record signature(std::string_view owner, Type of) {
    std::string octets(24, '\1');
    octets[0] = static_cast<char>(static_cast<unsigned>(of) >> 8);
    octets[1] = static_cast<char>(of);
    return opaque(owner, 46, std::move(octets));
}

inline Message response(std::string_view owner, Type type, std::vector<Record> answers = {},
                        std::vector<Record> authorities = {}, ResponseCode code = ResponseCode::no_error) {
    Message message;
    message.response = message.recursion_available = true;
    message.code = code;
    message.questions = {{name(owner), type}};
    message.answers = std::move(answers);
    message.authorities = std::move(authorities);
    return message;
}

// What a client reads that asks for it.
inline Message as_sent(PreparedAnswer const& answer, std::string_view owner, Type type, core::SteadyTime now) {
    Message query;
    query.recursion_desired = true;
    query.questions = {{name(owner), type}};
    query.edns = wire::dns::Edns{.payload_size = 4096, .version = 0, .dnssec_ok = false, .errors = {}};
    std::string const octets = format(query);
    wire::dns::Query read;
    if (read_query(octets, read) != wire::dns::QueryReading::query) return {};
    std::string out(wire::dns::tcp_limit, '\0');
    out.resize(write_answer(read, answer, {.limit = out.size(), .cookie = {}, .now = now}, out));
    return wire::dns::parse_message(out).message;
}

} // namespace postern::dns::testing
