#include "wire/dns_query.h"

#include "text/ascii.h"
#include "wire/dns_header.h"

#include <algorithm>

namespace postern::wire::dns {

namespace {

constexpr std::size_t header_octets = 12;
constexpr std::uint16_t cookie_option = 10;
constexpr std::uint16_t keepalive_option = 11; // RFC 7828 §3.1; what a client writes into it means nothing
// Records behind the question that are looked through for an OPT: there is a signature besides at most (RFC 8945 §5.1).
constexpr unsigned most_additionals = 4;

std::uint16_t number_at(std::string_view octets, std::size_t at) {
    return static_cast<std::uint16_t>(static_cast<unsigned char>(octets[at]) << 8 |
                                      static_cast<unsigned char>(octets[at + 1]));
}

// RFC 7873 §4
bool is_cookie_size(std::size_t octets) {
    constexpr std::size_t client = 8, least_server = 8, most_server = 32;
    return octets == client || (octets >= client + least_server && octets <= client + most_server);
}

} // namespace

// Each step tells whether what it reads is well-formed.
struct QueryReader {
    std::string_view octets;
    std::size_t position;
    Query& query;

    [[nodiscard]] std::size_t left() const { return octets.size() - position; }

    bool question() {
        std::size_t const begin = position;
        FoldedName& name = query.name;
        while (true) {
            if (left() == 0) return false;
            auto const length = static_cast<unsigned char>(octets[position++]);
            if (length == 0) break;
            // A pointer has nowhere to lead to yet. The root's length counts.
            if (length > Name::longest_label || left() < length || name.size_ + length + 2U > Name::longest)
                return false;
            name.octets_[name.size_++] = static_cast<char>(length);
            std::transform(octets.begin() + static_cast<std::ptrdiff_t>(position),
                           octets.begin() + static_cast<std::ptrdiff_t>(position + length),
                           name.octets_.begin() + static_cast<std::ptrdiff_t>(name.size_), text::to_lower);
            name.size_ += length;
            position += length;
        }
        constexpr std::size_t type_and_class = 4;
        if (left() < type_and_class) return false;
        query.type = static_cast<Type>(number_at(octets, position));
        query.of_class = static_cast<Class>(number_at(octets, position + 2));
        position += type_and_class;
        query.question = octets.substr(begin, position - begin);
        return true;
    }

    // An owner of which nothing is wanted but its end.
    bool skip_name() {
        while (left() > 0) {
            auto const length = static_cast<unsigned char>(octets[position++]);
            if (length == 0) return true;
            std::size_t const skipped = length >= pointer_mark ? 1 : length;
            if ((length > Name::longest_label && length < pointer_mark) || left() < skipped) return false;
            position += skipped;
            if (length >= pointer_mark) return true;
        }
        return false;
    }

    bool additional() {
        bool const is_root = left() > 0 && octets[position] == '\0';
        constexpr std::size_t fixed = 10; // type, class, time to live, length
        if (!skip_name() || left() < fixed) return false;
        auto const type = static_cast<Type>(number_at(octets, position));
        std::size_t const at = position;
        std::size_t const length = number_at(octets, position + 8);
        position += fixed;
        if (left() < length) return false;
        std::string_view const data = octets.substr(position, length);
        position += length;
        if (type != Type::opt) return true;
        // RFC 6891 §6.1.1: one at most, of the root.
        if (query.edns || !is_root) return false;
        query.payload_size = std::max(number_at(octets, at + 2), static_cast<std::uint16_t>(udp_limit));
        query.version = static_cast<std::uint8_t>(octets[at + 5]);
        query.dnssec_ok = (number_at(octets, at + 6) & dnssec_ok_bit) != 0;
        query.edns = true;
        return query.version != 0 || options(data);
    }

    bool options(std::string_view data) {
        constexpr std::size_t code_and_length = 4;
        while (!data.empty()) {
            if (data.size() < code_and_length) return false;
            auto const code = number_at(data, 0);
            std::size_t const length = number_at(data, 2);
            data.remove_prefix(code_and_length);
            if (data.size() < length) return false;
            // RFC 7873 §5.2: the first one counts.
            if (code == cookie_option && query.cookie.empty()) {
                if (!is_cookie_size(length)) return false;
                query.cookie = data.substr(0, length);
            }
            if (code == keepalive_option) query.keepalive = true;
            data.remove_prefix(length);
        }
        return true;
    }

    // From the query's other members to what they are in one that says nothing.
    void reset() {
        query.name.size_ = 0;
        query.type = {};
        query.of_class = Class::internet;
        query.question = query.cookie = {};
        query.edns = query.dnssec_ok = query.keepalive = false;
        query.payload_size = udp_limit;
        query.version = 0;
    }
};

QueryReading read_query(std::string_view octets, Query& query) {
    if (octets.size() < header_octets) return QueryReading::nothing;
    unsigned const bits = number_at(octets, 2);
    if ((bits & response_bit) != 0) return QueryReading::nothing;
    QueryReader in{octets, header_octets, query};
    in.reset();
    query.id = number_at(octets, 0);
    query.opcode = static_cast<Opcode>(bits >> opcode_shift & opcode_mask);
    query.recursion_desired = (bits & desired_bit) != 0;
    query.authentic_data = (bits & authentic_bit) != 0;
    query.checking_disabled = (bits & checking_disabled_bit) != 0;
    if (query.opcode != Opcode::query) return QueryReading::query;
    auto const questions = number_at(octets, 4), answers = number_at(octets, 6), authorities = number_at(octets, 8),
               additionals = number_at(octets, 10);
    // RFC 9619 §4: more than one is an error.
    if (questions > 1 || (questions == 1 && !in.question())) return QueryReading::malformed;
    if (answers != 0 || authorities != 0 || additionals > most_additionals) return QueryReading::malformed;
    for (unsigned i = 0; i < additionals; ++i)
        if (!in.additional()) return QueryReading::malformed;
    if (questions == 0 && query.cookie.empty()) return QueryReading::malformed;
    return QueryReading::query;
}

} // namespace postern::wire::dns
