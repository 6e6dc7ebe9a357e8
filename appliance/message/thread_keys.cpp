#include "message/thread_keys.h"

#include "core/varint.h"
#include "message/date.h"

#include <algorithm>

namespace postern::message {
namespace {

using namespace std::chrono;

// Just past the ")" that ends the comment `text` begins with, or its end.
std::size_t comment_end(std::string_view text) {
    std::size_t depth = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\\')
            ++at;
        else if (text[at] == '(')
            ++depth;
        else if (text[at] == ')' && --depth == 0)
            return at + 1;
    }
    return text.size();
}

// Takes the next "<...>" off, with quotes and what else does not count removed (RFC 5256 §2.2); nothing at the end.
std::optional<std::string> take_id(std::string_view& field) {
    auto const begin = field.find('<');
    if (begin == std::string_view::npos) return std::nullopt;
    field.remove_prefix(begin + 1);
    std::string id;
    bool quoted = false;
    while (!field.empty()) {
        char const c = field.front();
        if (!quoted && c == '(') {
            field.remove_prefix(comment_end(field));
            continue;
        }
        if (!quoted && c == '<') return id; // this one was not closed
        field.remove_prefix(1);
        if (!quoted && c == '>') return id;
        if (c == '"')
            quoted = !quoted;
        else if (quoted && c == '\\' && !field.empty()) {
            id += field.front();
            field.remove_prefix(1);
        } else if (quoted || (c != ' ' && c != '\t' && c != '\r' && c != '\n'))
            id += c;
    }
    return std::string(); // nor was the last
}

// msg-id = "<" id-left "@" id-right ">" (RFC 5322 §3.6.4)
bool is_valid(std::string_view id) {
    auto const at = id.rfind('@');
    return at != std::string_view::npos && at > 0 && at + 1 < id.size();
}

ReferenceHash hash(std::string_view id) {
    std::uint64_t value = 0xcbf29ce484222325;
    for (char const c : id) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return static_cast<ReferenceHash>(value == 0 ? 1 : value);
}

constexpr std::size_t hash_octets = 8;

void put(std::string& out, ReferenceHash hash) {
    auto const value = static_cast<std::uint64_t>(hash);
    for (unsigned shift = 0; shift < 64; shift += 8) out += static_cast<char>(value >> shift & 0xff);
}

ReferenceHash take_hash(std::string_view& octets) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < hash_octets; ++i) value |= std::uint64_t{static_cast<unsigned char>(octets[i])} << (8 * i);
    octets.remove_prefix(hash_octets);
    return static_cast<ReferenceHash>(value);
}

// 0: there is none; otherwise one more than the zigzagged seconds.
std::optional<sys_seconds> unpack_sent(std::uint64_t packed) {
    if (packed == 0) return std::nullopt;
    --packed;
    return sys_seconds(seconds(static_cast<std::int64_t>(packed >> 1 ^ (~(packed & 1) + 1))));
}

std::uint64_t pack_sent(std::optional<sys_seconds> sent) {
    if (!sent) return 0;
    auto const count = static_cast<std::int64_t>(sent->time_since_epoch().count());
    return (static_cast<std::uint64_t>(count) << 1 ^ static_cast<std::uint64_t>(count >> 63)) + 1;
}

} // namespace

std::vector<ReferenceHash> reference_hashes(std::string_view field) {
    std::vector<ReferenceHash> hashes;
    while (auto const id = take_id(field))
        if (is_valid(*id)) hashes.push_back(hash(*id));
    if (hashes.size() > references_limit)
        hashes.erase(hashes.begin(), hashes.end() - static_cast<std::ptrdiff_t>(references_limit));
    return hashes;
}

ThreadKeys make_thread_keys(EnvelopeView const& envelope, std::vector<ReferenceHash> references) {
    ThreadKeys keys;
    if (envelope.date)
        if (auto const date = parse_date(*envelope.date)) keys.sent = date->utc;
    if (envelope.message_id) {
        auto const ids = reference_hashes(*envelope.message_id);
        if (!ids.empty()) keys.id = ids.front();
    }
    keys.references = std::move(references);
    if (keys.references.empty() && envelope.in_reply_to) {
        auto const ids = reference_hashes(*envelope.in_reply_to);
        if (!ids.empty()) keys.references.push_back(ids.front());
    }
    return keys;
}

std::string encode(ThreadKeys const& keys) {
    std::string out;
    core::put_varint(out, pack_sent(keys.sent));
    put(out, keys.id.value_or(ReferenceHash{0}));
    for (ReferenceHash const reference : keys.references) put(out, reference);
    return out;
}

std::optional<ThreadKeys> decode_thread_keys(std::string_view octets) {
    auto const sent = core::take_varint(octets);
    if (!sent || octets.empty() || octets.size() % hash_octets != 0) return std::nullopt;
    ThreadKeys keys{.sent = unpack_sent(*sent), .id = {}, .references = {}};
    if (ReferenceHash const id = take_hash(octets); id != ReferenceHash{0}) keys.id = id;
    while (!octets.empty()) keys.references.push_back(take_hash(octets));
    if (keys.references.size() > references_limit) return std::nullopt;
    return keys;
}

std::optional<sys_seconds> decode_sent(std::string_view octets) {
    return unpack_sent(core::take_varint(octets).value_or(0));
}

} // namespace postern::message
