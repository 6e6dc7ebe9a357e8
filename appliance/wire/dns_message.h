// Messages of the domain name system (RFC 1035 §4), for who asks and who answers: with EDNS (RFC 6891) and the extended
// errors that it carries (RFC 8914). The data of record types that we have a use for is typed, all other is kept as
// octets (RFC 3597). However hostile a message is, it is read in bounded time and memory. Pure; any thread.
#pragma once

#include "wire/dns_name.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern::wire::dns {

// What the longest message is where nothing else is agreed: over UDP (RFC 1035 §4.2.1), and over TCP, whose length has
// two octets.
inline constexpr std::size_t udp_limit = 512;
inline constexpr std::size_t tcp_limit = 65535;

// Those with a name here; any other number is one as well.
enum class Type : std::uint16_t {
    a = 1,
    ns = 2,
    cname = 5,
    soa = 6,
    ptr = 12,
    mx = 15,
    txt = 16,
    aaaa = 28,
    srv = 33,
    opt = 41,
    any = 255, // of a question
};
enum class Class : std::uint16_t { internet = 1 };
enum class Opcode : std::uint8_t { query = 0 };

// As wide as they are on the wire.
using Seconds = std::chrono::duration<std::uint32_t>;

// RFC 6895 §2.3; with EDNS 12 bits, else 4.
enum class ResponseCode : std::uint16_t {
    no_error = 0,
    format_error = 1,
    server_failure = 2,
    name_error = 3, // there is no such name
    not_implemented = 4,
    refused = 5,
    bad_version = 16,
};

// "SERVFAIL", as administrators know it.
[[nodiscard]] std::string describe(ResponseCode code);

struct Question {
    Name name;
    Type type{};
    Class of_class = Class::internet;
    bool operator==(Question const&) const = default;
};

// ---- record data; typed in the class of the internet alone

// RFC 1035 §3.4.1
struct A {
    static constexpr Type type = Type::a;
    std::array<unsigned char, 4> address{};
    bool operator==(A const&) const = default;
};
// RFC 3596 §2.2
struct Aaaa {
    static constexpr Type type = Type::aaaa;
    std::array<unsigned char, 16> address{};
    bool operator==(Aaaa const&) const = default;
};
// RFC 1035 §3.3.11
struct Ns {
    static constexpr Type type = Type::ns;
    Name host;
    bool operator==(Ns const&) const = default;
};
// RFC 1035 §3.3.1
struct Cname {
    static constexpr Type type = Type::cname;
    Name canonical;
    bool operator==(Cname const&) const = default;
};
// RFC 1035 §3.3.12
struct Ptr {
    static constexpr Type type = Type::ptr;
    Name target;
    bool operator==(Ptr const&) const = default;
};
// RFC 1035 §3.3.9
struct Mx {
    static constexpr Type type = Type::mx;
    std::uint16_t preference = 0;
    Name exchange;
    bool operator==(Mx const&) const = default;
};
// RFC 1035 §3.3.14
struct Txt {
    static constexpr Type type = Type::txt;
    std::vector<std::string> strings; // at least one, each at most 255 octets
    bool operator==(Txt const&) const = default;
};
// RFC 2782
struct Srv {
    static constexpr Type type = Type::srv;
    std::uint16_t priority = 0;
    std::uint16_t weight = 0;
    std::uint16_t port = 0;
    Name target;
    bool operator==(Srv const&) const = default;
};
// RFC 1035 §3.3.13
struct Soa {
    static constexpr Type type = Type::soa;
    Name primary;
    Name mailbox;
    std::uint32_t serial = 0;
    Seconds refresh{};
    Seconds retry{};
    Seconds expire{};
    Seconds minimum{}; // RFC 2308 §4: for how long it is known that there is nothing
    bool operator==(Soa const&) const = default;
};
// RFC 3597: any other type, and any of another class.
struct Opaque {
    Type type{};
    std::string octets;
    bool operator==(Opaque const&) const = default;
};

using Data = std::variant<A, Aaaa, Ns, Cname, Ptr, Mx, Txt, Srv, Soa, Opaque>;

struct Record {
    Name name;
    Seconds ttl{}; // RFC 2181 §8: below 2^31
    Data data;
    Class of_class = Class::internet;

    [[nodiscard]] Type type() const;
    bool operator==(Record const&) const = default;
};

// RFC 8914 §2
struct ExtendedError {
    std::uint16_t code = 0;
    std::string text; // octets as they came
    bool operator==(ExtendedError const&) const = default;
};

// For an administrator: "Blocked: by the parents", in visible characters, at most some hundred octets.
[[nodiscard]] std::string describe(ExtendedError const& error);

// RFC 6891 §6.1: the OPT record. Options that we have no use for are not there for us.
struct Edns {
    std::uint16_t payload_size = udp_limit; // what its sender can take over UDP
    std::uint8_t version = 0;
    bool dnssec_ok = false;
    std::vector<ExtendedError> errors;
    bool operator==(Edns const&) const = default;
};

struct Message {
    std::uint16_t id = 0;
    bool response = false;
    Opcode opcode = Opcode::query;
    bool authoritative = false;
    bool truncated = false;
    bool recursion_desired = false;
    bool recursion_available = false;
    bool authentic_data = false;    // RFC 4035 §3.2.3
    bool checking_disabled = false; // RFC 4035 §3.2.2
    ResponseCode code = ResponseCode::no_error;
    std::vector<Question> questions;
    std::vector<Record> answers;
    std::vector<Record> authorities;
    std::vector<Record> additionals; // without OPT
    std::optional<Edns> edns;
    bool operator==(Message const&) const = default;
};

enum class Reading : std::uint8_t {
    message,   // all of it; octets behind it are nobody's
    malformed, // somewhere past the header: what came before is in the message, for an answer that says so
    nothing,   // not even a header
};

struct ReadMessage {
    Reading outcome;
    Message message;
};

[[nodiscard]] ReadMessage parse_message(std::string_view octets);

// At most `limit` octets, which is at least udp_limit. Where an answer or an authority has no room, it and what follows
// is left out, and the message says that it is truncated; what has no room among the additional ones is left out
// (RFC 2181 §9). Names are compressed where octets agree, so that the case of letters is kept.
enum class Compression : std::uint8_t {
    everywhere,
    // Owners alone, that are the question's name: the records' octets are as good behind a question about another one.
    owners,
};
[[nodiscard]] std::string format(Message const& message, std::size_t limit = tcp_limit,
                                 Compression compression = Compression::everywhere);

} // namespace postern::wire::dns
