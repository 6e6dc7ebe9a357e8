#include "migration/letter.h"

#include "core/varint.h"

#include <algorithm>

namespace postern::migration {

namespace {

constexpr std::size_t most_keywords = 64, longest_keyword = 255;
constexpr std::size_t longest_head = most_keywords * (longest_keyword + 2) + 64;
// Times before 1970 as well; zigzag, so that they are short.
std::uint64_t to_wire(std::int64_t seconds) {
    return static_cast<std::uint64_t>(seconds) << 1U ^ static_cast<std::uint64_t>(seconds >> 63);
}
std::int64_t from_wire(std::uint64_t number) {
    return static_cast<std::int64_t>(number >> 1U) ^ -static_cast<std::int64_t>(number & 1U);
}

} // namespace

std::string encode(LetterHead const& head) {
    std::string out;
    out += static_cast<char>(head.flags.bits());
    core::put_varint(out, to_wire(head.date.time_since_epoch().count()));
    core::put_varint(out, head.size);
    core::put_varint(out, head.sum);
    auto const count = std::min(head.keywords.size(), most_keywords);
    core::put_varint(out, count);
    for (std::size_t i = 0; i < count; ++i) {
        auto const keyword = head.keywords[i].substr(0, longest_keyword);
        core::put_varint(out, keyword.size());
        out += keyword;
    }
    return out;
}

LetterReader::Event LetterReader::next() {
    if (waiting_.empty()) return NeedMore{};
    if (left_ > 0) {
        std::string octets = waiting_.substr(0, std::min<std::uint64_t>(left_, waiting_.size()));
        waiting_.erase(0, octets.size());
        left_ -= octets.size();
        return octets;
    }
    std::string_view in = waiting_;
    auto const failed = [&]() -> Event {
        if (waiting_.size() > longest_head) return Malformed{};
        return NeedMore{};
    };
    LetterHead head;
    auto const bits = static_cast<std::uint8_t>(in.front());
    if (bits > 31) return Malformed{};
    head.flags = core::SystemFlags(bits);
    in.remove_prefix(1);
    auto const date = core::take_varint(in), size = core::take_varint(in), sum = core::take_varint(in),
               count = core::take_varint(in);
    if (!date || !size || !sum || !count) return failed();
    if (*sum > 0xffff'ffff || *count > most_keywords) return Malformed{};
    head.date = core::WallTime(std::chrono::seconds(from_wire(*date)));
    head.size = *size;
    head.sum = static_cast<std::uint32_t>(*sum);
    for (std::uint64_t i = 0; i < *count; ++i) {
        auto const length = core::take_varint(in);
        if (!length) return failed();
        if (*length > longest_keyword) return Malformed{};
        if (in.size() < *length) return failed();
        head.keywords.emplace_back(in.substr(0, *length));
        in.remove_prefix(*length);
    }
    waiting_.erase(0, waiting_.size() - in.size());
    left_ = head.size;
    return head;
}

bool is_keyword(std::string_view name) {
    return !name.empty() && name.size() <= longest_keyword && std::ranges::all_of(name, [](char octet) {
        return octet > ' ' && octet < '\x7f' && std::string_view("(){%*\"\\]").find(octet) == std::string_view::npos;
    });
}

} // namespace postern::migration
