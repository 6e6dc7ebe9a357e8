// A query as a name server reads it: its question and what its EDNS says, and nothing else of it, without taking
// memory, since it does that some hundred thousand times a second (RFC 1035 §4.1, RFC 6891, RFC 7828, RFC 7873).
// Messages of which all is wanted are read by dns_message.h. Pure; any thread.
#pragma once

#include "wire/dns_message.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace postern::wire::dns {

// A name in one piece, ASCII letters in lower case, so that names that are equal have equal octets (RFC 4343).
class FoldedName {
public:
    // Each label after its length, without the root's.
    [[nodiscard]] std::string_view wire() const { return {octets_.data(), size_}; }

private:
    friend struct QueryReader;
    std::array<char, Name::longest> octets_;
    std::size_t size_ = 0;
};

struct Query {
    std::uint16_t id = 0;
    bool recursion_desired = false;
    bool authentic_data = false; // RFC 6840 §5.7: wants to be told of it
    bool checking_disabled = false;
    Opcode opcode = Opcode::query;

    FoldedName name;
    Type type{};
    Class of_class = Class::internet;
    // As it was sent, name, type and class, to be sent back octet by octet: in it is the case of letters by which
    // clients know that the answer is theirs. Part of what was read. Empty: there is none that could be sent back.
    std::string_view question;

    bool edns = false;
    std::uint16_t payload_size = udp_limit; // never less than that
    std::uint8_t version = 0;
    bool dnssec_ok = false;
    bool keepalive = false;  // RFC 7828: wants to be told how long its connection may be idle
    std::string_view cookie; // RFC 7873 §4: 8 octets of the client's, and 8 to 32 of a server's behind them, or none
};

enum class QueryReading : std::uint8_t {
    query,
    malformed, // is answered by FORMERR; the id and flags were read, and the question if it is not empty
    nothing,   // not even a header, or a response: it gets no answer, lest two servers answer each other for ever
};

// A query without a question, as somebody sends it to be given a cookie (RFC 7873 §5.4), is a query; so is one of
// another opcode, of which nothing else is read. `query` is written anew.
[[nodiscard]] QueryReading read_query(std::string_view octets, Query& query);

} // namespace postern::wire::dns
