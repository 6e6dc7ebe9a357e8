#include "dns/prepared_answer.h"

#include <algorithm>
#include <chrono>
#include <ratio>

namespace postern::dns {

namespace {

using namespace wire::dns;

constexpr std::size_t header_octets = 12;

// Writes from left to right, where there is room, which the caller knows.
class Pen {
public:
    explicit Pen(char* at) : at_(at) {}

    void number16(std::uint32_t value) {
        *at_++ = static_cast<char>(value >> 8);
        *at_++ = static_cast<char>(value);
    }
    void number32(std::uint32_t value) {
        number16(value >> 16);
        number16(value & 0xFFFF);
    }
    void octet(char value) { *at_++ = value; }
    void octets(std::string_view octets) { at_ = std::ranges::copy(octets, at_).out; }
    [[nodiscard]] char* at() const { return at_; }

private:
    char* at_;
};

std::uint16_t read16(std::string_view octets, std::size_t at) {
    return static_cast<std::uint16_t>(static_cast<unsigned char>(octets[at]) << 8 |
                                      static_cast<unsigned char>(octets[at + 1]));
}
std::uint32_t read32(std::string_view octets, std::size_t at) {
    return std::uint32_t{read16(octets, at)} << 16 | read16(octets, at + 2);
}

// Past an owner, of a message that we wrote ourselves.
std::size_t skip_name(std::string_view octets, std::size_t at) {
    constexpr unsigned pointer_mark = 0xC0;
    while (true) {
        auto const length = static_cast<unsigned char>(octets[at]);
        if (length >= pointer_mark) return at + 2;
        at += 1U + length;
        if (length == 0) return at;
    }
}

constexpr std::size_t opt_octets = 11;         // without options
constexpr std::size_t option_octets = 4;       // an option's own
constexpr std::uint16_t cookie_option = 10;    // RFC 7873 §4
constexpr std::uint16_t keepalive_option = 11; // RFC 7828 §3.1
constexpr std::uint16_t error_option = 15;     // RFC 8914 §2

using KeepaliveUnit = std::chrono::duration<std::uint16_t, std::deci>;

// What is behind the records, for who speaks EDNS.
struct Options {
    std::string_view cookie;
    std::optional<KeepaliveUnit> keepalive;
    ExtendedError const* error = nullptr;
    std::string_view error_text;

    [[nodiscard]] std::size_t octets() const {
        return (cookie.empty() ? 0 : option_octets + cookie.size()) + (keepalive ? option_octets + 2 : 0) +
               (error == nullptr ? 0 : option_octets + 2 + error_text.size());
    }
};

// RFC 6891 §6.1
void write_opt(Pen& pen, Query const& query, ResponseCode code, Options const& options) {
    constexpr unsigned extended_code_shift = 24;
    constexpr std::uint32_t dnssec_ok_bit = 0x8000;
    pen.octet('\0');
    pen.number16(static_cast<std::uint16_t>(Type::opt));
    pen.number16(udp_payload);
    pen.number32(static_cast<std::uint32_t>(code) >> 4 << extended_code_shift | (query.dnssec_ok ? dnssec_ok_bit : 0));
    pen.number16(static_cast<std::uint32_t>(options.octets()));
    if (!options.cookie.empty()) {
        pen.number16(cookie_option);
        pen.number16(static_cast<std::uint32_t>(options.cookie.size()));
        pen.octets(options.cookie);
    }
    if (options.keepalive) {
        pen.number16(keepalive_option);
        pen.number16(2);
        pen.number16(options.keepalive->count());
    }
    if (options.error != nullptr) {
        pen.number16(error_option);
        pen.number16(static_cast<std::uint32_t>(2 + options.error_text.size()));
        pen.number16(options.error->code);
        pen.octets(options.error_text);
    }
}

PreparedAnswer prepare(Message const& message, std::optional<core::SteadyTime> made, Compression compression) {
    Message plain = message;
    plain.edns.reset();
    // What belongs to the question points to it, however its letters were written.
    Name const& asked = plain.questions.front().name;
    for (auto* const section : {&plain.answers, &plain.authorities, &plain.additionals})
        for (Record& record : *section)
            if (record.name == asked) record.name = asked;
    std::string const octets = format(plain, tcp_limit, compression);
    std::size_t const begin = header_octets + asked.wire().size() + 1 + 4;

    PreparedAnswer answer;
    answer.code = message.code;
    answer.authoritative = message.authoritative;
    answer.authentic_data = message.authentic_data;
    answer.answers = read16(octets, 6);
    answer.authorities = read16(octets, 8);
    answer.additionals = read16(octets, 10);
    answer.octets = octets.substr(begin);
    std::size_t const needed = std::size_t{answer.answers} + answer.authorities;
    std::size_t at = begin;
    for (std::size_t i = 0; i < needed + answer.additionals; ++i) {
        if (i == needed) answer.needed = at - begin;
        at = skip_name(octets, at);
        answer.times.push_back(static_cast<std::uint16_t>(at + 4 - begin));
        at += 10U + read16(octets, at + 8);
    }
    if (answer.additionals == 0) answer.needed = answer.octets.size();
    answer.made = made;
    if (message.edns && !message.edns->errors.empty()) answer.error = message.edns->errors.front();
    return answer;
}

} // namespace

PreparedAnswer prepare(Message const& message, std::optional<core::SteadyTime> made) {
    return prepare(message, made, Compression::everywhere);
}

PreparedAnswer prepare_for_any_name(Message const& message) {
    return prepare(message, std::nullopt, Compression::owners);
}

std::size_t write_answer(Query const& query, PreparedAnswer const& answer, Reply const& reply, std::span<char> out) {
    std::size_t const limit = std::min(out.size(), reply.limit);
    std::size_t const head = header_octets + query.question.size();
    Options options;
    std::size_t opt = 0;
    if (query.edns) {
        options.cookie = reply.cookie;
        if (query.keepalive && reply.idle_limit)
            options.keepalive = std::chrono::duration_cast<KeepaliveUnit>(*reply.idle_limit);
        if (answer.error && head + opt_octets + options.octets() + option_octets + 2 <= limit) {
            options.error = &*answer.error;
            // Its words are for people, and the last thing to take room.
            if (head + answer.octets.size() + opt_octets + options.octets() + options.error->text.size() <= limit)
                options.error_text = options.error->text;
        }
        opt = opt_octets + options.octets();
    }
    bool const truncated = reply.cut || head + answer.needed + opt > limit;
    bool const whole = !truncated && head + answer.octets.size() + opt <= limit;
    std::size_t const records = truncated ? 0 : whole ? answer.octets.size() : answer.needed;

    constexpr unsigned response_bit = 0x8000, authoritative_bit = 0x0400, truncated_bit = 0x0200, desired_bit = 0x0100,
                       available_bit = 0x0080, authentic_bit = 0x0020, disabled_bit = 0x0010;
    constexpr unsigned opcode_shift = 11, code_mask = 0x0F;
    unsigned flags = response_bit | available_bit | static_cast<unsigned>(query.opcode) << opcode_shift |
                     (static_cast<unsigned>(answer.code) & code_mask);
    if (answer.authoritative) flags |= authoritative_bit;
    if (truncated) flags |= truncated_bit;
    if (query.recursion_desired) flags |= desired_bit;
    // RFC 6840 §5.8
    if (answer.authentic_data && (query.dnssec_ok || query.authentic_data)) flags |= authentic_bit;
    if (query.checking_disabled) flags |= disabled_bit;

    Pen pen(out.data());
    pen.number16(query.id);
    pen.number16(flags);
    pen.number16(query.question.empty() ? 0 : 1);
    pen.number16(truncated ? 0 : answer.answers);
    pen.number16(truncated ? 0 : answer.authorities);
    pen.number16((whole ? answer.additionals : 0U) + (query.edns ? 1U : 0U));
    pen.octets(query.question);
    char* const first = pen.at();
    pen.octets(std::string_view(answer.octets).substr(0, records));
    if (answer.made) {
        auto const passed = std::chrono::floor<std::chrono::seconds>(reply.now - *answer.made).count();
        for (std::uint16_t const at : answer.times) {
            if (at >= records) break;
            std::int64_t const left = std::int64_t{read32(answer.octets, at)} - passed;
            Pen(first + at)
                .number32(static_cast<std::uint32_t>(std::max(left, std::int64_t{answer.least_ttl.count()})));
        }
    }
    if (query.edns) write_opt(pen, query, answer.code, options);
    return static_cast<std::size_t>(pen.at() - out.data());
}

} // namespace postern::dns
